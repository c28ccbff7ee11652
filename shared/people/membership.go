package people

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// This file, and departure.go, are the only places where users come, go, and change their role: what belongs together (the user, the claims
// on the address, the counts, the set of administrators, the epoch) changes together.

// InvitationLasts is how long an invitation can be accepted (LOG-9).
const InvitationLasts = 7 * 24 * time.Hour

// setUpLasts is how long a set-up link of the installer can be used (INS-1).
const setUpLasts = 24 * time.Hour

// Person is what is known of somebody who is invited. SetUp makes the invitation the installer's, which ends sooner.
type Person struct {
	Name, Email, Language, Department string
	SetUp                             bool
}

// NewRoles creates the two roles that every organization has.
func NewRoles(tx *table.Tx, org string, by audit.Actor, now time.Time) (administrator, user *Role) {
	administrator = &Role{ID: id.New(id.Role), Organization: org, Name: administratorName, BuiltIn: OrganizationAdministrator,
		Portal: AdministratorAccess, Workspaces: WorkspacesL2, Analyzer: true, Stamp: audit.Made(by, clock.Format(now))}
	user = &Role{ID: id.New(id.Role), Organization: org, Name: userName, BuiltIn: OrdinaryUser,
		Portal: UserAccess, Workspaces: WorkspacesNone, Stamp: audit.Made(by, clock.Format(now))}
	for _, role := range []*Role{administrator, user} {
		tx.Create(table.RoleKey(org, role.ID), role, table.ErrChanged)
	}
	return administrator, user
}

// Invite creates a user of the tree root who has the role once the invitation is accepted, and gives the invitation's
// token. The address is held in the tree from now on, and anywhere else only when it is proved (LOG-10).
func Invite(tx *table.Tx, root string, role *Role, p Person, by audit.Actor, now time.Time) (u *User, token string) {
	u = &User{ID: id.New(id.User), Root: root, Organization: role.Organization, Role: role.ID, Portal: role.Portal,
		Name: p.Name, Email: p.Email, Department: p.Department, Language: p.Language, Status: Invited,
		RoleBy: by, RoleAt: clock.Format(now), Stamp: audit.Made(by, clock.Format(now))}
	token, hash := secret.New(secret.Invitation, root, u.ID)
	u.Invitation = &Invitation{Hash: hash, SentAt: clock.Format(now), ExpiresAt: now.Add(InvitationLasts).Unix()}
	if p.SetUp {
		u.Invitation.ExpiresAt = now.Add(setUpLasts).Unix()
	}
	tx.Create(u.Key(), u, table.ErrChanged, u.Places()...)
	tx.Create(table.AddressKey(root, u.Email), Claim{Root: root, User: u.ID}, addressTaken())
	countAddress(tx, u, +1)
	countMember(tx, u, +1)
	return u, token
}

// Join creates an active user of the tree root with the role, whose address an identity provider of its domain proved; held is who
// holds the address elsewhere, nil for nobody. It fails with address-in-use as Activate does.
func Join(tx *table.Tx, root string, role *Role, p Person, held *Holder, by audit.Actor, now time.Time) *User {
	u := &User{ID: id.New(id.User), Root: root, Organization: role.Organization, Role: role.ID, Portal: role.Portal, Name: p.Name, Email: p.Email,
		Department: p.Department, Language: p.Language, Status: Active, Proved: true, Stamp: audit.Made(by, clock.Format(now))}
	tx.Create(u.Key(), u, table.ErrChanged, u.Places()...)
	tx.Create(table.AddressKey(root, u.Email), Claim{Root: root, User: u.ID}, table.ErrChanged)
	claim(tx, u, held, now)
	countAddress(tx, u, +1)
	countMember(tx, u, +1)
	settleAdministrator(tx, u, false)
	return u
}

