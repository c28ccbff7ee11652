package people

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file is the users whom an identity provider manages by SCIM (SCI-7, SCI-8). Its word about who is active holds in any case,
// also about the last administrator (PER-5): whoever calls tells of it then.

// ManagedBySCIM refuses what the IdP decides of its users (USR-2).
func ManagedBySCIM() error {
	return problem.New(problem.Conflict, "managed-by-scim", "An identity provider manages this user by SCIM: change the person there, or take the person out of what it provisions.")
}

// OutsiderBarred refuses an outsider the role of an administrator (SCI-8).
func OutsiderBarred() error {
	return problem.New(problem.Conflict, "outsider", "The user's address is of no domain that is verified here, so that the user cannot become an administrator. Verify the domain, or choose another role.")
}

// Vouched is an address that an IdP says is somebody's.
type Vouched struct {
	Address string
	// Verified tells that its domain is verified in the tree, so that the IdP's word proves it. Otherwise the user is an outsider, who
	// proves it by an invitation.
	Verified bool
	Held     *Holder // who holds it elsewhere, nil for nobody
}

// Outside has those of the users, as they were read, be outsiders no more whose domain the tree has verified since they came (SCI-8). It
// reads nothing of who is none.
func Outside(ctx context.Context, t *table.Table, users ...*User) error {
	var outsiders []*User
	for _, u := range users {
		if u.Outsider {
			outsiders = append(outsiders, u)
		}
	}
	domains, wants := make([]tenant.Standing, len(outsiders)), make([]*table.Wanted, len(outsiders))
	for i, u := range outsiders {
		wants[i] = tenant.WantStanding(u.Root, u.Email, &domains[i])
	}
	err := t.GetMany(ctx, wants...)
	for i, u := range outsiders {
		u.Outsider = !domains[i].Verified
	}
	return err
}

// Provision creates the user id of the tree root without a role, whom the connection manages. It fails with address-in-use where somebody of
// the tree has the address, or somebody else proved it.
func Provision(tx *table.Tx, id, root, connection string, p Person, address Vouched, active bool, by audit.Actor, now time.Time) *User {
	u := &User{ID: id, Root: root, Name: p.Name, Email: address.Address, Department: p.Department, Language: p.Language, Connection: connection,
		Outsider: !address.Verified, Status: Inactive, Stamp: audit.Made(by, clock.Format(now))}
	switch {
	case active && address.Verified:
		u.Status, u.Proved = Active, true
		claim(tx, u, address.Held, now)
	case active:
		u.Status = Invited
	}
	tx.Create(u.Key(), u, table.ErrChanged)
	tx.Create(table.AddressKey(root, u.Email), Claim{Root: root, User: u.ID}, addressTaken())
	countAddress(tx, u, +1)
	countMember(tx, u, +1)
	return u
}

// TakeOver has the connection manage the user, empty for none: people do from then on.
func TakeOver(edit *table.Change, u *User, connection string, outsider bool) {
	u.Connection, u.Outsider = connection, outsider
	if connection == "" {
		edit.Remove("connection", "outsider")
		return
	}
	edit.Set("connection", connection).Set("outsider", outsider)
}

// Admit lets the user sign in again, or for the first time: an outsider who never proved the address when an invitation is accepted.
func Admit(tx *table.Tx, edit *table.Change, u *User, held *Holder, now time.Time) {
	switch {
	case u.Status == Active:
	case u.Proved || !u.Outsider:
		Activate(tx, edit, u, held, now)
	case u.Status == Inactive:
		u.Status = Invited
		edit.Set("status", u.Status)
	}
}

// Dismiss keeps the user from signing in, at once, whoever it is. administrators are the active ones of the main organization as they
// are; without tells that none is left.
func Dismiss(tx *table.Tx, edit *table.Change, u *User, administrators []string, now time.Time) (without bool) {
	counted := u.countsAsAdministrator()
	deactivate(tx, edit, u, now)
	return counted && depose(tx, u, administrators)
}

// Discharge deletes the user as Remove does, whoever it is.
func Discharge(tx *table.Tx, u *User, administrators []string, now time.Time) (without bool) {
	counted := u.countsAsAdministrator()
	remove(tx, u, now)
	return counted && depose(tx, u, administrators)
}

// depose takes the user out of the set of administrators as it was read: the commit fails with table.ErrChanged where whether
// anybody is left has changed.
func depose(tx *table.Tx, u *User, administrators []string) (without bool) {
	without = len(administrators) <= 1
	size := expression.Size(expression.Name("users"))
	left := size.GreaterThan(expression.Value(1))
	if without {
		left = size.LessThanEqual(expression.Value(1))
	}
	tx.Update(table.Touch(table.AdministratorsKey(u.Root)).Exclude("users", u.ID).If(left, table.ErrChanged))
	return without
}

// Yield has the user, who is inactive, give up the address for whoever gets it next.
func Yield(tx *table.Tx, edit *table.Change, u *User) {
	countAddress(tx, u, -1)
	tx.Delete(table.AddressKey(u.Root, u.Email), 0)
	if u.Proved {
		tx.Delete(table.EmailKey(u.Email), 0)
	}
	u.Email, u.Proved = "", false
	edit.Set("email", "").Set("proved", false)
	if u.Role != "" {
		edit.Move(table.UsersByAddress(u.Root, "", u.ID))
	}
}

// Rehouse gives the user another address on the IdP's word; the old one is free.
func Rehouse(tx *table.Tx, edit *table.Change, u *User, address Vouched, now time.Time) {
	proved := address.Verified && (u.Proved || u.Status == Active) // who is active lost the address at most to another tree
	if u.Email != "" {                                             // which another tree may have taken over
		countAddress(tx, u, -1)
		tx.Delete(table.AddressKey(u.Root, u.Email), 0)
	}
	if u.Proved {
		tx.Delete(table.EmailKey(u.Email), 0)
	}
	u.Email, u.Outsider, u.Proved = address.Address, !address.Verified, proved
	tx.Create(table.AddressKey(u.Root, u.Email), Claim{Root: u.Root, User: u.ID}, addressTaken())
	if proved {
		claim(tx, u, address.Held, now)
	}
	countAddress(tx, u, +1)
	edit.Set("email", u.Email).Set("outsider", u.Outsider).Set("proved", u.Proved)
	if u.Role != "" {
		edit.Move(table.UsersByAddress(u.Root, u.Email, u.ID))
	}
	if u.Status == Active && !proved { // it has to be proved anew
		counted := u.countsAsAdministrator()
		u.Status = Invited
		edit.Set("status", u.Status)
		EndSessions(edit, u)
		settleAdministrator(tx, u, counted)
	}
}
