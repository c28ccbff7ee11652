package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// APIKey is a key of an organization as the API shows it.
type APIKey struct {
	ID           string       `json:"id" doc:"Its id" example:"key_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name         string       `json:"name" doc:"What it is for"`
	RoleID       string       `json:"roleId" doc:"The role of the organization that it has"`
	Delicate     bool         `json:"delicate" doc:"It may do what takes a recent sign-in of a person"`
	Hint         string       `json:"hint" doc:"The last characters of the secret, to recognise it by"`
	Secret       string       `json:"secret,omitempty" doc:"The key itself: only in the answer that made it, never again"`
	Held         bool         `json:"held" doc:"The installation was restored from a backup since the key was made: it works again once an administrator has confirmed it"`
	CreatedAt    string       `json:"createdAt" format:"date-time" doc:"When it was made"`
	CreatedBy    people.Named `json:"createdBy" doc:"By whom"`
	LastUsedAt   string       `json:"lastUsedAt,omitempty" format:"date-time" doc:"When it was used last, to within 5 minutes"`
	LastUsedFrom string       `json:"lastUsedFrom,omitempty" doc:"From which address"`
	ExpiresAt    string       `json:"expiresAt,omitempty" format:"date-time" doc:"When it ends; absent: it does not"`
	EndsBecause  string       `json:"endsBecause,omitempty" enum:"expiry,maker-left" doc:"Why it ends then: as it was made, or because the person who made it has left"`
}

// APIKeyPage is a page of a list of keys.
type APIKeyPage struct {
	Items      []APIKey `json:"items" doc:"The page"`
	NextCursor string   `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListInput is the question of GET /v1/organizations/{org}/api-keys.
type ListInput struct {
	httpapi.About
	httpapi.Page
}

// Listed is the answer of GET /v1/organizations/{org}/api-keys.
type Listed struct{ Body APIKeyPage }

// list answers GET /v1/organizations/{org}/api-keys.
func (k *keys) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	place := table.KeysOf(c.Organization.ID, "")
	page, err := table.List[people.APIKey](ctx, k.Table, table.Question{Index: place.Index, PK: place.PK, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	views, err := k.views(ctx, c, page.Items)
	return &Listed{APIKeyPage{Items: views, NextCursor: page.Next}}, err
}

// views are keys with the names of who made them and with when they end: two round trips for a hundred.
func (k *keys) views(ctx context.Context, c *access.Caller, list []people.APIKey) ([]APIKey, error) {
	left := make([]people.Departure, len(list))
	wants := make([]*table.Wanted, len(list))
	actors := make([]audit.Actor, len(list))
	for i, key := range list {
		wants[i], actors[i] = table.Want(table.DepartureKey(key.Maker), &left[i]), key.CreatedBy
	}
	if err := k.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	names, err := people.Names(ctx, k.Table, c.Organization.Root, actors...)
	if err != nil {
		return nil, err
	}
	views := make([]APIKey, len(list))
	for i := range list {
		views[i] = view(&list[i], names[actors[i]])
		views[i].Held = list[i].Held(c.Restored)
		if wants[i].Found {
			views[i].endBy(&list[i], left[i].KeysEnd(k.Config.KeyGrace))
		}
	}
	return views, nil
}

// view is a key as it was made.
func view(key *people.APIKey, by people.Named) APIKey {
	v := APIKey{ID: key.ID, Name: key.Name, RoleID: key.Role, Delicate: key.Delicate, Hint: key.Hint, CreatedAt: key.CreatedAt, CreatedBy: by,
		LastUsedAt: key.LastUsedAt, LastUsedFrom: key.LastUsedFrom}
	if key.EndsAt != 0 {
		v.ExpiresAt, v.EndsBecause = clock.FormatUnix(key.EndsAt), "expiry"
	}
	return v
}

// endBy has the key end at that time because its maker has left, unless it ends before.
func (v *APIKey) endBy(key *people.APIKey, at time.Time) {
	if key.EndsAt == 0 || at.Unix() < key.EndsAt {
		v.ExpiresAt, v.EndsBecause = clock.Format(at), "maker-left"
	}
}
