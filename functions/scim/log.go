package main

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// called is the path of a call, below the base URL. What is no id and no name of the protocol's can be anything, somebody's address too.
func called(rest string) string {
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	for i, part := range parts {
		known := id.Valid(id.User, part) || id.Valid(id.Group, part) || i == 0 && slices.Contains([]string{"", "Users", "Groups", ".search", "Bulk", "Me", "ServiceProviderConfig", "ResourceTypes", "Schemas"}, part)
		if !known && !(i == 1 && (part == ".search" || scim.Described(append(scim.Schemas(""), scim.ResourceTypes("")...), part) != nil)) {
			return "/" + strings.Join(append(parts[:i:i], "..."), "/")
		}
	}
	return "/" + strings.Join(parts, "/")
}

// remarks are what there is to say in the log of how a request was understood.
type remarks struct{ said []string }

type remarking struct{} // the key of a call's remarks

// withRemarks has what the request is about be remarked on.
func withRemarks(ctx context.Context) context.Context {
	return context.WithValue(ctx, remarking{}, &remarks{})
}

// remark has the log say how the request was understood.
func remark(ctx context.Context, notes []string) {
	if all, is := ctx.Value(remarking{}).(*remarks); is {
		all.said = append(all.said, notes...)
	}
}

func remarksOf(ctx context.Context) []string {
	if all, is := ctx.Value(remarking{}).(*remarks); is {
		return all.said
	}
	return nil
}

// record writes the call into the connection's SCIM log (SCI-9). That it cannot be written is no failure of the call.
func (d *door) record(ctx context.Context, idp *caller, r *http.Request, out *reply, began time.Time) {
	now, call := d.Clock(), httpapi.CallOf(ctx)
	line := connection.Request{Method: r.Method, Path: called(r.PathValue("rest")), Status: out.status, Milliseconds: now.Sub(began).Milliseconds(),
		Notes: remarksOf(ctx), Token: idp.token, Address: call.Address, Request: call.ID}
	if line.Target = path.Base(line.Path); r.Method == http.MethodPost {
		line.Target = path.Base(out.headers["Location"]) // of what was created
	}
	if !id.Valid(id.User, line.Target) && !id.Valid(id.Group, line.Target) {
		line.Target = ""
	}
	if refused, is := out.body.(*scim.Error); is {
		line.Kind, line.Detail = string(refused.Kind), refused.Detail
	}
	if filter := r.URL.Query().Get("filter"); filter != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		line.Path += "?filter=..." // what it asks for is somebody's address
	}
	tx := table.NewTx()
	line.Write(tx, idp.ID, now)
	if err := d.Table.Commit(ctx, tx); err != nil {
		d.Log.ErrorContext(ctx, "a call is missing in the SCIM log", "connection", idp.ID, "request", call.ID, "error", err)
	}
}
