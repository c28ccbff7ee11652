package access

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// touchEvery is how often a last use is written at most (LOG-6, LOG-7).
const touchEvery = 5 * time.Minute

// Gate identifies callers.
type Gate struct {
	Table     *table.Table
	Lifetimes people.Lifetimes
	KeyGrace  time.Duration // how long a key lives on after the person who made it has left
	Clock     clock.Clock
}

// Request is what a caller sent.
type Request struct {
	Token        string // a session's or a key's
	Organization string // the one the URL names, empty where it names none
	Operation    string // what is asked for, as METHOD /path/{parameter}; empty: something outside of the API
	Address      string
	ID           string
}

// Identify says who sent the request: Unauthenticated for nobody, and for whoever was somebody until now; suspended for the
// people of a suspended tree; recovery-only for what a session for recovery is not for. Those of a closed one are nobody. Whether the organization of the request exists for the caller is then in Relation. It
// costs one round trip, and one more for a partner inside a client's suborganization.
func (g *Gate) Identify(ctx context.Context, r Request) (*Caller, error) {
	if parts, hash, err := secret.Parse(secret.Session, r.Token); err == nil && len(parts) == 2 {
		return g.bySession(ctx, r, parts[0], parts[1], hash)
	}
	parts, hash, err := secret.Parse(secret.Key, r.Token)
	if err == nil && len(parts) == 3 {
		return g.byKey(ctx, r, parts[0], parts[1], parts[2], hash)
	}
	if err == secret.ErrMistyped {
		return nil, problem.New(problem.Unauthenticated, "mistyped-key", "The key's checksum is wrong: a part of it is missing or was mistyped.")
	}
	return nil, signInFirst()
}

func signInFirst() error {
	return problem.New(problem.Unauthenticated, "unauthenticated", "Sign in first, or send an API key that is valid.")
}

func (g *Gate) bySession(ctx context.Context, r Request, root, user, hash string) (*Caller, error) {
	var session people.Session
	var person people.User
	var access tenant.Access
	var organization tenant.Organization
	var restored restore.Mark
	asked := tenant.KeyOf(r.Organization)
	found := []*table.Wanted{table.Want(table.SessionKey(user, hash), &session), table.Want(table.UserKey(root, user), &person),
		table.Want(table.AccessKey(root), &access), table.Want(asked, &organization), table.Want(restore.Key(root), &restored)}
	if err := g.Table.GetMany(ctx, found...); err != nil {
		return nil, err
	}
	now := g.Clock()
	if !found[0].Found || !found[1].Found || !found[2].Found || session.Ended(now, g.Lifetimes, person.Portal) {
		return nil, signInFirst()
	}
	if holds, err := Holds(ctx, g.Table, &session, &person, &access, restored); !holds || err != nil {
		return nil, cmp.Or(err, signInFirst())
	}
	c := &Caller{Actor: audit.Actor{Type: audit.ByUser, ID: user}, Root: root, Home: person.Organization, Portal: person.Portal, Access: access,
		User: &person, Session: &session, SessionHash: hash, Restored: restored, Address: r.Address, Request: r.ID, now: now}
	g.seen(ctx, &session, &access, table.SessionKey(user, hash), now)
	return c, cmp.Or(g.place(ctx, c, found[3].Found, &organization, r.Organization), c.reaches(r.Operation))
}

// byKey identifies an API key. Its token names the person who made it, since a key ends some days after that one left.
func (g *Gate) byKey(ctx context.Context, r Request, root, maker, key, hash string) (*Caller, error) {
	var stored people.APIKey
	var left people.Departure
	var access tenant.Access
	var organization tenant.Organization
	var restored restore.Mark
	found := []*table.Wanted{table.Want(table.KeyKey(root, key), &stored), table.Want(table.AccessKey(root), &access),
		table.Want(tenant.KeyOf(r.Organization), &organization), table.Want(table.DepartureKey(maker), &left), table.Want(restore.Key(root), &restored)}
	if err := g.Table.GetMany(ctx, found...); err != nil {
		return nil, err
	}
	now := g.Clock()
	ended := stored.Ended(now) || left.EndsKeys(g.KeyGrace, now)
	if !found[0].Found || !found[1].Found || access.Closed() || ended || !secret.Equal(stored.Hash, hash) {
		return nil, signInFirst()
	}
	if stored.Held(restored) {
		return nil, problem.New(problem.Forbidden, "key-held", "The installation was restored from a backup. The key works again when an administrator of its organization has confirmed it.")
	}
	if holds, err := g.granted(ctx, &stored); !holds {
		return nil, err
	}
	c := &Caller{Actor: audit.Actor{Type: audit.ByKey, ID: key}, Root: root, Home: stored.Organization, Portal: stored.Portal,
		Access: access, Key: &stored, Orphan: found[3].Found, Restored: restored, Address: r.Address, Request: r.ID, now: now}
	if used, _ := time.Parse(time.RFC3339, stored.LastUsedAt); now.Sub(used) > touchEvery {
		g.touch(ctx, table.Touch(stored.Key()).IfThere(table.ErrChanged).Set("lastUsedAt", clock.Format(now)).Set("lastUsedFrom", r.Address))
	}
	return c, g.place(ctx, c, found[2].Found, &organization, r.Organization)
}

