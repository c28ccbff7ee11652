package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// setUpLink is what the operator goes on with. Link is a secret.
type setUpLink struct {
	Link           string `json:"link"`
	OrganizationID string `json:"organizationId"`
	UserID         string `json:"userId"`
}

// reruns is how often it is begun anew because another installer, or an administrator, was faster.
const reruns = 5

// administrator makes somebody a platform administrator. It errs for what is no address, and for an address that signs in
// elsewhere.
func (i installer) administrator(ctx context.Context, address string) (*setUpLink, error) {
	email, err := people.CheckAddress("email", address)
	if err != nil {
		return nil, err
	}
	for range reruns {
		var out *setUpLink
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

func (i installer) attempt(ctx context.Context, email string) (*setUpLink, error) {
	platform, err := tenant.ReadPlatform(ctx, i.Table)
	if err != nil {
		return nil, err
	}
	root := ""
	if platform != nil {
		root = platform.ID
	}
	held, err := people.ReadHolder(ctx, i.Table, root, email)
	if err != nil {
		return nil, err
	}
	if held.Keeps() && (platform == nil || held.Root != platform.ID) {
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
	return &setUpLink{Link: i.Config.PublicURL + "/invitation#" + token, OrganizationID: user.Root, UserID: user.ID}, nil
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
