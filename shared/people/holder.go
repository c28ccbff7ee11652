package people

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file is what becomes of an address that somebody proves while somebody else signs in by it (LOG-10). It stays the holder's
// but for two cases: the holder's tree is closed (GEN-6), or the other tree has verified the domain of the address, which no two
// trees have at a time. Then the holder keeps the account, in a tree that goes on, without an address to sign in with.

// Holder is who signs in by an address that somebody else is about to prove, with what decides whether it stays that one's.
type Holder struct {
	Claim
	address      string
	user         User
	state        tenant.Access
	organization tenant.Organization // of the user

	taker  string          // the tree of who is about to prove it
	domain tenant.Standing // what that tree knows of the domain of the address
}

// ReadHolder reads who signs in by the address that somebody of the tree root is about to prove, nil for nobody.
func ReadHolder(ctx context.Context, t *table.Table, root, email string) (*Holder, error) {
	h := &Holder{address: email, taker: root}
	found, err := t.Get(ctx, table.EmailKey(email), &h.Claim)
	if err != nil || !found {
		return nil, err
	}
	err = t.GetMany(ctx, table.Want(table.AccessKey(h.Root), &h.state), table.Want(table.UserKey(h.Root, h.User), &h.user),
		tenant.WantStanding(root, email, &h.domain))
	if err != nil || !h.Loses() {
		return h, err
	}
	_, err = t.Get(ctx, tenant.KeyOf(h.user.Organization), &h.organization)
	return h, err
}

// Keeps tells whether the address stays the holder's.
func (h *Holder) Keeps() bool { return h != nil && !h.state.Closed() && !h.outranked() }

// outranked tells whether the tree of who is about to prove the address has verified its domain, and the holder is of another one.
func (h *Holder) outranked() bool { return h.domain.Verified && h.Root != h.taker }

// Loses tells whether somebody who may sign in, now or later, loses the address: a user of another tree that goes on, or of one that
// is closed and not being erased.
func (h *Holder) Loses() bool { return h != nil && !h.Keeps() && !h.state.Erasing && h.user.ID != "" }

// Tell puts into the change by which u gets the address what has to be known where the holder loses it: the audit of both trees, and
// a letter to the holder of a tree that goes on, at the address that is lost.
func (h *Holder) Tell(tx *table.Tx, trail audit.Trail, outbox *mail.Outbox, u *User, now time.Time) {
	if !h.Loses() {
		return
	}
	lost := audit.Event{Action: "user.address-lost", Root: h.Root, Organization: cmp.Or(h.user.Organization, h.Root), Actor: closing(), Target: audit.Target{Type: "user", ID: h.User}}
	if h.state.Closed() {
		trail.Write(tx, lost)
		return
	}
	lost.Actor, lost.After = outranking(), map[string]any{"why": "domain-verified-elsewhere"}
	trail.Write(tx, lost)
	trail.Write(tx, audit.Event{Action: "user.address-taken-over", Root: u.Root, Organization: u.Organization, Actor: outranking(), Target: audit.Target{Type: "user", ID: u.ID}})
	outbox.Post(tx, mail.Letter{Kind: mail.AddressLost, To: h.address, Language: h.user.Language, Owner: h.user.owner(),
		Data: mail.Data{Organization: h.organization.Name, Domain: domainname.Shown(domainname.Of(h.address)), At: now}})
}

func closing() audit.Actor { return audit.System("closing") }

func outranking() audit.Actor { return audit.System("domains") }

// claim has the change make the address, which held holds, the user's. Where the holder keeps it, the commit fails with
// address-in-use.
func claim(tx *table.Tx, u *User, held *Holder, now time.Time) {
	if held == nil || held.Keeps() {
		tx.Create(table.EmailKey(u.Email), Claim{Root: u.Root, User: u.ID}, addressTaken())
		return
	}
	as := expression.Name("root").Equal(expression.Value(held.Root)).And(expression.Name("user").Equal(expression.Value(held.User)))
	tx.Update(table.Touch(table.EmailKey(u.Email)).If(as, table.ErrChanged).Set("root", u.Root).Set("user", u.ID))
	switch {
	case !held.state.Closed():
		tx.Require(table.DomainNameKey(held.taker, domainname.Of(held.address)), held.domain.Same(), table.ErrChanged)
		dispossess(tx, &held.user, now)
	case held.Loses():
		tenant.Take(tx, held.Root, &held.state)
		loseAddress(tx, &held.user, now)
	}
}

// loseAddress makes the user of a closed tree one who never proved the address, even the last administrator: nobody can sign in there
// anyway. The user has to be invited anew should the tree be reopened.
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

// dispossess takes the address from the user, if there still is one, and with it the links that were mailed there. The account goes
// on: what else the user signs in by, and sessions, stay; so does a link to another address, which is the way back.
func dispossess(tx *table.Tx, u *User, now time.Time) {
	if u.ID == "" {
		return
	}
	edit := Edit(u, outranking(), now)
	countAddress(tx, u, -1)
	tx.Delete(table.AddressKey(u.Root, u.Email), 0)
	tx.Delete(ResetLinkKey(u.ID), 0)
	tx.Delete(RecoveryLinkKey(u.ID), 0)
	u.Email, u.Proved, u.Invitation = "", false, nil
	edit.Set("email", "").Set("proved", false).Remove("invitation")
	if u.Role != "" {
		edit.Move(table.UsersByAddress(u.Root, "", u.ID))
	}
	tx.Update(edit)
}
