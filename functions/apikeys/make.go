package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// Limits of keys.
const (
	mostKeys          = 100 // of an organization, those that have ended included; a few more may be made at the same moment
	mostOrganizations = 50  // in which one person makes keys: all of them are told when that one leaves
)

// NewAPIKey is a key to be made.
type NewAPIKey struct {
	Name      string     `json:"name" minLength:"1" maxLength:"100" doc:"What it is for" example:"Nightly export"`
	RoleID    string     `json:"roleId" maxLength:"64" doc:"The role of this organization that it gets"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"When it ends, at most 2 years ahead; absent: it does not"`
	Delicate  bool       `json:"delicate,omitempty" doc:"Whether it may do what takes a recent sign-in of a person"`
}

// MakeInput is the input of POST /v1/organizations/{org}/api-keys.
type MakeInput struct {
	httpapi.About
	Body NewAPIKey
}

// Made is a key that is new.
type Made struct{ Body APIKey }

// Forget removes the secret.
func (m *Made) Forget() { m.Body.Secret = "" }

// make answers POST /v1/organizations/{org}/api-keys.
func (k *keys) make(ctx context.Context, c *access.Caller, in *MakeInput, tx *table.Tx) (*Made, error) {
	key := &people.APIKey{ID: id.New(id.APIKey), Root: c.Organization.Root, Organization: c.Organization.ID, Delicate: in.Body.Delicate,
		Stamp: audit.Made(c.Actor, clock.Format(k.Clock()))}
	if err := k.accept(ctx, c, &in.Body, key); err != nil {
		return nil, err
	}
	if err := k.room(ctx, c, key); err != nil {
		return nil, err
	}
	token, hash := secret.New(secret.Key, key.Root, key.Maker, key.ID)
	key.Hash, key.Hint = hash, token[len(token)-4:]
	k.store(tx, c, key)
	views, err := k.views(ctx, c, []people.APIKey{*key})
	if err != nil {
		return nil, err
	}
	views[0].Secret = token
	return &Made{Body: views[0]}, nil
}

// accept checks what is asked for, and fills it in: the role, never above the caller's (PER-2), the end, and what the key
// inherits from the session or the key that makes it.
func (k *keys) accept(ctx context.Context, c *access.Caller, in *NewAPIKey, key *people.APIKey) (err error) {
	if key.Name, err = people.CheckName("body.name", in.Name); err != nil {
		return err
	}
	role, err := k.role(ctx, c, in.RoleID)
	if err != nil {
		return err
	}
	key.Role, key.Portal = role.ID, role.Portal
	if key.EndsAt, err = k.end(c, in.ExpiresAt); err != nil {
		return err
	}
	if c.Key != nil {
		key.Maker, key.SecondFactor, key.Partner = c.Key.Maker, c.Key.SecondFactor, c.Key.Partner
	} else {
		key.Maker, key.SecondFactor = c.User.ID, c.Session.SecondFactor
	}
	if c.Relation == access.ManagingPartner {
		key.Partner = c.Root
	}
	return nil
}

// role is the role of the organization that the key gets. One of another organization answers like none.
func (k *keys) role(ctx context.Context, c *access.Caller, role string) (*people.Role, error) {
	var own, given people.Role
	wants := []*table.Wanted{table.Want(c.RoleKey(), &own)}
	if id.Valid(id.Role, role) {
		wants = append(wants, table.Want(table.RoleKey(c.Organization.ID, role), &given))
	}
	if err := k.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	if given.ID == "" {
		return nil, problem.Invalid("body.roleId", "is not a role of this organization", role)
	}
	return &given, c.MayGive(&given, &own)
}

// end is when the key ends, 0 for never. One that a key makes ends no later than that one, which could go on for ever
// otherwise.
func (k *keys) end(c *access.Caller, asked *time.Time) (int64, error) {
	if asked == nil {
		if c.Key != nil {
			return c.Key.EndsAt, nil
		}
		return 0, nil
	}
	if err := secret.CheckEnd("body.expiresAt", *asked, k.Clock()); err != nil {
		return 0, err
	}
	if c.Key != nil && c.Key.EndsAt != 0 && asked.Unix() > c.Key.EndsAt {
		return 0, problem.Invalid("body.expiresAt", "must not be later than the end of the key that makes it", *asked)
	}
	return asked.Unix(), nil
}

// room tells whether there is room for one more key, in the organization and of its maker.
func (k *keys) room(ctx context.Context, c *access.Caller, key *people.APIKey) error {
	counts, err := k.Table.Counts(ctx, key.Root, table.KeysCount(key.Organization, ""))
	if err != nil {
		return err
	}
	there := 0
	for _, n := range counts {
		there += n
	}
	if there >= mostKeys {
		return problem.New(problem.Conflict, "too-many-keys", "The organization has %d keys, which is the most. Delete one first.", there)
	}
	made, err := table.All[people.Made](ctx, k.Table, people.MadeBy(key.Maker))
	if err != nil {
		return err
	}
	elsewhere := map[string]bool{}
	for _, m := range made {
		if m.Organization != key.Organization {
			elsewhere[m.Organization] = true
		}
	}
	if len(elsewhere) >= mostOrganizations {
		return problem.New(problem.Conflict, "too-many-keys", "The person has made keys in %d other organizations, which is the most. Delete those of one first, or have somebody else make this key.", len(elsewhere))
	}
	return nil
}

// store writes the key with what belongs to it, and tells all administrators (PER-7).
func (k *keys) store(tx *table.Tx, c *access.Caller, key *people.APIKey) {
	tx.Create(key.Key(), key, table.ErrChanged, table.KeysOf(key.Organization, key.ID))
	tx.Put(table.MadeKey(key.Maker, key.ID), people.Made{Root: key.Root, Organization: key.Organization, Key: key.ID})
	if key.Partner != "" {
		tx.Put(table.AbroadKey(key.Partner, key.ID), people.Made{Root: key.Root, Organization: key.Organization, Key: key.ID})
	}
	gone := problem.New(problem.Conflict, "role-gone", "The role or its organization was removed in the meantime.")
	tx.Count(key.Root, table.KeysCount(key.Organization, key.Role), +1, gone)
	k.Outbox.Post(tx, mail.Letter{Kind: mail.KeyMade, Administrators: key.Root, Data: mail.Data{Organization: c.Organization.Name,
		Key: key.Name, By: c.Display(), At: k.Clock()}})
	event := c.Event("key.made", "key", key.ID)
	event.After = recorded(key)
	k.Trail.Write(tx, event)
}

// recorded is what the audit keeps of a key.
func recorded(key *people.APIKey) map[string]any {
	return map[string]any{"name": key.Name, "roleId": key.Role, "delicate": key.Delicate, "endsAt": key.EndsAt, "maker": key.Maker}
}
