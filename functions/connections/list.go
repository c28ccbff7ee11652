package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

// ConnectionPage is a page of a list of connections.
type ConnectionPage struct {
	Items      []Connection `json:"items" doc:"The page"`
	NextCursor string       `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListInput is the question of GET /v1/organizations/{org}/sso-connections.
type ListInput struct {
	httpapi.About
	httpapi.Page
}

// Listed is the answer of GET /v1/organizations/{org}/sso-connections.
type Listed struct{ Body ConnectionPage }

// list answers GET /v1/organizations/{org}/sso-connections.
func (f *connections) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	question := connection.Listed(c.Organization.Root, c.Organization.ID)
	question.Limit, question.Cursor = in.Limit, in.Cursor
	page, err := table.List[connection.Connection](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	views, err := f.views(ctx, c, page.Items)
	return &Listed{ConnectionPage{Items: views, NextCursor: page.Next}}, err
}

// SAMLEvent is a line of the SAML log.
type SAMLEvent struct {
	ID          string `json:"id" doc:"Its id"`
	At          string `json:"at" format:"date-time" doc:"When"`
	Outcome     string `json:"outcome" enum:"signed-in,refused,tested" doc:"How it went"`
	Code        string `json:"code,omitempty" doc:"Of a refusal: which check failed"`
	Demand      string `json:"demand,omitempty" doc:"What must hold"`
	Saw         string `json:"saw,omitempty" doc:"What was seen; what an IdP sent stands in quotes"`
	Wanted      string `json:"wanted,omitempty" doc:"The value that would have been right"`
	Change      string `json:"change,omitempty" doc:"What to change, at the IdP or here"`
	UserID      string `json:"userId,omitempty" doc:"Who signed in, or was to"`
	TestID      string `json:"testId,omitempty" doc:"The test that it was"`
	Certificate string `json:"certificate,omitempty" doc:"The SHA-256 of the certificate that signed"`
	IDPFirst    bool   `json:"idpInitiated,omitempty" doc:"It began at the IdP"`
	Address     string `json:"address,omitempty" doc:"The network address that it came from"`
	RequestID   string `json:"requestId,omitempty" doc:"The id of the request"`
}

// SAMLJunk is how often something came on a day that no signature of the IdP covers. It may be anybody's, so nothing else of it is kept.
type SAMLJunk struct {
	Day   string `json:"day" format:"date" doc:"The day, in UTC"`
	Code  string `json:"code" doc:"Which check it failed"`
	Count int    `json:"count" doc:"How often"`
}

// SAMLLog is a page of the SAML log.
type SAMLLog struct {
	Items      []SAMLEvent `json:"items" doc:"The page"`
	Junk       []SAMLJunk  `json:"junk,omitempty" doc:"On the first page: what came in the last 30 days that no signature of the IdP covers, the latest day first"`
	NextCursor string      `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// EventsInput is the question of GET /v1/organizations/{org}/sso-connections/{connection}/events.
type EventsInput struct {
	AboutConnection
	httpapi.Page
}

// ListedEvents is the answer of GET /v1/organizations/{org}/sso-connections/{connection}/events.
type ListedEvents struct{ Body SAMLLog }

// events answers GET /v1/organizations/{org}/sso-connections/{connection}/events (LOG-8).
func (f *connections) events(ctx context.Context, c *access.Caller, in *EventsInput) (*ListedEvents, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	page, err := table.List[connection.Event](ctx, f.Table, table.Question{PK: table.ConnectionLogPartition(of.ID), Descending: true, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	log := SAMLLog{Items: make([]SAMLEvent, len(page.Items)), NextCursor: page.Next}
	for i, e := range page.Items {
		log.Items[i] = SAMLEvent{ID: e.ID, At: e.At, Outcome: e.Outcome, Code: e.Code, Demand: e.Demand, Saw: e.Saw, Wanted: e.Wanted, Change: e.Change,
			UserID: e.User, TestID: e.Test, Certificate: e.Certificate, IDPFirst: e.IDPFirst, Address: e.Address, RequestID: e.Request}
	}
	if in.Cursor == "" {
		log.Junk, err = f.junk(ctx, of)
	}
	return &ListedEvents{log}, err
}

// junk is what is counted of the connection.
func (f *connections) junk(ctx context.Context, of *connection.Connection) (all []SAMLJunk, err error) {
	counted, err := connection.ReadJunk(ctx, f.Table, of.ID)
	for _, one := range counted {
		all = append(all, SAMLJunk{one.Day, string(one.Check), one.Count})
	}
	return all, err
}
