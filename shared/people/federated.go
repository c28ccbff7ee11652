package people

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// What is known of the sign-ins by each SSO connection stands in the one item of the method, so that a sign-in writes no more than
// without it: attributes whose names end in the connection.
const (
	countBy = "count/"
	lastBy  = "lastAt/"
	fromBy  = "lastFrom/"
	phoneBy = "phone/"
)

// FederatedSignIns is how a user has signed in by one SSO connection (AUT-5).
type FederatedSignIns struct {
	Connection string // empty: before this was told apart
	Phone      string // as its IdP said the last time
	SignIns
}

// CountSignIn has the change count a sign-in of the user that opens the session s, from the address.
func CountSignIn(tx *table.Tx, u *User, s *Session, address string, now time.Time) {
	edit := table.Touch(table.MethodKey(u.ID, string(s.Method))).Add("count", 1).Set("lastAt", clock.Format(now)).Set("lastFrom", address)
	if by := s.Connection; by != "" {
		edit.Add(countBy+by, 1).Set(lastBy+by, clock.Format(now)).Set(fromBy+by, address)
		if s.Phone != "" {
			edit.Set(phoneBy+by, s.Phone)
		} else {
			edit.Remove(phoneBy + by)
		}
	}
	tx.Update(edit)
}

// Federated are the sign-ins of the item of a method, by SSO connection, the one used last first. all is the same item as it is read
// without telling connections apart.
func Federated(item map[string]any, all SignIns) []FederatedSignIns {
	var by []FederatedSignIns
	rest := all
	for name, value := range item {
		connection, found := strings.CutPrefix(name, countBy)
		count, isNumber := value.(float64)
		if !found || !isNumber {
			continue
		}
		text := func(kind string) string {
			one, _ := item[kind+connection].(string)
			return one
		}
		rest.Count -= int(count)
		by = append(by, FederatedSignIns{Connection: connection, Phone: text(phoneBy), SignIns: SignIns{int(count), text(lastBy), text(fromBy)}})
	}
	slices.SortFunc(by, func(a, b FederatedSignIns) int {
		return cmp.Or(strings.Compare(b.LastAt, a.LastAt), strings.Compare(a.Connection, b.Connection))
	})
	if rest.Count > 0 {
		if len(by) > 0 { // when and from where the last of these was is not known
			rest.LastAt, rest.LastFrom = "", ""
		}
		by = append(by, FederatedSignIns{SignIns: rest})
	}
	return by
}