// Reinvite gives the user a new invitation, which voids the older one. Somebody inactive who never proved the address is
// invited again by it.
func Reinvite(edit *table.Change, u *User, now time.Time) (token string) {
	token, hash := secret.New(secret.Invitation, u.Root, u.ID)
	u.Invitation = &Invitation{Hash: hash, SentAt: clock.Format(now), ExpiresAt: now.Add(InvitationLasts).Unix()}
	edit.Set("invitation", u.Invitation)
	if u.Status == Inactive && !u.settled() {
		u.Status = Invited
		edit.Set("status", u.Status)
	}
	return token
}

// SetUp gives a user who is there already, whatever the state, a link that replaces the password and the second factor when
// it is used (INS-1). Until then nothing of the user changes.
func SetUp(edit *table.Change, u *User, now time.Time) (token string) {
	token, hash := secret.New(secret.Invitation, u.Root, u.ID)
	u.Invitation = &Invitation{Hash: hash, SentAt: clock.Format(now), ExpiresAt: now.Add(setUpLasts).Unix(), Recovery: true}
	edit.Set("invitation", u.Invitation)
	return token
}

// Edit begins a versioned change of the user, who changes along in memory. It is finished with tx.Update.
func Edit(u *User, by audit.Actor, now time.Time) *table.Change {
	edit := table.Edit(u.Key(), u.Version).Set("updatedAt", clock.Format(now)).Set("updatedBy", by)
	u.Version++
	u.UpdatedAt, u.UpdatedBy = clock.Format(now), by
	return edit
}

// Rename gives the user another name, in the lists too.
func Rename(edit *table.Change, u *User, name string) {
	u.Name = name
	edit.Set("name", name)
	if u.Role != "" {
		edit.Move(table.UsersByName(u.Organization, u.Name, u.ID))
	}
}

// Assign gives the user another role, and so moves the user to the role's organization. Sessions end, since what they were
// opened for has changed. It fails with last-administrator where nobody would be left (PER-5). keysEnd tells that the user
// administers less than before, so that the keys that the user made end, and the administrators are to be told.
func Assign(tx *table.Tx, edit *table.Change, u *User, role *Role, now time.Time) (keysEnd bool) {
	return AssignByGroup(tx, edit, u, role, "", now)
}

// AssignByGroup is Assign where the mapping of a group gives the role; an empty group is none.
func AssignByGroup(tx *table.Tx, edit *table.Change, u *User, role *Role, group string, now time.Time) (keysEnd bool) {
	was, counted := *u, u.countsAsAdministrator()
	countMember(tx, u, -1)
	u.Organization, u.Role, u.Portal = role.Organization, role.ID, role.Portal
	countMember(tx, u, +1)
	Attribute(edit, u, group, now)
	edit.Set("organization", u.Organization).Set("role", u.Role).Set("portal", u.Portal)
	if u.Connection != "" && !u.Outsider { // who may have been one until now
		edit.Set("outsider", false)
	}
	for _, place := range u.Places() {
		edit.Move(place)
	}
	EndSessions(edit, u)
	settleAdministrator(tx, u, counted)
	return settleKeys(tx, &was, u, now)
}

// Attribute notes what gives the user the role that the user has: the mapping of a group, or, where that is empty, whoever makes this
// edit.
func Attribute(edit *table.Change, u *User, group string, now time.Time) {
	u.RoleBy, u.RoleAt, u.RoleGroup = u.UpdatedBy, clock.Format(now), group
	edit.Set("roleBy", u.RoleBy).Set("roleAt", u.RoleAt).Remove("roleGroup")
	if group != "" {
		edit.Set("roleGroup", group)
	}
}

// Unassign takes the role from the user, who is in no organization then and stands in no list. It fails and tells as Assign does.
func Unassign(tx *table.Tx, edit *table.Change, u *User, now time.Time) (keysEnd bool) {
	was, counted := *u, u.countsAsAdministrator()
	countMember(tx, u, -1)
	u.Organization, u.Role, u.Portal = "", "", ""
	countMember(tx, u, +1)
	Attribute(edit, u, "", now)
	edit.Remove("organization", "role", "portal")
	for _, place := range was.Places() {
		edit.Leave(place.Index)
	}
	EndSessions(edit, u)
	settleAdministrator(tx, u, counted)
	return settleKeys(tx, &was, u, now)
}

