package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// operation is one that is measured: how to ask for it in an organization.
type operation struct {
	name   string
	public bool // sent as nobody
	once   bool // not sent thousands of times: there is a limit to it, or it would wait for itself
	method string
	path   func(*organization) string
	body   func(*organization) any
}

// operations are what people and scripts do all the time.
var operations = []operation{
	{name: "ask how an address signs in", public: true, method: http.MethodPost, path: at("/v1/session/discover"),
		body: func(o *organization) any { return map[string]string{"email": o.member} }},
	{name: "sign in by password", public: true, method: http.MethodPost, path: at("/v1/session/password"),
		body: func(o *organization) any { return map[string]string{"email": o.member, "password": password} }},
	{name: "read the organization", method: http.MethodGet, path: under("")},
	{name: "edit the organization", once: true, method: http.MethodPatch, path: under(""),
		body: func(*organization) any { return map[string]string{"description": "It is " + unique()} }},
	{name: "list five users", method: http.MethodGet, path: under("/users?limit=5")},
	{name: "list five users by address", once: true, method: http.MethodGet, path: under("/users?limit=5&sort=address")},
	{name: "read a user", once: true, method: http.MethodGet, path: func(o *organization) string { return o.path("/users/" + o.user) }},
	{name: "edit a user", once: true, method: http.MethodPatch, path: func(o *organization) string { return o.path("/users/" + o.user) },
		body: func(*organization) any { return map[string]string{"department": "D " + unique()} }},
	{name: "invite somebody", method: http.MethodPost, path: under("/users"),
		body: func(o *organization) any { return o.invitation("invited-" + unique() + "@acme.example") }},
	{name: "list roles", once: true, method: http.MethodGet, path: under("/roles")},
	{name: "create a suborganization", method: http.MethodPost, path: under("/suborganizations"),
		body: func(*organization) any { return map[string]string{"name": "Sub " + unique()} }},
	{name: "list one suborganization", once: true, method: http.MethodGet, path: under("/suborganizations?limit=1")},
}

// at is a path of the API, under a path of the organization.
func at(path string) func(*organization) string { return func(*organization) string { return path } }

func under(rest string) func(*organization) string {
	return func(o *organization) string { return o.path(rest) }
}

// send asks for the operation and gives the stack's id of the request.
func (op operation) send(ctx context.Context, c client, o *organization) (string, error) {
	if op.public {
		c.key = ""
	}
	var body any
	if op.body != nil {
		body = op.body(o)
	}
	return c.trace(ctx, op.method, op.path(o), body, nil)
}

// cost is what an operation does at the services. Units are DynamoDB's capacity units, transactions counted double as AWS does.
type cost struct {
	calls                           []call
	roundTrips, read, returned, all int // calls to the table, items read, items returned, calls to all services
	readUnits, writeUnits           float64
}

// compared is a cost as the page shows it and -check compares it.
func (c cost) compared() string {
	return fmt.Sprintf("%d | %d | %d | %d | %g | %g", c.roundTrips, c.all-c.roundTrips, c.read, c.returned, c.readUnits, c.writeUnits)
}

func sum(calls []call) cost {
	c := cost{calls: calls, all: len(calls)}
	for _, one := range calls {
		if one.Service != "dynamodb" {
			continue
		}
		c.roundTrips++
		c.read += one.ItemsRead
		c.returned += one.ItemsReturned
		c.readUnits += one.ReadUnits
		c.writeUnits += one.WriteUnits
	}
	return c
}

// costed is an operation with what it costs in the two organizations.
type costed struct {
	operation
	small, large cost
}

// tries is how often an operation is measured. The cheapest one counts: the others also wrote a last use, a part of a rate, or
// waited out a conflict, which is no cost of the operation.
const tries = 7

func costs(ctx context.Context, s *stack, small, large *organization) ([]costed, error) {
	var all []costed
	for _, op := range operations {
		one := costed{operation: op}
		var err error
		if one.small, err = op.cost(ctx, s, small); err != nil {
			return nil, fmt.Errorf("%s: %w", op.name, err)
		}
		if one.large, err = op.cost(ctx, s, large); err != nil {
			return nil, fmt.Errorf("%s: %w", op.name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func (op operation) cost(ctx context.Context, s *stack, o *organization) (cost, error) {
	var found []cost
	for range tries {
		request, err := op.send(ctx, s.client, o)
		if err != nil {
			return cost{}, err
		}
		calls, err := s.calls(ctx, request)
		if err != nil {
			return cost{}, err
		}
		found = append(found, sum(calls))
	}
	return slices.MinFunc(found, func(a, b cost) int {
		if a.all != b.all {
			return a.all - b.all
		}
		return strings.Compare(a.compared(), b.compared())
	}), nil
}

// ofIndex tells whether the call asked an index.
func (c call) ofIndex() bool { return strings.Contains(c.Resource, "/index/") }
