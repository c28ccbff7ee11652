package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

type whoAmIOutput struct {
	Body Identity
}

// Identity is who a session or a key stands for.
type Identity struct {
	Type             string                             `json:"type" enum:"user,key" doc:"Whether a person is signed in or a key is used"`
	ID               string                             `json:"id" doc:"Of the person or the key"`
	Name             string                             `json:"name" doc:"Of the person or the key"`
	Email            string                             `json:"email,omitempty" doc:"Of the person"`
	OrganizationID   string                             `json:"organizationId" doc:"The organization of the role"`
	MainOrganization string                             `json:"mainOrganizationId" doc:"The main organization of its tree"`
	OrganizationType tenant.Type                        `json:"mainOrganizationType" enum:"platform,partner,client" doc:"What that one is"`
	SecondFactor     bool                               `json:"secondFactor" doc:"A second factor was given, as acting across trees takes"`
	Delicate         bool                               `json:"delicate" doc:"What is delicate is allowed at the moment, without signing in again"`
	Recovery         bool                               `json:"recovery,omitempty" doc:"The session is for recovery: it reaches Authentication, Domains, SSO and Users, for an hour"`
	Outside          []access.Right                     `json:"rights" doc:"What may be done outside of any one organization"`
	Permissions      map[access.Relation][]access.Right `json:"permissions" doc:"What may be done in an organization, by what one is to it"`
	Organizations    []AdministeredOrganization         `json:"organizations" doc:"The own organization, and for its administrators the first 200 below a main one; clients are in the list of organizations"`
}

// AdministeredOrganization is an organization of the caller's tree.
type AdministeredOrganization struct {
	ID       string          `json:"id" doc:"Its id"`
	Name     string          `json:"name" doc:"Its name"`
	Relation access.Relation `json:"relation" doc:"What one is to it; permissions says what that allows"`
}

// whoAmI tells who is signed in and what may be done where.
func (d *door) whoAmI(ctx context.Context, c *access.Caller, _ *nothing) (*whoAmIOutput, error) {
	home, below := c.Standing()
	own, err := tenant.Read(ctx, d.Table, c.Home)
	if err != nil {
		return nil, err
	}
	out := &whoAmIOutput{Body: Identity{Type: string(c.Actor.Type), ID: c.ID(), OrganizationID: c.Home, MainOrganization: c.Root,
		OrganizationType: c.Access.Type, Delicate: c.Fresh() == nil, Outside: c.RightsOutside(),
		Permissions:   map[access.Relation][]access.Right{home: access.Rights(home)},
		Organizations: []AdministeredOrganization{{own.ID, own.Name, home}}}}
	out.Body.name(c)
	if below == access.OfTree || c.Access.Type != tenant.Client {
		return out, nil
	}
	page, err := table.List[tenant.Organization](ctx, d.Table, table.Question{Index: 1, PK: table.OrganizationsUnder(c.Root, "", "").PK, Limit: table.MaxLimit})
	for _, o := range page.Items {
		out.Body.Organizations = append(out.Body.Organizations, AdministeredOrganization{o.ID, o.Name, below})
	}
	return out, err
}

func (i *Identity) name(c *access.Caller) {
	if c.Key != nil {
		i.Name, i.SecondFactor = c.Key.Name, c.Key.SecondFactor
		return
	}
	i.Name, i.Email, i.SecondFactor = c.User.Name, c.User.Email, c.Session.SecondFactor
	i.Recovery = c.Session.Method == people.ByRecovery
}

// signOut ends the session that asks for it.
func (d *door) signOut(_ context.Context, c *access.Caller, _ *nothing, tx *table.Tx) (*signedOut, error) {
	tx.Delete(table.SessionKey(c.User.ID, c.SessionHash), 0)
	d.Trail.Write(tx, c.Event("session.ended", "session", c.Session.ID))
	return &signedOut{Cookies: []http.Cookie{d.server.SessionCookie("", 0)}}, nil
}

// reauthenticate proves again who is signed in, for what is delicate (PER-6). The session goes on.
func (d *door) reauthenticate(ctx context.Context, c *access.Caller, in *proofInput, tx *table.Tx) (*proved, error) {
	if c.Session.Method == people.BySAML {
		login := d.Config.PublicURL + "/saml/" + c.Session.Connection + "/login?again=1"
		return &proved{Status: http.StatusOK, Body: Elsewhere{Next: "sso", RedirectURL: login}}, nil
	}
	defer d.noteRuns(ctx)()
	a := &account{id: c.User.ID, root: c.Root}
	if err := errors.Join(d.throttle(ctx, a), d.read(ctx, a)); err != nil {
		return nil, err
	}
	right, err := a.VerifyPassword(d.Passwords, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, d.refuse(ctx, a, "password", people.WrongPassword())
	}
	now := d.Clock()
	fresh := table.Touch(table.SessionKey(a.id, c.SessionHash)).IfThere(challengeEnded()).Set("authenticated", now.Unix())
	if a.Enrolled() {
		if err := d.throttleCode(ctx, a); err != nil {
			return nil, err
		}
		right, err := a.UseCode(ctx, tx, d.Keyring, a.id, in.Body.Code, now, people.WrongCode())
		if err != nil {
			return nil, err
		}
		if !right {
			return nil, d.refuse(ctx, a, "code", people.WrongCode())
		}
		fresh.Set("secondFactor", true)
	}
	tx.Update(fresh)
	d.Trail.Write(tx, c.Event("session.reauthenticated", "session", c.Session.ID))
	return &proved{Status: http.StatusNoContent}, nil
}
