package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// What is examined for one answer at most (SCI-10): so many resources, and of what was sent of them so many bytes, which is what the
// function's memory and time suffice for.
const (
	mostExamined  = 10_000
	bytesExamined = 32 << 20
)

// listed answers GET of all resources of a collection.
func (d *door) listed(ctx context.Context, idp *caller, r *http.Request, of *collection) (*reply, error) {
	query, err := scim.ReadQuery(r.URL.RawQuery, of.ResourceType)
	if err != nil {
		return nil, err
	}
	return d.list(ctx, idp, query, of)
}

// search answers POST .search: of one collection, or of all.
func (d *door) search(ctx context.Context, idp *caller, r *http.Request, all ...*collection) (*reply, error) {
	if r.Method != http.MethodPost {
		return nil, methods(http.MethodPost)
	}
	query, err := read(r, all[0], func(_ *scim.ResourceType, body []byte) (scim.Query, error) {
		types := make([]*scim.ResourceType, len(all))
		for i := range all {
			types[i] = all[i].ResourceType
		}
		return scim.ReadSearch(body, types...)
	})
	if err != nil {
		return nil, err
	}
	return d.list(ctx, idp, query, all...)
}

// list answers a question.
func (d *door) list(ctx context.Context, idp *caller, q scim.Query, of ...*collection) (*reply, error) {
	if q.Filter != nil {
		remark(ctx, q.Filter.Notes)
	}
	if len(of) == 1 && q.Filter == nil && q.Order == nil {
		return d.walk(ctx, idp, q, of[0])
	}
	all, err := d.matching(ctx, idp, q, of)
	if err != nil {
		return nil, err
	}
	start, next := q.Page.Start, ""
	if q.Page.ByCursor {
		if start, err = d.offset(idp, q, of); err != nil {
			return nil, err
		}
	}
	from := min(max(start, 1)-1, len(all))
	page := all[from:min(from+q.Page.Count, len(all))]
	if q.Page.ByCursor && from+len(page) < len(all) && len(page) > 0 {
		next = d.sealed(idp, q, of, strconv.Itoa(from+len(page)+1))
	}
	return d.answer(ctx, idp, q, page, len(all), next)
}

