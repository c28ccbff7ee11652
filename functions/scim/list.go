package main

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// mostExamined is how many users are examined for one answer (SCI-10).
const mostExamined = 10_000

// served names the filters that are answered whatever the number of users.
var served = append([]string{"id"}, lookups...)

// read reads a body.
func read[T any](r *http.Request, reader func(*scim.ResourceType, []byte) (T, error)) (none T, err error) {
	body, err := io.ReadAll(r.Body) // which the server has bounded
	if err != nil {
		return none, err
	}
	return reader(scim.User, body)
}

func (d *door) listUsers(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	query, err := scim.ReadQuery(r.URL.RawQuery, scim.User)
	if err != nil {
		return nil, err
	}
	return d.list(ctx, idp, query)
}

func (d *door) searchUsers(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	if r.Method != http.MethodPost {
		return nil, methods(http.MethodPost)
	}
	query, err := read(r, func(t *scim.ResourceType, body []byte) (scim.Query, error) { return scim.ReadSearch(body, t) })
	if err != nil {
		return nil, err
	}
	return d.list(ctx, idp, query)
}

// list answers a question about users.
func (d *door) list(ctx context.Context, idp *caller, q scim.Query) (*reply, error) {
	if q.Filter == nil && q.Order == nil {
		return d.walk(ctx, idp, q)
	}
	all, err := d.matching(ctx, idp, q)
	if err != nil {
		return nil, err
	}
	start, next := q.Page.Start, ""
	if q.Page.ByCursor {
		if start, err = d.offset(idp, q); err != nil {
			return nil, err
		}
	}
	from := min(max(start, 1)-1, len(all))
	page := all[from:min(from+q.Page.Count, len(all))]
	if q.Page.ByCursor && from+len(page) < len(all) && len(page) > 0 {
		next = d.sealed(idp, q, strconv.Itoa(from+len(page)+1))
	}
	return listed(q, page, len(all), next), nil
}

// one is a user as it is asked and listed, with its place among those that came.
type one struct {
	*scim.Resource
	place string
}

// matching gives the users that the filter holds for, in the order that was asked for, or in that in which they came.
func (d *door) matching(ctx context.Context, idp *caller, q scim.Query) ([]one, error) {
	plan := scim.Plan{Scan: true}
	if q.Filter != nil {
		var err error
		if plan, err = q.Filter.Plan(scim.User, served...); err != nil {
			return nil, err
		}
	}
	ids, err := d.candidates(ctx, idp, plan)
	if err != nil {
		return nil, err
	}
	all, err := d.readAll(ctx, idp, ids)
	if err != nil {
		return nil, err
	}
	found := all[:0]
	for _, u := range all {
		if q.Filter == nil || q.Filter.Match(u.Resource) {
			found = append(found, u)
		}
	}
	slices.SortStableFunc(found, func(a, b one) int {
		by := 0
		if q.Order != nil {
			by = q.Order.Compare(a.Resource, b.Resource)
		}
		return cmp.Or(by, strings.Compare(a.place, b.place))
	})
	return found, nil
}

// candidates are the ids of the users who can match, each once.
func (d *door) candidates(ctx context.Context, idp *caller, plan scim.Plan) (ids []string, err error) {
	if plan.Scan {
		steps, more, err := directory.Walk(ctx, d.Table, directory.OfUser, idp.ID, "", mostExamined)
		if err == nil && more {
			err = scim.TooCostly(mostExamined, served...)
		}
		for _, step := range steps {
			ids = append(ids, step.ID)
		}
		return ids, err
	}
	for _, by := range plan.Lookups {
		found, more := []string{by.Key}, false
		switch by.Attribute {
		case "id":
		case "userName":
			named, failed := directory.Named(ctx, d.Table, directory.OfUser, idp.ID, by.Key)
			found, err = []string{named}, failed
		default:
			found, more, err = directory.LookedUp(ctx, d.Table, directory.OfUser, idp.ID, directory.Lookup{Attribute: by.Attribute, Value: by.Key}, mostExamined)
		}
		if err == nil && more {
			err = scim.TooCostly(mostExamined, served...)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" }), nil
}

// readAll reads users of the connection by their ids.
func (d *door) readAll(ctx context.Context, idp *caller, ids []string) (all []one, err error) {
	for page := range slices.Chunk(ids, table.MaxLimit) {
		documents, err := directory.ReadAll(ctx, d.Table, idp.ID, page)
		if err != nil {
			return nil, err
		}
		for _, document := range documents {
			sent, err := resourceOf(document)
			if err != nil {
				return nil, err
			}
			if document.Kind == directory.OfUser {
				all = append(all, one{shown(idp, document, sent), document.Place})
			}
		}
	}
	return all, nil
}

// listed is the answer with a page of the users that were found.
func listed(q scim.Query, page []one, total int, next string) *reply {
	list, shows := scim.List{Total: total, Start: q.Page.Start, Next: next}, q.Projection(scim.User)
	if q.Page.ByCursor {
		list.Start = 0
	}
	for _, u := range page {
		list.Resources = append(list.Resources, shows.Apply(u.Resource))
	}
	return &reply{status: http.StatusOK, body: list}
}
