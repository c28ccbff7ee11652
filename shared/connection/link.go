package connection

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// Link says who signed in by a connection with a name id: whom that name id means from then on (LOG-3). It outlives its user, so
// that who was removed does not come back as somebody new, and holds no name and no address.
type Link struct {
	User string `dynamodbav:"user"`
}

// LinkKey is where the link of a name id is stored, by its hash: name ids are addresses often enough. Its format and qualifiers
// are part of it (core 8.3.7).
func LinkKey(connection string, name samlsp.NameID) table.Key {
	return table.ConnectionNameKey(connection, hashed(connection, name.Format, name.NameQualifier, name.SPNameQualifier, name.Value))
}

// UsedKey is where it is remembered that an assertion of the connection's IdP was used.
func UsedKey(connection, assertion string) table.Key {
	return table.OnceKey(hashed("assertion", connection, assertion))
}

// hashed is a hash of texts with their borders.
func hashed(texts ...string) string {
	sum := sha256.New()
	for _, text := range texts {
		one := sha256.Sum256([]byte(text))
		sum.Write(one[:])
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// Junk has the count of what came to the connection that no trusted signature covers, by the check that it failed. It is kept for
// a day each, and no more of it: anybody could have sent it.
func Junk(connection, day string, check samlsp.Check) *table.Change {
	return table.Touch(table.ConnectionJunkKey(connection, day)).Add(strings.ReplaceAll(string(check), ".", "_"), 1)
}

// Junked is how often something came to a connection on a day that no trusted signature covers, by the check that it failed.
type Junked struct {
	Day   string // as 2006-01-02
	Check samlsp.Check
	Count int
}

// ReadJunk reads what is counted of a connection, the latest day first.
func ReadJunk(ctx context.Context, t *table.Table, connection string) (all []Junked, err error) {
	first := table.ConnectionJunkKey(connection, "")
	days, err := table.All[map[string]any](ctx, t, table.Question{PK: first.PK, Prefix: first.SK, Descending: true})
	for _, day := range days {
		sk, _ := day["sk"].(string)
		for _, name := range slices.Sorted(maps.Keys(day)) {
			if n, counts := day[name].(float64); counts && name != "expiresAt" {
				all = append(all, Junked{strings.TrimPrefix(sk, first.SK), samlsp.Check(strings.ReplaceAll(name, "_", ".")), int(n)})
			}
		}
	}
	return all, err
}