// Readdress gives an active user another address, which the user proved; the old one, if there is one, is free. It fails with address-in-use where
// somebody else of the tree has it, or proved it first; held is who did, as in Activate.
func Readdress(tx *table.Tx, edit *table.Change, u *User, email string, held *Holder, now time.Time) {
	countAddress(tx, u, -1)
	if u.Email != "" {
		tx.Delete(table.AddressKey(u.Root, u.Email), 0)
		tx.Delete(table.EmailKey(u.Email), 0)
	}
	u.Email, u.Proved = email, true
	tx.Create(table.AddressKey(u.Root, email), Claim{Root: u.Root, User: u.ID}, addressTaken())
	claim(tx, u, held, now)
	countAddress(tx, u, +1)
	edit.Set("email", email).Set("proved", true)
	if u.Role != "" {
		edit.Move(table.UsersByAddress(u.Root, email, u.ID))
	}
}

// EndSessions voids every session of the user, by the epoch that each was opened with.
func EndSessions(edit *table.Change, u *User) {
	u.Epoch++
	edit.Set("epoch", u.Epoch)
}

// Activate lets an invited user who proved the address, or an inactive one, sign in: from now on the address is the user's
// in the whole installation. It fails with address-in-use where somebody else proved it first; held is who did, nil for
// nobody, and loses it where that one's tree is closed. Who never proved the address is not activated by an administrator
// but invited again.
func Activate(tx *table.Tx, edit *table.Change, u *User, held *Holder, now time.Time) {
	counted := u.countsAsAdministrator()
	if u.Status == Inactive && u.settled() && u.Administrator() {
		tx.Delete(table.DepartureKey(u.ID), 0)
	}
	if !u.settled() {
		claim(tx, u, held, now)
		u.Proved = true
		edit.Set("proved", true)
	}
	u.Status, u.Invitation = Active, nil
	edit.Set("status", u.Status).Remove("invitation")
	settleAdministrator(tx, u, counted)
}

// countAddress counts the user on the domain of the address, registered or not (DOM-1).
func countAddress(tx *table.Tx, u *User, n int) {
	if u.Email == "" {
		return
	}
	tx.Count(u.Root, table.AddressesCount(domainname.Of(u.Email)), n, nil)
}

// countMember counts the user on the role, or among those of the tree who have none (USR-3).
func countMember(tx *table.Tx, u *User, n int) {
	if u.Role == "" {
		tx.Count(u.Root, table.WithoutRoleCount(), n, nil)
		return
	}
	gone := problem.New(problem.Conflict, "role-gone", "The role or its organization was removed in the meantime.")
	tx.Count(u.Root, table.MembersCount(u.Organization, u.Role), n, gone)
}

// countsAsAdministrator tells whether the user stands in the set of active administrators of the main organization.
func (u *User) countsAsAdministrator() bool { return u.Status == Active && u.AdministersMain() }

// settleAdministrator brings the set of administrators in line with what became of the user. Taking out the last one fails.
func settleAdministrator(tx *table.Tx, u *User, counted bool) {
	switch counts := u.countsAsAdministrator(); {
	case counts && !counted:
		tx.Update(table.Touch(table.AdministratorsKey(u.Root)).Include("users", u.ID))
	case counted && !counts:
		others := expression.Size(expression.Name("users")).GreaterThan(expression.Value(1))
		last := problem.New(problem.Conflict, "last-administrator", "The organization would be left without an administrator who can sign in. Make somebody else one first.")
		tx.Update(table.Touch(table.AdministratorsKey(u.Root)).Exclude("users", u.ID).If(others, last))
	}
}

func addressTaken() error {
	return problem.New(problem.Conflict, "address-in-use", "The address is in use already.")
}