// matching gives the resources that the filter holds for, in the order that was asked for, or in that in which they came.
func (d *door) matching(ctx context.Context, idp *caller, q scim.Query, of []*collection) (found []*one, err error) {
	for _, c := range of {
		some, err := d.matchingOf(ctx, idp, q, c)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	if q.Order != nil {
		slices.SortStableFunc(found, func(a, b *one) int { return q.Order.Compare(a.Resource, b.Resource) })
	}
	return found, nil
}

func (d *door) matchingOf(ctx context.Context, idp *caller, q scim.Query, of *collection) ([]*one, error) {
	plan := scim.Plan{Scan: true}
	if q.Filter != nil {
		var err error
		if plan, err = q.Filter.Plan(of.ResourceType, of.served...); err != nil {
			return nil, err
		}
	}
	ids, err := d.candidates(ctx, idp, of, plan)
	if err != nil {
		return nil, err
	}
	var found []*one
	left := examination(bytesExamined)
	for page := range slices.Chunk(ids, table.MaxLimit) {
		all, err := d.readAll(ctx, idp, of, page)
		if err == nil {
			err = left.take(all, of)
		}
		if err == nil && q.Filter != nil {
			all, err = d.holding(ctx, idp, q.Filter, of, plan, all)
		}
		if err != nil {
			return nil, err
		}
		found = append(found, all...)
	}
	slices.SortFunc(found, func(a, b *one) int { return strings.Compare(a.document.Place, b.document.Place) })
	return found, nil
}

// examination is how many bytes may still be examined.
type examination int

// take takes what was sent of resources from it, and refuses when it is used up.
func (e *examination) take(all []*one, of *collection) error {
	for _, o := range all {
		*e -= examination(len(o.document.Sent))
	}
	if *e < 0 {
		return scim.TooLarge(bytesExamined>>20, of.served...)
	}
	return nil
}

// holding gives those of the resources that the filter holds for, once they have what it asks about.
func (d *door) holding(ctx context.Context, idp *caller, filter *scim.Filter, of *collection, plan scim.Plan, all []*one) ([]*one, error) {
	var err error
	switch {
	case of.kind == directory.OfUser && filter.Asks(of.ResourceType, "groups"):
		err = d.nameGroups(ctx, idp, all)
	case of.kind == directory.OfGroup && len(plan.Members) > 0:
		err = d.showMembers(ctx, idp, all, plan.Members)
	}
	return slices.DeleteFunc(all, func(o *one) bool { return !filter.Match(o.Resource) }), err
}

// candidates are the ids of the resources that can match, each once.
func (d *door) candidates(ctx context.Context, idp *caller, of *collection, plan scim.Plan) (ids []string, err error) {
	if plan.Scan {
		steps, more, err := directory.Walk(ctx, d.Table, of.kind, idp.ID, "", mostExamined)
		if err == nil && more {
			err = scim.TooCostly(mostExamined, of.served...)
		}
		for _, step := range steps {
			ids = append(ids, step.ID)
		}
		return ids, err
	}
	for _, by := range plan.Lookups {
		found, more, err := d.lookUp(ctx, idp, of, by)
		if err == nil && more {
			err = scim.TooCostly(mostExamined, of.served...)
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" }), nil
}

func (d *door) lookUp(ctx context.Context, idp *caller, of *collection, by scim.Lookup) (found []string, more bool, err error) {
	switch by.Attribute {
	case "id":
		if !id.Valid(of.ids, by.Key) {
			return nil, false, nil
		}
		return []string{by.Key}, false, nil
	case of.unique:
		named, err := directory.Named(ctx, d.Table, of.kind, idp.ID, by.Key)
		return []string{named}, false, err
	case "members.value":
		u, err := d.member(ctx, idp, by.Key)
		return u.Groups, false, err
	}
	return directory.LookedUp(ctx, d.Table, of.kind, idp.ID, directory.Lookup{Attribute: by.Attribute, Value: by.Key}, mostExamined)
}

// member reads a user of the connection, who is nobody where there is none of that id.
func (d *door) member(ctx context.Context, idp *caller, user string) (*people.User, error) {
	if !id.Valid(id.User, user) {
		return &people.User{}, nil
	}
	u, err := people.ReadUser(ctx, d.Table, idp.Root, user)
	switch {
	case problem.Gone(err), err == nil && u.Connection != idp.ID:
		return &people.User{}, nil
	}
	return u, err
}

// answer is the answer with a page of the resources that were found.
func (d *door) answer(ctx context.Context, idp *caller, q scim.Query, page []*one, total int, next string) (*reply, error) {
	if err := d.complete(ctx, idp, q, page); err != nil {
		return nil, err
	}
	list := scim.List{Total: total, Start: q.Page.Start, Next: next}
	if q.Page.ByCursor {
		list.Start = 0
	}
	for _, o := range page {
		list.Resources = append(list.Resources, q.Projection(o.Type).Apply(o.Resource))
	}
	return &reply{status: http.StatusOK, body: list}, nil
}

// complete has what is shown show what is apart.
func (d *door) complete(ctx context.Context, idp *caller, q scim.Query, page []*one) error {
	byType := map[*scim.ResourceType][]*one{}
	for _, o := range page {
		byType[o.Type] = append(byType[o.Type], o)
	}
	if users := byType[scim.User]; len(users) > 0 && q.Projection(scim.User).Wants("groups") {
		if err := d.nameGroups(ctx, idp, users); err != nil {
			return err
		}
	}
	if groups := byType[scim.Group]; len(groups) > 0 {
		return d.completeGroups(ctx, idp, groups, q.Projection(scim.Group))
	}
	return nil
}
