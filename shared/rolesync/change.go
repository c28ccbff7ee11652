package rolesync

import (
	"cmp"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Outcome is what a run comes to for a user.
type Outcome string

// The outcomes.
const (
	Unchanged    = Outcome(directory.Unchanged)
	RoleGiven    = Outcome(directory.RoleGiven)
	RoleChanged  = Outcome(directory.RoleChanged)
	Moved        = Outcome(directory.Moved)
	WithoutRole  = Outcome(directory.RoleTaken)
	Skipped      = Outcome("skipped")
	FailedChange = Outcome("failed")
)

// The reasons for which a user is passed over, beside those that directory has.
const (
	ChangedSince      = "changed-since"      // by somebody else since the plan was made
	Gone              = "gone"               // deleted since
	Pending           = "pending"            // the mapping, which is for people to apply (SYN-5)
	LastAdministrator = "last-administrator" // nobody else administers the main organization (PER-5)
	RoleMissing       = "role-missing"       // the role is gone
	OutsiderBarred    = "outsider"           // who does not become an administrator (SCI-8)
	NotAllowed        = "not-allowed"        // to whom the run is done for: it takes more rights than theirs (PER-2)
)

// State is whether there is something to do about a user.
type State string

// The states.
const (
	Nothing State = ""
	Planned State = "planned"
	Applied State = "applied"
)

// Given is a role that a user has, with what gave it; the zero one is none.
type Given struct {
	Organization string           `dynamodbav:"organization,omitempty"`
	Role         string           `dynamodbav:"role,omitempty"`
	Source       directory.Source `dynamodbav:"source,omitempty"`
	Group        string           `dynamodbav:"group,omitempty"`
	By           audit.Actor      `dynamodbav:"by,omitempty"` // who gave it
}

func given(a directory.Assignment) Given {
	return Given{Organization: a.Organization, Role: a.Role, Source: a.Source, Group: a.Group}
}

// assignment is what directory knows of it.
func (g Given) assignment() directory.Assignment {
	return directory.Assignment{Organization: g.Organization, Role: g.Role, Source: g.Source, Group: g.Group}
}

// Change is what a run found and did about one user. Users of whom there is nothing to tell have none.
type Change struct {
	User       string  `dynamodbav:"user"`
	Connection string  `dynamodbav:"connection,omitempty"` // that manages the user
	Outcome    Outcome `dynamodbav:"outcome"`
	Reason     string  `dynamodbav:"reason,omitempty"` // why, or why not
	Conflict   bool    `dynamodbav:"conflict,omitempty"`
	From       Given   `dynamodbav:"from"`
	To         Given   `dynamodbav:"to"`
	State      State   `dynamodbav:"state,omitempty"`
	Plan       Outcome `dynamodbav:"plan,omitempty"` // the outcome that was planned, of what was
	Version    int     `dynamodbav:"version"`        // of the user, as it was planned with, or as it was written
	ExpiresAt  int64   `dynamodbav:"expiresAt"`
}

// Key is where the change is stored.
func (c *Change) key(run string) table.Key { return table.SyncChangeKey(run, c.User) }

// Group is the one that decides, or decided.
func (c *Change) Group() string { return cmp.Or(c.To.Group, c.From.Group) }

// skip is the change that passes the user over for the reason.
func (c Change) skip(reason string) Change {
	c.Outcome, c.Reason, c.State = Skipped, reason, Nothing
	return c
}

// present is the role that a user has.
func present(u *people.User) Given {
	g := given(directory.PresentOf(u))
	if g.Role != "" {
		g.By = u.RoleBy
	}
	return g
}

// Changed asks for the changes of a run, in the order of their users.
func Changed(run string, limit int, cursor, about string) table.Question {
	begin := table.SyncChangeKey(run, "")
	return table.Question{PK: begin.PK, Prefix: begin.SK, Limit: limit, Cursor: cursor, About: about}
}
