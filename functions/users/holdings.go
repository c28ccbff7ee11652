package main

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Holdings are what somebody made, and may know, in the tree: what to rotate or to reassign when that one leaves (USR-6).
type Holdings struct {
	Keys        []HeldKey        `json:"keys" doc:"API keys that the user made, those that have ended left out: the user may know their secrets"`
	Tokens      []HeldToken      `json:"tokens" doc:"SCIM tokens that the user made, alone or by an API key, and that count still: the user may know their secrets"`
	Elsewhere   int              `json:"elsewhere" doc:"How many keys the user made in other trees, whose administrators are told when the user leaves"`
	Invitations []HeldInvitation `json:"invitations" doc:"People whom the user invited and who have not accepted yet"`
	More        bool             `json:"more" doc:"The user did so much in the last days that not all of it was looked through for invitations"`
}

// HeldKey is an API key that somebody made.
type HeldKey struct {
	ID             string `json:"id" doc:"Its id"`
	Name           string `json:"name" doc:"Its name"`
	OrganizationID string `json:"organizationId" doc:"The organization that it is of"`
	RoleID         string `json:"roleId" doc:"The role that it has there"`
	ExpiresAt      string `json:"expiresAt,omitempty" format:"date-time" doc:"When it ends; absent: it does not"`
	LastUsedAt     string `json:"lastUsedAt,omitempty" format:"date-time" doc:"When it was used last"`
}

// HeldToken is a SCIM token that somebody made.
type HeldToken struct {
	ID             string `json:"id" doc:"Its id"`
	Hint           string `json:"hint" doc:"Its last four characters"`
	ConnectionID   string `json:"connectionId" doc:"The SSO connection that it is of"`
	ConnectionName string `json:"connectionName" doc:"The connection's name"`
	OrganizationID string `json:"organizationId" doc:"The organization of the connection"`
	ExpiresAt      string `json:"expiresAt,omitempty" format:"date-time" doc:"When it ends; absent: it does not"`
	LastUsedAt     string `json:"lastUsedAt,omitempty" format:"date-time" doc:"When it was used last"`
}

// HeldInvitation is somebody who was invited.
type HeldInvitation struct {
	UserID         string `json:"userId" doc:"Who was invited"`
	Name           string `json:"name" doc:"The name"`
	OrganizationID string `json:"organizationId" doc:"Where to"`
	ExpiresAt      string `json:"expiresAt" format:"date-time" doc:"Until when it can be accepted"`
}

// Held is the answer of GET /v1/organizations/{org}/users/{user}/holdings.
type Held struct{ Body Holdings }

// holdings answers GET /v1/organizations/{org}/users/{user}/holdings. An administrator of a suborganization sees what is of it.
func (f *users) holdings(ctx context.Context, c *access.Caller, in *AboutUser) (*Held, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	made, err := table.All[people.Made](ctx, f.Table, people.MadeBy(u.ID))
	if err != nil {
		return nil, err
	}
	out := &Held{Holdings{Keys: []HeldKey{}, Tokens: []HeldToken{}, Invitations: []HeldInvitation{}}}
	if err := f.heldKeys(ctx, c, u, made, &out.Body); err != nil {
		return nil, err
	}
	if err := f.heldTokens(ctx, c, u, made, &out.Body); err != nil {
		return nil, err
	}
	return out, f.heldInvitations(ctx, c, u, &out.Body)
}

// heldKeys adds the keys, read in one batch.
func (f *users) heldKeys(ctx context.Context, c *access.Caller, u *people.User, made []people.Made, to *Holdings) error {
	keys := make([]people.APIKey, len(made))
	var wants []*table.Wanted
	for i, m := range made {
		if m.Root != u.Root {
			to.Elsewhere++
			continue
		}
		wants = append(wants, table.Want(table.KeyKey(m.Root, m.Key), &keys[i]))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for _, key := range keys {
		if key.ID == "" || key.Ended(f.Clock()) || c.Reach(key.Organization) != nil {
			continue
		}
		held := HeldKey{ID: key.ID, Name: key.Name, OrganizationID: key.Organization, RoleID: key.Role, LastUsedAt: key.LastUsedAt}
		held.ExpiresAt = clock.FormatUnix(key.EndsAt)
		to.Keys = append(to.Keys, held)
	}
	return nil
}

// heldTokens adds the SCIM tokens: of a key that was deleted nobody knows any more whose it was.
func (f *users) heldTokens(ctx context.Context, c *access.Caller, u *people.User, made []people.Made, to *Holdings) error {
	all, err := connection.OfTree(ctx, f.Table, u.Root, "")
	if err != nil {
		return err
	}
	theirs := func(by audit.Actor) bool {
		return by.ID == u.ID || slices.ContainsFunc(made, func(m people.Made) bool { return m.Key == by.ID })
	}
	for _, one := range all {
		if c.Reach(one.Organization) != nil {
			continue
		}
		for _, token := range one.Tokens {
			if theirs(token.CreatedBy) && !token.Ended(f.Clock()) {
				to.Tokens = append(to.Tokens, HeldToken{ID: token.ID, Hint: token.Hint, ConnectionID: one.ID, ConnectionName: one.Name, OrganizationID: one.Organization,
					ExpiresAt: clock.FormatUnix(token.EndsAt), LastUsedAt: one.TokenUses[token.ID].At})
			}
		}
	}
	return nil
}

// mostPages bounds how much of what somebody did is looked through, 200 events each.
const mostPages = 5

// heldInvitations adds the open invitations, found by the events of what the user did, youngest first. An
// invitation that is older than the events looked through has ended.
func (f *users) heldInvitations(ctx context.Context, c *access.Caller, u *people.User, to *Holdings) error {
	list := table.AuditBy(u.ID, "")
	question := table.Question{Index: list.Index, PK: list.PK, Descending: true, Limit: table.MaxLimit}
	since, seen := clock.Format(f.Clock().Add(-people.InvitationLasts)), map[string]bool{}
	for range mostPages {
		page, err := table.List[audit.Event](ctx, f.Table, question)
		if err != nil {
			return err
		}
		past := false
		var invited []string
		for _, event := range page.Items {
			past = past || event.At < since
			if !past && event.Root == u.Root && (event.Action == "user.invited" || event.Action == "user.reinvited") && !seen[event.Target.ID] {
				seen[event.Target.ID] = true
				invited = append(invited, event.Target.ID)
			}
		}
		if err := f.stillInvited(ctx, c, u.Root, invited, to); err != nil {
			return err
		}
		if question.Cursor = page.Next; past || page.Next == "" {
			return nil
		}
	}
	to.More = true
	return nil
}

// stillInvited adds those who have not accepted yet.
func (f *users) stillInvited(ctx context.Context, c *access.Caller, root string, invited []string, to *Holdings) error {
	users, err := people.ReadUsers(ctx, f.Table, root, invited)
	if err != nil {
		return err
	}
	for _, one := range users {
		if waits := open(&one); waits != nil && waits.ExpiresAt > clock.Format(f.Clock()) && c.Reach(one.Organization) == nil {
			to.Invitations = append(to.Invitations, HeldInvitation{UserID: one.ID, Name: one.Name, OrganizationID: one.Organization, ExpiresAt: waits.ExpiresAt})
		}
	}
	return nil
}