// granted tells whether what a partner's people made in a client's tree still holds: only while the client has them manage it.
func (g *Gate) granted(ctx context.Context, key *people.APIKey) (bool, error) {
	if key.Partner == "" {
		return true, nil
	}
	var client tenant.Organization
	if _, err := g.Table.Get(ctx, table.OrganizationKey(key.Root), &client); err != nil {
		return false, err
	}
	if !grants(&client, key) {
		return false, signInFirst()
	}
	return true, nil
}

// grants tells whether the main organization of a key's tree lets it be used: one that a partner's people made, as long as it has them manage it.
func grants(of *tenant.Organization, key *people.APIKey) bool {
	return key.Partner == "" || of.Partner == key.Partner && of.PartnerAccess == tenant.ManageAccess
}

// touch writes a last use; that it could not be written stops nobody.
func (g *Gate) touch(ctx context.Context, change *table.Change) {
	if _, err := g.Table.Apply(ctx, change); err != nil {
		slog.WarnContext(ctx, "a last use was not written", "error", err)
	}
}

// Writable tells whether something of the tree of the caller's Organization may be changed: nil, or why not. A closed tree is
// left alone but for what says that it goes on while closed, and one that is being erased by everybody (GEN-6). Its own
// people and keys are nobody then, so it is asked for others only; for that it costs a round trip.
func (g *Gate) Writable(ctx context.Context, c *Caller, whileClosed bool) error {
	if c.Across() == "" || c.Relation == Stranger {
		return nil
	}
	var state tenant.Access
	if _, err := g.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state); err != nil {
		return err
	}
	switch {
	case state.Erasing:
		return tenant.BeingErased()
	case state.Closed() && !whileClosed:
		return tenant.ClosedFirst()
	}
	return nil
}

// place sets what the caller is to the organization that the request names.
func (g *Gate) place(ctx context.Context, c *Caller, found bool, o *tenant.Organization, asked string) error {
	if c.Access.Suspended {
		return tenant.Suspended()
	}
	if asked == "" {
		return nil
	}
	c.Organization, c.Relation = o, Stranger
	if !found {
		return nil
	}
	if o.Main() {
		c.Main = o
	}
	if c.Access.Type == tenant.Partner && o.Type == tenant.Suborganization {
		c.Main = &tenant.Organization{}
		if _, err := g.Table.Get(ctx, table.OrganizationKey(o.Root), c.Main); err != nil {
			return err
		}
	}
	c.Relation = relate(c, o)
	if c.Relation != Stranger {
		c.Actor.Across = c.Across()
	}
	return nil
}

// relate says what the caller is to an organization that exists.
func relate(c *Caller, o *tenant.Organization) Relation {
	administrator := c.Portal == people.AdministratorAccess
	ofMain := administrator && c.Home == c.Root
	switch {
	case ofMain && c.Access.Type == tenant.Platform:
		return PlatformAdministrator
	case o.Root == c.Root:
		return relateInside(c, o, administrator, ofMain)
	case ofMain && c.Access.Type == tenant.Partner && c.Main != nil && c.Main.Partner == c.Root:
		switch c.Main.PartnerAccess {
		case tenant.ManageAccess:
			return ManagingPartner
		case tenant.ReadAccess:
			return ReadingPartner
		}
	}
	return Stranger
}

func relateInside(c *Caller, o *tenant.Organization, administrator, ofMain bool) Relation {
	switch {
	case ofMain:
		return MainAdministrator
	case o.ID != c.Home:
		return OfTree
	case administrator:
		return OwnAdministrator
	}
	return Member
}
