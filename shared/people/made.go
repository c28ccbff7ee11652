package people

import "github.com/tenantry/tenantry/shared/table"

// Made remembers an API key with its maker, wherever the key is: when that one leaves, the administrators there are told
// (LOG-7). It lives as long as the key.
type Made struct {
	Root         string `dynamodbav:"root"` // the tree of the key
	Organization string `dynamodbav:"organization"`
	Key          string `dynamodbav:"key"`
}

// RemoveKey has the change delete the key with what remembers it. It fails with table.ErrChanged where the key is gone.
func RemoveKey(tx *table.Tx, key *APIKey) {
	tx.DeleteExisting(key.Key(), table.ErrChanged)
	tx.Delete(table.MadeKey(key.Maker, key.ID), 0)
	if key.Partner != "" {
		tx.Delete(table.AbroadKey(key.Partner, key.ID), 0)
	}
	tx.Count(key.Root, table.KeysCount(key.Organization, key.Role), -1, table.ErrChanged)
}

// MadeBy asks for the keys that the user made.
func MadeBy(user string) table.Question {
	begin := table.MadeKey(user, "")
	return table.Question{PK: begin.PK, Prefix: begin.SK}
}
