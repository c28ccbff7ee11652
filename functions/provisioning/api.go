package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
)

// provisioning is this feature, with what it stands on.
type provisioning struct {
	*start.Services
	settler *directory.Settler
	runner  *job.Runner // of jobs that are done within the request
}

func newProvisioning(s *start.Services) *provisioning {
	settler := directory.NewSettler(s.Table, s.Trail, s.Outbox, s.Config.KeyGrace, s.Config.Social())
	return &provisioning{s, settler, &job.Runner{Table: s.Table, Queue: s.Work, Clock: s.Clock, Needs: pageTime, Log: s.Log,
		Steps: map[job.Kind]job.Step{job.ApplyMapping: settler.Apply}}}
}

// pageTime is what a page of a job may take.
const pageTime = 5 * time.Second

const (
	all     = "/v1/organizations/{org}/provisioning"
	groups  = all + "/groups"
	mapping = groups + "/{group}/mapping"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, f *provisioning) {
	httpapi.Read(s, httpapi.Operation{ID: "list-groups", Method: http.MethodGet, Path: groups, Needs: access.ReadMainOnly,
		Summary: "List the groups that identity providers pushed by SCIM",
		Description: "Of a main organization, for all of its tree. Those without a mapping come first, in the order in which they came; then the mapped ones by rank; " +
			"then those whose mapping was cleared and still has to be applied. The ETag is that of the mappings."}, f.list)
	httpapi.Change(s, httpapi.Operation{ID: "set-group-mapping", Method: http.MethodPut, Path: mapping, Needs: access.EditMainOnly,
		Summary: "Map a group to a role",
		Description: "Members without a role get it at once. Those who have one keep it until Sync assigned roles, or have it changed at once with applyNow, unless that takes more rights than the caller's. " +
			"A new mapping has the lowest rank. An administrator's role takes a recent sign-in and a confirmation with the number of users whose role it changes. Where over 100 are concerned the answer is 202, and Location tells how far it is."}, f.setMapping)
	httpapi.Change(s, httpapi.Operation{ID: "clear-group-mapping", Method: http.MethodDelete, Path: mapping, Needs: access.EditMainOnly,
		Summary: "Clear the mapping of a group", Description: "Members keep what it gave them until Sync assigned roles, or lose it at once with applyNow: of over 100 in the background, the answer being 202 with Location."}, f.clearMapping)
	httpapi.Change(s, httpapi.Operation{ID: "rank-groups", Method: http.MethodPut, Path: all + "/ranking", Needs: access.EditMainOnly,
		Summary:     "Order the mappings",
		Description: "Of somebody in several mapped groups the one with the highest rank decides. Roles change with Sync assigned roles, or when a user's groups change."}, f.rank)
}

// mainOnly refuses what concerns a suborganization alone: groups and mappings are of a whole tree.
func mainOnly(c *access.Caller) error {
	if !c.Organization.Main() {
		return problem.New(problem.Conflict, "main-only", "Groups are mapped on the main organization, for all of its tree.")
	}
	return nil
}

// sources are the connections whose IdPs bring groups into the tree of the request.
func (f *provisioning) sources(ctx context.Context, c *access.Caller) ([]connection.Connection, error) {
	all, err := connection.OfTree(ctx, f.Table, c.Organization.Root, c.Organization.Root)
	return slices.DeleteFunc(all, func(one connection.Connection) bool { return !one.Provisions() }), err
}
