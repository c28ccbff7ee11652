package people

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Holder is who signs in by an address that somebody else is about to prove, with what decides whether it stays that one's.
type Holder struct {
	Claim
	user  User
	state tenant.Access
}

// ReadHolder reads who signs in by the address, nil for nobody.
func ReadHolder(ctx context.Context, t *table.Table, email string) (*Holder, error) {
	h := &Holder{}
	found, err := t.Get(ctx, table.EmailKey(email), &h.Claim)
	if err != nil || !found {
		return nil, err
	}
	return h, t.GetMany(ctx, table.Want(table.AccessKey(h.Root), &h.state), table.Want(table.UserKey(h.Root, h.User), &h.user))
}

// Keeps tells whether the address stays the holder's: it does unless that one's tree is closed (GEN-6).
func (h *Holder) Keeps() bool { return h != nil && !h.state.Closed() }

// Loses tells whether somebody who may come back loses the address: a user of a tree that is closed and not being erased.
func (h *Holder) Loses() bool {
	return h != nil && h.state.Closed() && !h.state.Erasing && h.user.ID != ""
}

// Event is the line for the audit of the holder's tree where the holder loses the address.
func (h *Holder) Event() audit.Event {
	return audit.Event{Action: "user.address-lost", Root: h.Root, Organization: h.user.Organization, Actor: closing(),
		Target: audit.Target{Type: "user", ID: h.User}}
}

func closing() audit.Actor { return audit.System("closing") }

// claim has the change make the address, which held holds, the user's. Where the holder keeps it, the commit fails with
// address-in-use. Otherwise the holder is inactive from now on, and has to be invited anew should the tree be reopened.
func claim(tx *table.Tx, u *User, held *Holder, now time.Time) {
	if held == nil || held.Keeps() {
		tx.Create(table.EmailKey(u.Email), Claim{Root: u.Root, User: u.ID}, addressTaken())
		return
	}
	as := expression.Name("root").Equal(expression.Value(held.Root)).And(expression.Name("user").Equal(expression.Value(held.User)))
	tx.Update(table.Touch(table.EmailKey(u.Email)).If(as, table.ErrChanged).Set("root", u.Root).Set("user", u.ID))
	if held.Loses() {
		tenant.Take(tx, held.Root, &held.state)
		loseAddress(tx, &held.user, now)
	}
}

// loseAddress makes the user one who never proved the address, even the last administrator: nobody can sign in there anyway.
func loseAddress(tx *table.Tx, u *User, now time.Time) {
	counted, edit := u.countsAsAdministrator(), Edit(u, closing(), now)
	depart(tx, u, now)
	u.Status, u.Proved, u.Invitation = Inactive, false, nil
	edit.Set("status", u.Status).Set("proved", false).Remove("invitation")
	EndSessions(edit, u)
	tx.Update(edit)
	if counted {
		tx.Update(table.Touch(table.AdministratorsKey(u.Root)).Exclude("users", u.ID))
	}
}
