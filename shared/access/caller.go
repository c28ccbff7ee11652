// Package access says who is calling and what they may do. Everything is decided on what is stored at that moment (PER-1), by
// one function on one table of permissions, for one round trip to the table.
//
//	caller, err := gate.Identify(ctx, access.Request{Token: token, Organization: org})
//	err = caller.May(access.EditGeneral)
//
// The package refuses whatever is not allowed by a line of the table: an unknown right, relation or state is a refusal.
package access

import (
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/tenant"
)

// freshFor is how long a sign-in stands for what is delicate (PER-6).
const freshFor = 10 * time.Minute

// Caller is who makes a request, and about which organization. User and Session are nil for an API key, Key is nil for a
// person. Organization is nil where the URL names none, then Relation is empty.
type Caller struct {
	Actor        audit.Actor
	Root         string // the caller's own tree
	Home         string // the organization of the caller's role
	Portal       people.PortalAccess
	Access       tenant.Access // the state of the caller's own tree
	User         *people.User
	Session      *people.Session
	SessionHash  string
	Key          *people.APIKey
	Orphan       bool // of a key: the person who made it has left
	Organization *tenant.Organization
	Main         *tenant.Organization // the main organization of Organization's tree, where it was read; see Gate
	Relation     Relation
	Restored     restore.Mark // what was made before it proves nothing (INS-6)
	Address      string       // where the request came from
	Request      string       // its id
	now          time.Time
}

// May tells whether the caller has a right: nil, the same NotFound as for what does not exist, Forbidden, or what else it
// takes (a second factor to act across trees).
func (c *Caller) May(right Right) error {
	if right == SignedIn {
		return nil
	}
	if c.Organization == nil {
		return c.mayOutside(right)
	}
	if c.Relation == Stranger {
		return problem.Missing()
	}
	if !Allows(c.Relation, right) {
		return problem.Refused("Your role does not include this. Ask an administrator of the organization.")
	}
	return c.proven()
}

func (c *Caller) mayOutside(right Right) error {
	if c.Portal != people.AdministratorAccess || c.Home != c.Root || !installation[c.Access.Type][right] {
		return problem.Refused("Your role does not include this.")
	}
	return c.withSecondFactor()
}

// proven asks for a second factor where the caller acts on another tree (PER-3).
func (c *Caller) proven() error {
	if c.Organization.Root == c.Root {
		return nil
	}
	return c.withSecondFactor()
}

func (c *Caller) withSecondFactor() error {
	if c.Key != nil && c.Key.SecondFactor || c.Session != nil && c.Session.SecondFactor {
		return nil
	}
	return problem.New(problem.Forbidden, "second-factor-required", "Acting for other organizations takes a sign-in with a second factor.")
}

// Fresh tells whether the caller may do what is delicate: nil, or the reauthentication-required of PER-6 with the ways to
// sign in again. A key may only when it was made for that, and until its maker leaves: somebody who knows it could come
// back by it otherwise. A session for recovery is fresh for the hour that it lasts, for what it reaches: it cannot be proved again.
func (c *Caller) Fresh() error {
	if c.Key != nil {
		if c.Orphan {
			return problem.Refused("The person who made this key has left: it does nothing delicate any more. Make a new one.")
		}
		if c.Key.Delicate {
			return nil
		}
		return problem.Refused("This key was made without the scope for delicate changes. Make one with it, or sign in.")
	}
	if c.Recovering() || c.now.Sub(time.Unix(c.Session.AuthenticatedAt, 0)) <= freshFor {
		return nil
	}
	e := problem.New(problem.Forbidden, "reauthentication-required", "This takes a sign-in within the last 10 minutes. Sign in again by one of the ways, then repeat.")
	e.Ways = c.ways()
	return e
}

// ways are how the caller's session is made a fresh one: as it was opened, or by password where that cannot be proved again, as
// with Google.
func (c *Caller) ways() []string {
	switch {
	case c.Session.Method != people.ByGoogle:
		return []string{string(c.Session.Method)}
	case c.User.PasswordFor(&c.Access):
		return []string{string(people.ByPassword)}
	}
	return nil
}

// Across says how the caller stands outside of the tree of its Organization, for the audit: platform, partner, or empty.
func (c *Caller) Across() string {
	if c.Organization == nil || c.Organization.Root == c.Root {
		return ""
	}
	return string(c.Access.Type)
}

// ID is the caller's id, of the user or of the key.
func (c *Caller) ID() string { return c.Actor.ID }

// Display is how mails name the caller: a person by name and address, a key by its name.
func (c *Caller) Display() string {
	if c.Key != nil {
		return fmt.Sprintf("the API key %q", c.Key.Name)
	}
	return c.User.Display()
}

// Event begins an audit event of what the caller does in its Organization, or, where the request names none, in its own tree.
func (c *Caller) Event(action, targetType, target string) audit.Event {
	event := audit.Event{Action: action, Root: c.Root, Organization: c.Home, Actor: c.Actor, Across: c.Across(),
		Target: audit.Target{Type: targetType, ID: target}, Address: c.Address, Request: c.Request}
	if c.Organization != nil {
		event.Root, event.Organization = c.Organization.Root, c.Organization.ID
	}
	return event
}
