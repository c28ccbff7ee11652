// Package people is the users of a tree, their roles, sessions and API keys, as the table holds them. It refuses to decide
// what anybody may do: that is package access.
package people

import (
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Status is where a user stands.
type Status string

// The states. Only an active user signs in.
const (
	Invited  Status = "invited"
	Active   Status = "active"
	Inactive Status = "inactive"
)

// PortalAccess is what a role is worth in this portal; it is fixed when the role is made (USR-4), which is why users and
// keys carry a copy.
type PortalAccess string

// The worths.
const (
	UserAccess          PortalAccess = "user"
	AdministratorAccess PortalAccess = "administrator"
)

// User is a person of a tree. A user has at most one role and is a member of that role's organization.
type User struct {
	ID           string       `dynamodbav:"id"`
	Root         string       `dynamodbav:"root"`
	Organization string       `dynamodbav:"organization,omitempty"` // of the role
	Role         string       `dynamodbav:"role,omitempty"`
	Portal       PortalAccess `dynamodbav:"portal,omitempty"`
	Name         string       `dynamodbav:"name"`
	Email        string       `dynamodbav:"email"` // the address the user signs in with; empty where another tree took it over (LOG-10)
	Department   string       `dynamodbav:"department,omitempty"`
	Language     string       `dynamodbav:"language,omitempty"`
	Status       Status       `dynamodbav:"status"`
	Proved       bool         `dynamodbav:"proved"`                        // the user holds the address in the whole installation (LOG-10)
	PasswordOff  bool         `dynamodbav:"passwordOff,omitempty"`         // an administrator disabled email and password for this user (AUT-5)
	NeedsFactor  bool         `dynamodbav:"needsFactor,omitempty"`         // and requires a second factor, whatever the tree's policy
	Epoch        int          `dynamodbav:"epoch"`                         // sessions of an older one are void
	Invitation   *Invitation  `dynamodbav:"invitation,omitempty"`          // while invited
	RoleBy       audit.Actor  `dynamodbav:"roleBy,omitempty"`              // who gave the role (USR-5)
	RoleAt       string       `dynamodbav:"roleAt,omitempty"`              // and when
	Connection   string       `dynamodbav:"connection,omitempty"`          // whose IdP manages the user by SCIM; empty: people do
	Groups       []string     `dynamodbav:"groups,stringset,omitempty"`    // of the connection's directory that the user is in
	Grouped      int          `dynamodbav:"grouped,omitempty"`             // how often they changed: a part of the ETag of what its IdP is answered
	RoleGroup    string       `dynamodbav:"roleGroup,omitempty"`           // that gives the role, where a mapped group does
	Conflicts    []string     `dynamodbav:"conflicts,stringset,omitempty"` // the groups, where several that the user is in are mapped (SCI-6)
	Outsider     bool         `dynamodbav:"outsider,omitempty"`            // came by SCIM with an address of no verified domain of the tree (SCI-8); whether it still is none, Outside tells
	audit.Stamp
}

// Invitation is the one that is open: a newer one voids it.
type Invitation struct {
	Hash      string `dynamodbav:"hash"` // of its token
	SentAt    string `dynamodbav:"sentAt"`
	ExpiresAt int64  `dynamodbav:"expiresAt"`
	// Recovery marks a set-up link of the installer (INS-1), which replaces the password and the second factor of a user who
	// may be active.
	Recovery bool `dynamodbav:"recovery,omitempty"`
}

// Key is where the user is stored.
func (u *User) Key() table.Key { return table.UserKey(u.Root, u.ID) }

// Administrator tells whether the user's role administers its organization.
func (u *User) Administrator() bool { return u.Portal == AdministratorAccess }

// AdministersMain tells whether the user administers the main organization of the tree, and so counts for PER-5.
func (u *User) AdministersMain() bool { return u.Administrator() && u.Organization == u.Root }

// Administers tells whether the user administers the organization of the tree.
func (u *User) Administers(org string) bool {
	return u.Administrator() && (u.Organization == org || u.Organization == u.Root)
}

// PasswordFor tells whether the user, whose tree is in that state, may sign in by email and password.
func (u *User) PasswordFor(state *tenant.Access) bool {
	return !u.PasswordOff && (!state.PasswordsOff || u.BreaksGlass(state))
}

// settled tells whether the user came in once, with an address that was proved then; it may have been taken over since.
func (u *User) settled() bool { return u.Proved || u.Email == "" }

// BreaksGlass tells whether the user is one of the tree's named break-glass administrators.
func (u *User) BreaksGlass(state *tenant.Access) bool {
	return u.AdministersMain() && slices.Contains(state.BreakGlass, u.ID)
}

// NeedsSecondFactor tells whether the user, whose tree is in that state, has to have a second factor to sign in by password.
func (u *User) NeedsSecondFactor(state *tenant.Access) bool {
	return u.NeedsFactor || state.NeedsSecondFactor(u.Administrator())
}

// Places are the lists that a user with a role stands in: by name in the organization, by address in the tree. Who has none stands
// in none (USR-3).
func (u *User) Places() []table.Place {
	if u.Role == "" {
		return nil
	}
	return []table.Place{table.UsersByName(u.Organization, u.Name, u.ID), table.UsersByAddress(u.Root, u.Email, u.ID)}
}

// Claim says whose an address is: in its tree (table.AddressKey) or in the installation (table.EmailKey).
type Claim struct {
	Root string `dynamodbav:"root"`
	User string `dynamodbav:"user"`
}
