// Command install is how an installation gets its first platform administrator, and the way back when the last one is gone
// (INS-1). It has no route: who may invoke it is decided by IAM alone.
//
//	{"action": "administrator", "email": "ada@example.com"}
//
// It answers a link, valid for a day and once, to set a password and a second factor. It refuses an address that signs in
// somewhere else, and changes nothing of a user who is there already until the link is used, but for the role.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// input is the payload of an invocation.
type input struct {
	Action string `json:"action"`
	Email  string `json:"email"`
}

// output is what the operator goes on with. Link is a secret.
type output struct {
	Link           string `json:"link"`
	OrganizationID string `json:"organizationId"`
	UserID         string `json:"userId"`
}

// administrator is the one action there is.
const administrator = "administrator"

// reruns is how often it is begun anew because another installer, or an administrator, was faster.
const reruns = 5

type installer struct{ *start.Services }

// run does the action. It errs for an unknown one, for what is no address, and for an address that signs in elsewhere.
func (i installer) run(ctx context.Context, in input) (*output, error) {
	if in.Action != administrator {
		return nil, fmt.Errorf("unknown action %q: it is %q", in.Action, administrator)
	}
	email, err := people.CheckAddress("email", in.Email)
	if err != nil {
		return nil, err
	}
	for range reruns {
		var out *output
		if out, err = i.attempt(ctx, email); !overtaken(err) {
			return out, err
		}
	}
	return nil, fmt.Errorf("others are changing the same thing all the time: %w", err)
}

func overtaken(err error) bool {
	e := problem.As(err)
	return errors.Is(err, table.ErrChanged) || e != nil && (e.Slug == "platform-exists" || e.Slug == "address-in-use")
}

func (i installer) attempt(ctx context.Context, email string) (*output, error) {
	var claim people.Claim
	if _, err := i.Table.Get(ctx, table.EmailKey(email), &claim); err != nil {
		return nil, err
	}
	platform, err := tenant.ReadPlatform(ctx, i.Table)
	if err != nil {
		return nil, err
	}
	if claim.Root != "" && (platform == nil || claim.Root != platform.ID) {
		return nil, errors.New("the address signs in for another organization: use one of its own for the platform")
	}
	tx := table.NewTx()
	user, token, err := i.setUp(ctx, tx, platform, email)
	if err != nil {
		return nil, err
	}
	i.Trail.Write(tx, audit.Event{Action: "administrator.set-up", Root: user.Root, Organization: user.Root,
		Actor: installed(), Target: audit.Target{Type: "user", ID: user.ID}})
	if err := i.Table.Commit(ctx, tx); err != nil {
		return nil, err
	}
	return &output{Link: i.Config.PublicURL + "/invitation#" + token, OrganizationID: user.Root, UserID: user.ID}, nil
}

// setUp puts the administrator into the change: in a new platform, as a new user, or as the one who has the address.
func (i installer) setUp(ctx context.Context, tx *table.Tx, platform *tenant.Organization, email string) (*people.User, string, error) {
	now := i.Clock()
	if platform == nil {
		platform = &tenant.Organization{Type: tenant.Platform, Name: "Tenantry"}
		tenant.Create(tx, platform, installed(), now)
		role, _ := people.NewRoles(tx, platform.ID, installed(), now)
		user, token := invite(tx, role, email, now)
		return user, token, nil
	}
	role, err := i.administratorRole(ctx, platform.ID)
	if err != nil {
		return nil, "", err
	}
	var claim people.Claim
	found, err := i.Table.Get(ctx, table.AddressKey(platform.ID, email), &claim)
	if err != nil {
		return nil, "", err
	}
	if !found {
		user, token := invite(tx, role, email, now)
		return user, token, nil
	}
	user, err := people.ReadUser(ctx, i.Table, platform.ID, claim.User)
	if err != nil {
		return nil, "", err
	}
	edit := people.Edit(user, installed(), now)
	if !user.AdministersMain() {
		people.Assign(tx, edit, user, role, now)
	}
	token := people.SetUp(edit, user, now)
	tx.Update(edit)
	return user, token, nil
}

func invite(tx *table.Tx, role *people.Role, email string, now time.Time) (*people.User, string) {
	return people.Invite(tx, role.Organization, role, people.Person{Name: email, Email: email, Language: tenant.DefaultLanguage, SetUp: true}, installed(), now)
}

// administratorRole is the built-in role of the platform's administrators.
func (i installer) administratorRole(ctx context.Context, platform string) (*people.Role, error) {
	roles, err := table.All[people.Role](ctx, i.Table, table.Question{PK: table.OrganizationPartition(platform), Prefix: table.RoleKey("", "").SK})
	if err != nil {
		return nil, err
	}
	for _, role := range roles {
		if role.BuiltIn == people.OrganizationAdministrator {
			return &role, nil
		}
	}
	return nil, errors.New("the platform organization has no administrator's role")
}

func installed() audit.Actor { return audit.System("install") }
