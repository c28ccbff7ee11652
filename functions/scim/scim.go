// Command scim is the SCIM 2.0 server (SCI): what the identity provider (IdP) of a connection calls to create, change, deactivate and
// delete the people of a tree, and its groups. Each connection that has it switched on (SSO-6) has a base URL and tokens of its own:
//
//	/scim/v2/{connection}/Users, /Users/{id}, /Users/.search, /.search
//	/scim/v2/{connection}/Groups, /Groups/{id}, /Groups/.search
//	/scim/v2/{connection}/ServiceProviderConfig, /ResourceTypes, /Schemas
//
// The protocol is package scim's; here stands what follows from it: whose sign-in address it is, who is taken over, who may sign in.
// It answers everything in SCIM's form, its own refusals too, and writes every call of the IdP into the connection's SCIM log. It refuses
// to reach beyond its connection: users of other connections and trees do not exist for it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/start"
)

// The rates of PER-8: of a connection's calls, and of those of an address that show no valid token. Entra ID sends at least 25 requests a
// second for a tenant, from addresses that many tenants share.
const (
	connectionPerMinute = 6_000
	refusedPerMinute    = 6_000
)

// door is the function: the services and what it needs beside them.
type door struct {
	*start.Services
	server  *httpapi.Server
	rates   *access.Rates
	settler *directory.Settler
	notice  *lockout.Notice

	networks noted
}

const base = "/scim/v2/{connection}"

func (d *door) mount() {
	d.server.HandleFromOtherSites(base, d.answering())
	d.server.HandleFromOtherSites(base+"/{rest...}", d.answering())
}

// reply is an answer.
type reply struct {
	status  int
	body    any    // nil: none
	text    []byte // the body, encoded
	headers map[string]string
}

// answering answers every request, in SCIM's form.
func (d *door) answering() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, began := withRemarks(r.Context()), d.Clock()
		idp, err := d.admit(ctx, r)
		var out *reply
		if err == nil {
			out, err = d.route(ctx, idp, asGet(r))
		}
		if err == nil {
			err = out.encode()
		}
		if err != nil {
			out = d.refusal(ctx, err)
			_ = out.encode() // which is short
		}
		out.write(w, r.Method)
		if idp != nil {
			d.record(ctx, idp, r, out, began)
		}
	})
}

// refusal is the answer to an error. What is our fault stands in the log.
func (d *door) refusal(ctx context.Context, err error) *reply {
	refused := scim.From(err)
	if own := new(scim.Error); refused.Status >= http.StatusInternalServerError && !errors.As(err, &own) {
		slog.ErrorContext(ctx, "request failed", "request", httpapi.CallOf(ctx).ID, "error", err)
	}
	out := &reply{status: refused.Status, body: refused, headers: map[string]string{}}
	if refused.RetryAfter > 0 {
		out.headers["Retry-After"] = strconv.Itoa(max(1, int(refused.RetryAfter.Seconds())))
	}
	if refused.Status == http.StatusUnauthorized {
		out.headers["WWW-Authenticate"] = "Bearer"
	}
	return out
}

// mostAnswered is how large an answer can be, as Lambda counts it: 6 MB
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), with the body as a string in JSON. The headers get the rest.
const mostAnswered = 6*1024*1024 - 64*1024

// encode writes the body, and refuses one that Lambda would not let through.
func (o *reply) encode() (err error) {
	if o.body == nil {
		return nil
	}
	if o.text, err = json.Marshal(o.body); err != nil { // of what this package or package scim makes: a programmer's mistake
		panic(err)
	}
	if len(o.text)+bytes.Count(o.text, []byte{'"'})+bytes.Count(o.text, []byte{'\\'}) > mostAnswered {
		return scim.Bad(scim.TooMany, "The answer would be larger than can be sent, 6 MB. Ask for fewer resources by count, or for less of each by attributes or excludedAttributes.")
	}
	return nil
}

// asGet has HEAD be answered as GET is, but for the body (RFC 9110 section 9.3.2).
func asGet(r *http.Request) *http.Request {
	if r.Method != http.MethodHead {
		return r
	}
	get := *r
	get.Method = http.MethodGet
	return &get
}

func (o *reply) write(w http.ResponseWriter, method string) {
	for name, value := range o.headers {
		w.Header().Set(name, value)
	}
	if o.text != nil {
		w.Header().Set("Content-Type", scim.ContentType)
	}
	w.WriteHeader(o.status)
	if method != http.MethodHead {
		w.Write(o.text)
	}
}

// route finds what is asked for. The path is the IdP's, whose base URL may end in a slash.
func (d *door) route(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	parts := strings.Split(strings.Trim(r.PathValue("rest"), "/"), "/")
	what, id := parts[0], ""
	if len(parts) > 1 {
		id = strings.Join(parts[1:], "/")
	}
	switch {
	case what == "Users":
		return d.users(ctx, idp, r, id)
	case what == "Groups":
		return d.groups(ctx, idp, r, id)
	case what == ".search" && id == "":
		return d.search(ctx, idp, r, ofUsers(), ofGroups())
	case what == "Bulk" && id == "":
		return d.bulk(ctx, idp, r)
	case what == "Me" && id == "":
		return nil, scim.Refused(http.StatusNotImplemented, "A token is nobody in particular: ask for a user by id.")
	case what == "" || what == "ServiceProviderConfig" || what == "ResourceTypes" || what == "Schemas":
		return d.discover(idp, r, what, id)
	}
	return nil, scim.Refused(http.StatusNotFound, "There is nothing here: the base URL is %s, followed by /Users, /Groups, /Schemas, /ResourceTypes or /ServiceProviderConfig.", idp.base)
}

// methods refuses a method that there is not.
func methods(allowed ...string) error {
	return scim.Refused(http.StatusMethodNotAllowed, "This can be asked for by %s only.", strings.Join(allowed, ", "))
}

func missing(of *collection) error {
	return scim.Refused(http.StatusNotFound, "There is no such %s in this connection. Ask for it by %s or externalId, or create it.", strings.ToLower(of.Name), of.unique)
}
