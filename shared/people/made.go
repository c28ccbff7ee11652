package people

import "github.com/tenantry/tenantry/shared/table"

// Made remembers an API key with its maker, wherever the key is: when that one leaves, the administrators there are told
// (LOG-7). It lives as long as the key.
type Made struct {
	Root         string `dynamodbav:"root"` // the tree of the key
	Organization string `dynamodbav:"organization"`
	Key          string `dynamodbav:"key"`
}

// MadeBy asks for the keys that the user made.
func MadeBy(user string) table.Question {
	begin := table.MadeKey(user, "")
	return table.Question{PK: begin.PK, Prefix: begin.SK}
}
