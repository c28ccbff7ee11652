package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// world is what the tree knows of an assertion: its own state, and whom the assertion could mean.
type world struct {
	state    tenant.Access
	found    bool // there is such a tree
	restored restore.Mark
	domain   tenant.Standing
	role     people.Role // of who is created
	link     connection.Link
	claim    people.Claim
	known    known
}

// look reads it in two round trips: first by the name id and the address, then who they are. Where the connection's directory knows
// more, it is asked too, but for whom a name id that lasts means.
func (d *door) look(ctx context.Context, a *answer) (*world, error) {
	w, c := &world{}, &a.connection
	linked, gone := table.Want(linkKey(a), &w.link), table.Want(table.ConnectionGoneKey(c.ID, a.identity.Address), &connection.Link{})
	goneToo := table.Want(goneKey(a), &connection.Link{})
	tree, claimed := table.Want(table.AccessKey(c.Root), &w.state), table.Want(table.AddressKey(c.Root, a.identity.Address), &w.claim)
	if err := d.Table.GetMany(ctx, tree, linked, gone, goneToo, claimed, table.Want(restore.Key(c.Root), &w.restored),
		table.Want(table.DomainNameKey(c.Root, a.identity.Domain), &w.domain), table.Want(roleKey(c), &w.role)); err != nil {
		return nil, err
	}
	w.found = tree.Found
	byLink, byClaim := &people.User{ID: w.link.User}, &people.User{ID: w.claim.User}
	if err := d.Table.GetMany(ctx, wantUser(linked.Found, c.Root, w.link.User, byLink), wantUser(claimed.Found && w.claim.User != w.link.User, c.Root, w.claim.User, byClaim)); err != nil {
		return nil, err
	}
	w.known = known{named: map[ground][]*people.User{}, lasting: a.assertion.NameID.Format == samlsp.FormatPersistent, creates: w.role.ID != "", gone: gone.Found || goneToo.Found}
	if linked.Found {
		w.known.named[byNameID] = []*people.User{byLink}
	}
	if claimed.Found {
		if w.claim.User == w.link.User {
			byClaim = byLink
		}
		w.known.named[byAddress] = []*people.User{byClaim}
	}
	if c.Organization != c.Root {
		w.known.organization = c.Organization
	}
	if c.Provisions() && !(w.known.lasting && byLink.Status != "") {
		return w, d.consult(ctx, a, w.known.named)
	}
	return w, nil
}

// goneKey says whether the IdP's directory deleted somebody of the assertion's object id.
func goneKey(a *answer) table.Key {
	object := a.identity.Values[samlsp.ObjectID]
	if object == "" {
		return table.Key{}
	}
	return table.ConnectionGoneKey(a.connection.ID, object)
}

// linkKey is where the name id of an assertion is linked to a user, where it means the same person next time.
func linkKey(a *answer) table.Key {
	if !a.assertion.NameID.Lasting() {
		return table.Key{}
	}
	return connection.LinkKey(a.connection.ID, a.assertion.NameID)
}

// roleKey is the role that the connection gives to people whom nobody knows.
func roleKey(c *connection.Connection) table.Key {
	if c.JustInTime == "" {
		return table.Key{}
	}
	return table.RoleKey(c.Organization, c.JustInTime)
}

func wantUser(is bool, root, user string, into *people.User) *table.Wanted {
	if !is {
		return table.Want(table.Key{}, into)
	}
	return table.Want(table.UserKey(root, user), into)
}

// opens tells whether the tree, the domain and the time let anybody in by the answer, whoever it means.
func (w *world) opens(a *answer) error {
	issued := a.assertion.Issued
	if a.request != nil {
		issued = time.UnixMilli(a.request.Issued)
	}
	switch {
	case !w.found || w.state.Closed():
		return notActive()
	case w.state.Suspended:
		return refusedAs("tree.suspended", paused, "The organization is not suspended.", "")
	case w.restored.Voids(issued):
		return refusedAs("request.void", samlsp.TryAgain, "The sign-in began after the installation was restored from its backup.", "")
	case a.testing():
		return nil
	case !w.domain.Verified || w.domain.Connection != a.connection.ID:
		return refusedAs("domain.lost", samlsp.AskAdministrator, "The address is of a domain that is verified and leads to this connection.",
			"Verify the domain again, and add it to the connection.")
	}
	return nil
}

// accounts says what an administrator is told of a decision to let nobody in, by its code.
var accounts = map[string]struct{ demand, change string }{
	nobodyMeant:  {"The assertion means a user of the organization.", "Invite the person by the address that was received, send the address that the person signs in with, or let the connection create people who are not known."},
	severalMeant: {"The assertion means one user.", "Send a name id or an address that is one person's alone."},
	otherMeant:   {"The name id and the address mean the same user.", "Somebody else signed in with this name id before: have the IdP send a persistent name id, or remove the one who is gone."},
	goneMeant:    {"The user was not removed.", "Invite the person again."},
	inactive:     {"The user is active.", "Activate the user, or take the application from the person at the IdP."},
	withoutRole:  {"The user has a role.", "Give the user a role."},
	outside:      {"The user's address is of a verified domain.", "Have the IdP send the user an address of a verified domain by SCIM, or have the person sign in another way: outsiders do not by SAML."},
	elsewhere:    {"The user is a member of the connection's suborganization.", "Have the person sign in by a connection of the main organization, or move the user."},
}

// refusal is a decision to let nobody in, as an error; nil for one that lets somebody in.
func (d decision) refusal() error {
	if d.why == "" {
		return nil
	}
	account := accounts[d.why]
	r := refusedAs(d.why, noAccess, account.demand, account.change)
	r.user = d.user
	return r
}
