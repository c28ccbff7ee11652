package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// ProvisionedUser is a user whom the IdP brought.
type ProvisionedUser struct {
	Takeover
	Outsider bool `json:"outsider" doc:"The address is of no verified domain of the tree"`
}

// ProvisionedPage is a page of them.
type ProvisionedPage struct {
	Items      []ProvisionedUser `json:"items" doc:"The page, in the order in which they came; it may be short"`
	NextCursor string            `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ProvisionedInput is the question of GET /v1/organizations/{org}/sso-connections/{connection}/scim/users.
type ProvisionedInput struct {
	AboutConnection
	httpapi.Page
	WithoutRole bool `query:"withoutRole" doc:"Only those without a role, who cannot sign in yet"`
}

// Provisioned is the answer with a page of them.
type Provisioned struct{ Body ProvisionedPage }

// provisioned answers GET /v1/organizations/{org}/sso-connections/{connection}/scim/users (USR-3).
func (f *connections) provisioned(ctx context.Context, c *access.Caller, in *ProvisionedInput) (*Provisioned, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	ids, next, err := directory.Page(ctx, f.Table, directory.OfUser, of.ID, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	users, err := people.ReadUsers(ctx, f.Table, of.Root, ids)
	if err == nil {
		err = people.Outside(ctx, f.Table, people.Each(users)...)
	}
	out := ProvisionedPage{Items: []ProvisionedUser{}, NextCursor: next}
	for _, u := range users {
		if u.Connection == of.ID && (u.Role == "" || !in.WithoutRole) {
			out.Items = append(out.Items, ProvisionedUser{takeover(&u), u.Outsider})
		}
	}
	return &Provisioned{out}, err
}

// SCIMRequest is a line of the SCIM log.
type SCIMRequest struct {
	ID           string   `json:"id" doc:"Its id"`
	At           string   `json:"at" format:"date-time" doc:"When"`
	Method       string   `json:"method" doc:"The method of the call"`
	Path         string   `json:"path" doc:"What was called, below the base URL"`
	TargetID     string   `json:"targetId,omitempty" doc:"The user or group that it was about, or that it made"`
	Status       int      `json:"status" doc:"The status of the answer"`
	SCIMType     string   `json:"scimType,omitempty" doc:"Of a refusal: its kind"`
	Detail       string   `json:"detail,omitempty" doc:"Of a refusal: what the IdP was told"`
	Notes        []string `json:"notes,omitempty" doc:"What was taken although it is not as the RFCs have it, and what was passed over: for whoever sets up the IdP"`
	Milliseconds int64    `json:"milliseconds" doc:"How long it took"`
	TokenID      string   `json:"tokenId" doc:"The id of the token that was shown"`
	Address      string   `json:"address,omitempty" doc:"The network address that it came from"`
	RequestID    string   `json:"requestId" doc:"The id of the request"`
}

// SCIMLog is a page of the SCIM log.
type SCIMLog struct {
	Items      []SCIMRequest `json:"items" doc:"The page; it may be short"`
	NextCursor string        `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// RequestsInput is the question of GET /v1/organizations/{org}/sso-connections/{connection}/scim/requests.
type RequestsInput struct {
	AboutConnection
	httpapi.Page
	Failed bool   `query:"failed" doc:"Only those that were refused"`
	Method string `query:"method" enum:"GET,HEAD,POST,PUT,PATCH,DELETE" doc:"Only those with this method"`
	Target string `query:"target" maxLength:"64" doc:"Only those about this user or group"`
	Status int    `query:"status" minimum:"100" maximum:"599" doc:"Only those answered with this status"`

	From time.Time `query:"from" doc:"Only those from this time on"`
	To   time.Time `query:"to" doc:"Only those before this time"`
}

// question asks for a page of the connection's lines in the time that is asked for: their ids are in the order of time.
func (in *RequestsInput) question(connection string) (table.Question, error) {
	q := table.Question{PK: table.DirectoryLogPartition(connection), Descending: true, Limit: in.Limit, Cursor: in.Cursor}
	if !in.From.IsZero() {
		q.From = id.From(id.Event, in.From)
	}
	if !in.To.IsZero() {
		q.Before = id.From(id.Event, in.To)
	}
	if !in.To.IsZero() && !in.From.Before(in.To) {
		return q, problem.Invalid("query.to", "has to be later than from", clock.Format(in.To))
	}
	return q, nil
}

// wants tells whether a line is asked for.
func (in *RequestsInput) wants(r *connection.Request) bool {
	return (!in.Failed || r.Status >= 400) && (in.Method == "" || in.Method == r.Method) && (in.Target == "" || in.Target == r.Target) &&
		(in.Status == 0 || in.Status == r.Status)
}

// ListedRequests is the answer with a page of it.
type ListedRequests struct{ Body SCIMLog }

// requests answers GET /v1/organizations/{org}/sso-connections/{connection}/scim/requests (SCI-9).
func (f *connections) requests(ctx context.Context, c *access.Caller, in *RequestsInput) (*ListedRequests, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	question, err := in.question(of.ID)
	if err != nil {
		return nil, err
	}
	page, err := table.List[connection.Request](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	log := SCIMLog{Items: []SCIMRequest{}, NextCursor: page.Next}
	for _, r := range page.Items {
		if !in.wants(&r) {
			continue
		}
		log.Items = append(log.Items, SCIMRequest{ID: r.ID, At: r.At, Method: r.Method, Path: r.Path, TargetID: r.Target, Status: r.Status, SCIMType: r.Kind, Detail: r.Detail, Notes: r.Notes,
			Milliseconds: r.Milliseconds, TokenID: r.Token, Address: r.Address, RequestID: r.Request})
	}
	return &ListedRequests{log}, nil
}

// TokenUse is the use of a token from a network on a day.
type TokenUse struct {
	TokenID string `json:"tokenId" doc:"The id of the token"`
	Network string `json:"network" doc:"The network of the address that the calls came from" example:"192.0.2.0/24"`
	Day     string `json:"day" format:"date" doc:"The day, in UTC"`
	FirstAt string `json:"firstAt" format:"date-time" doc:"The first call of the day"`
	LastAt  string `json:"lastAt" format:"date-time" doc:"The last one; up to five minutes old"`
}

// TokenUsePage is a page of them.
type TokenUsePage struct {
	Items      []TokenUse `json:"items" doc:"The page"`
	NextCursor string     `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// TokenUses is the answer with a page of them.
type TokenUses struct{ Body TokenUsePage }

// tokenUses answers GET /v1/organizations/{org}/sso-connections/{connection}/scim/token-uses (SCI-9).
func (f *connections) tokenUses(ctx context.Context, c *access.Caller, in *EventsInput) (*TokenUses, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	question := connection.NetworkUses(of.ID)
	question.Limit, question.Cursor = in.Limit, in.Cursor
	page, err := table.List[connection.NetworkUse](ctx, f.Table, question)
	out := TokenUsePage{Items: []TokenUse{}, NextCursor: page.Next}
	for _, use := range page.Items {
		out.Items = append(out.Items, TokenUse{use.Token, use.Network, use.Day, use.FirstAt, use.LastAt})
	}
	return &TokenUses{out}, err
}
