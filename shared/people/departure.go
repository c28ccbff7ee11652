package people

import (
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Departure says since when a user has left.
type Departure struct {
	At int64 `dynamodbav:"at"` // Unix seconds
}

// KeysEnd is when the keys end that the user made, who left; grace is for how long they go on.
func (d Departure) KeysEnd(grace time.Duration) time.Time { return time.Unix(d.At, 0).Add(grace) }

// EndsKeys tells whether they have ended by that time: not of whoever never left.
func (d Departure) EndsKeys(grace time.Duration, now time.Time) bool {
	return d.At != 0 && now.After(d.KeysEnd(grace))
}

// Deactivate keeps the user from signing in, at once. An invited one loses the invitation and is inactive without ever
// having proved the address. It fails with last-administrator where nobody would be left (PER-5).
func Deactivate(tx *table.Tx, edit *table.Change, u *User, now time.Time) {
	counted := u.countsAsAdministrator()
	deactivate(tx, edit, u, now)
	settleAdministrator(tx, u, counted)
}

func deactivate(tx *table.Tx, edit *table.Change, u *User, now time.Time) {
	depart(tx, u, now)
	u.Status, u.Invitation = Inactive, nil
	edit.Set("status", u.Status).Remove("invitation")
	EndSessions(edit, u)
}

// Remove deletes the user with all claims. It fails with last-administrator where nobody would be left (PER-5). Credentials
// and sessions mean nothing without the user; a timer has them erased soon, along with mails that wait (GEN-7).
func Remove(tx *table.Tx, u *User, now time.Time) {
	counted := u.countsAsAdministrator()
	remove(tx, u, now)
	settleAdministrator(tx, u, counted)
}

func remove(tx *table.Tx, u *User, now time.Time) {
	tx.Delete(u.Key(), u.Version)
	if u.Email != "" {
		tx.Delete(table.AddressKey(u.Root, u.Email), 0)
	}
	if u.Proved {
		tx.Delete(table.EmailKey(u.Email), 0)
	}
	countAddress(tx, u, -1)
	countMember(tx, u, -1)
	depart(tx, u, now)
	timer.Set(tx, timer.Person, u.owner(), now)
	u.Status = Inactive
}

// depart marks that the user leaves. Who is invited never came, and was never able to make a key; who is inactive has left
// before, and a later removal does not lengthen the life of that one's keys.
func depart(tx *table.Tx, u *User, now time.Time) {
	if u.Status != Active {
		return
	}
	tx.Put(table.DepartureKey(u.ID), Departure{At: now.Unix()})
}

// settleKeys brings the keys that the user made in line with another role, was being the user before: who does not administer
// any more what was administered leaves like somebody deactivated, since that one would come back by a key, and comes back
// with a role that does.
func settleKeys(tx *table.Tx, was, u *User, now time.Time) (left bool) {
	switch {
	case was.Administrator() && !u.Administers(was.Organization):
		depart(tx, u, now)
		return u.Status == Active
	case u.Status == Active && u.Administrator() && !was.Administers(u.Organization):
		tx.Delete(table.DepartureKey(u.ID), 0)
	}
	return false
}
