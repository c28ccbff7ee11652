package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// UserSession is a place where a user is signed in.
type UserSession struct {
	ID           string `json:"id" doc:"Its id" example:"ses_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Method       string `json:"method" doc:"How the user signed in"`
	SecondFactor bool   `json:"secondFactor" doc:"A second factor was given"`
	CreatedAt    string `json:"createdAt" format:"date-time" doc:"When"`
	LastSeenAt   string `json:"lastSeenAt" format:"date-time" doc:"When it was used last, to within 5 minutes"`
	ExpiresAt    string `json:"expiresAt" format:"date-time" doc:"When it ends in any case"`
	Address      string `json:"address,omitempty" doc:"From where"`
	Agent        string `json:"agent,omitempty" doc:"The browser, as it named itself"`
}

// UserSessionPage is a page of a list of sessions.
type UserSessionPage struct {
	Items      []UserSession `json:"items" doc:"The page; it may be short"`
	NextCursor string        `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// SessionsInput is the question of GET .../authentication/users/{user}/sessions.
type SessionsInput struct {
	AboutUser
	httpapi.Page
}

// ListedSessions is the answer of GET .../authentication/users/{user}/sessions.
type ListedSessions struct{ Body UserSessionPage }

// listSessions answers GET /v1/organizations/{org}/authentication/users/{user}/sessions.
func (f *users) listSessions(ctx context.Context, c *access.Caller, in *SessionsInput) (*ListedSessions, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	var state tenant.Access
	if _, err := f.Table.Get(ctx, table.AccessKey(u.Root), &state); err != nil {
		return nil, err
	}
	begin := table.SessionKey(u.ID, "")
	page, err := table.List[people.Session](ctx, f.Table, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &ListedSessions{UserSessionPage{Items: []UserSession{}, NextCursor: page.Next}}
	for _, s := range page.Items {
		stands, err := f.stands(ctx, c, &s, u, &state)
		if err != nil {
			return nil, err
		}
		if stands {
			out.Body.Items = append(out.Body.Items, shown(&s))
		}
	}
	return out, nil
}

// stands tells whether a session would still be let in.
func (f *users) stands(ctx context.Context, c *access.Caller, s *people.Session, u *people.User, state *tenant.Access) (bool, error) {
	if s.Ended(f.Clock(), f.Config.Lifetimes(), u.Portal) {
		return false, nil
	}
	return access.Holds(ctx, f.Table, s, u, state, c.Restored)
}

func shown(s *people.Session) UserSession {
	return UserSession{ID: s.ID, Method: string(s.Method), SecondFactor: s.SecondFactor, CreatedAt: clock.FormatUnix(s.CreatedAt), LastSeenAt: clock.FormatUnix(s.LastSeen),
		ExpiresAt: clock.FormatUnix(s.ExpiresAt), Address: s.Address, Agent: s.Agent}
}

// endSessions answers DELETE /v1/organizations/{org}/authentication/users/{user}/sessions.
func (f *users) endSessions(ctx context.Context, c *access.Caller, in *AboutUser, tx *table.Tx) (*Nothing, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	if _, err := f.weigh(ctx, c, u, choice{}); err != nil {
		return nil, err
	}
	edit := people.Edit(u, c.Actor, f.Clock())
	people.EndSessions(edit, u)
	tx.Update(edit)
	f.Trail.Write(tx, c.Event("user.sessions-ended", "user", u.ID))
	return nil, nil
}
