package main

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// collection is a type of resources as it is kept and found.
type collection struct {
	*scim.ResourceType
	kind    directory.Kind
	ids     id.Kind
	unique  string   // the attribute that no two have alike
	lookups []string // the attributes by which one is found without reading all of them, that one first
	served  []string // the same with what is looked up otherwise
}

func ofUsers() *collection {
	lookups := []string{"userName", "externalId", "emails.value"}
	return &collection{scim.User, directory.OfUser, id.User, "userName", lookups, append([]string{"id"}, lookups...)}
}

func ofGroups() *collection {
	lookups := []string{"displayName", "externalId"}
	return &collection{scim.Group, directory.OfGroup, id.Group, "displayName", lookups, append(append([]string{"id"}, lookups...), "members.value")}
}

// foundBy is what a resource is found by.
func (c *collection) foundBy(r *scim.Resource) (f directory.Found) {
	for _, one := range r.Keys(c.lookups...) {
		if one.Attribute == c.unique {
			f.Name = one.Key
			continue
		}
		f.Lookups = append(f.Lookups, directory.Lookup{Attribute: one.Attribute, Value: one.Key})
	}
	return f
}

// read reads a body.
func read[T any](r *http.Request, of *collection, reader func(*scim.ResourceType, []byte) (T, error)) (none T, err error) {
	body, err := io.ReadAll(r.Body) // which the server has bounded
	if err != nil {
		return none, err
	}
	return reader(of.ResourceType, body)
}

// readEdit reads a body that asks for a change.
func readEdit(ctx context.Context, r *http.Request, of *collection, reader func(*scim.ResourceType, []byte) (*scim.Edit, error)) (*scim.Edit, error) {
	edit, err := read(r, of, reader)
	if err == nil {
		remark(ctx, edit.Notes)
	}
	return edit, err
}

// projection is what the answer to a request shows of a resource.
func (c *collection) projection(r *http.Request) (scim.Projection, error) {
	query, err := scim.ReadQuery(r.URL.RawQuery, c.ResourceType)
	if err != nil {
		return scim.Projection{}, err
	}
	return query.Projection(c.ResourceType), nil
}

// one is a resource as it is asked and listed.
type one struct {
	*scim.Resource
	document *directory.Document
	sent     *scim.Resource
	groups   []string // of a user
	moved    string   // of a group: when its members changed last, where that is known
}

// readAll reads resources by their ids, those that are there, without what is apart: the groups of users, the members of groups.
func (d *door) readAll(ctx context.Context, idp *caller, of *collection, ids []string) (all []*one, err error) {
	for page := range slices.Chunk(ids, table.MaxLimit) {
		documents, err := directory.ReadAll(ctx, d.Table, idp.ID, page)
		if err != nil {
			return nil, err
		}
		documents = slices.DeleteFunc(documents, func(d *directory.Document) bool { return d.Kind != of.kind })
		some := make([]*one, len(documents))
		for i, document := range documents {
			sent, err := resourceOf(of, document)
			if err != nil {
				return nil, err
			}
			some[i] = &one{document: document, sent: sent, Resource: shown(idp, document, sent, document.Version, "")}
		}
		if of.kind == directory.OfUser {
			if err := d.knowGroups(ctx, idp, some); err != nil {
				return nil, err
			}
		}
		all = append(all, some...)
	}
	return all, nil
}

// show is the resource anew, in a version, with an attribute that is apart.
func (o *one) show(idp *caller, version int, attribute string, value []any) {
	o.Resource = shown(idp, o.document, o.sent, version, o.moved)
	if len(value) > 0 {
		o.Values[attribute] = value
	}
}
