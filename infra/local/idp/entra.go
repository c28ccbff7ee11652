package idp

import (
	"context"
	"net/http"
	"slices"
)

// entra says it as the provisioning service of Entra ID does
// (https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups). merges is what
// aadOptscim062020 in the tenant URL changes
// (https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility).
type entra struct{ merges bool }

const (
	coreUser       = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	entraGroup     = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
)

// mapped is an attribute as Entra ID maps it, by the path that it is patched at.
type mapped struct {
	path  string
	value func(Person) string
}

// mappings are those of the documentation's table for this product: docs/scim-entra.md.
var mappings = []mapped{
	{"userName", func(p Person) string { return p.UserName }},
	{"displayName", Person.DisplayName},
	{`emails[type eq "work"].value`, func(p Person) string { return p.Email }},
	{"name.givenName", func(p Person) string { return p.FirstName }},
	{"name.familyName", func(p Person) string { return p.LastName }},
	{"name.formatted", Person.DisplayName},
	{`phoneNumbers[type eq "mobile"].value`, func(p Person) string { return p.Phone }},
	{"externalId", func(p Person) string { return p.ID }},
	{enterpriseUser + ":department", func(p Person) string { return p.Department }},
}

// try asks for somebody and for a group that cannot be there: 200 and an empty list is what it wants.
func (e entra) try(ctx context.Context, s *server) {
	if _, err := s.call(ctx, http.MethodGet, "/Users", e.find("userName", newID()), nil); err != nil {
		return // the calls have the answer
	}
	_, _ = s.call(ctx, http.MethodGet, "/Groups", e.find("displayName", newID()), nil)
}

func (entra) find(attribute, name string) string {
	query := filter(attribute + " eq " + quoted(name))
	if attribute == "displayName" {
		query = "excludedAttributes=members&" + query
	}
	return query
}

func (entra) person(p Person) map[string]any {
	body := map[string]any{
		"schemas": []string{coreUser, enterpriseUser}, "externalId": p.ID, "userName": p.UserName, "active": true, "displayName": p.DisplayName(),
		"emails": []any{map[string]any{"primary": true, "type": "work", "value": p.Email}},
		"meta":   map[string]any{"resourceType": "User"},
		"name":   map[string]any{"formatted": p.DisplayName(), "familyName": p.LastName, "givenName": p.FirstName},
		"roles":  []any{},
	}
	if p.Phone != "" {
		body["phoneNumbers"] = []any{map[string]any{"type": "mobile", "value": p.Phone}}
	}
	if p.Department != "" {
		body[enterpriseUser] = map[string]any{"department": p.Department}
	}
	return body
}

// group has no members: they come one by one.
func (entra) group(g Group) map[string]any {
	return map[string]any{"schemas": []string{coreGroup, entraGroup}, "externalId": g.ID, "displayName": g.Name, "meta": map[string]any{"resourceType": "Group"}}
}

// update sends an operation for each attribute; merged, those without a filter are one.
func (e entra) update(ctx context.Context, s *server, was sent, now Person) error {
	var operations []map[string]any
	together := map[string]any{}
	for _, one := range mappings {
		before, after := one.value(was.Person), one.value(now)
		switch {
		case before == after:
		case after == "":
			operations = append(operations, e.operation("Remove", one.path, nil))
		case e.merges && !slices.Contains([]byte(one.path), '['):
			together[one.path] = after
		case before == "" && was.Known:
			operations = append(operations, e.operation("Add", one.path, after))
		default:
			operations = append(operations, e.operation("Replace", one.path, after))
		}
	}
	if len(together) > 0 {
		operations = append(operations, map[string]any{"op": "replace", "value": together})
	}
	if !was.Known || was.Person.Disabled != now.Disabled {
		operations = append(operations, e.operation("Replace", "active", e.boolean(!now.Disabled)))
	}
	return s.patch(ctx, "/Users/"+was.Remote, operations...)
}

// operation is one in the words of the way: capitals are those of the older one.
func (e entra) operation(op, path string, value any) map[string]any {
	one := map[string]any{"op": op, "path": path}
	if e.merges {
		one["op"] = map[string]string{"Add": "add", "Replace": "replace", "Remove": "remove"}[op]
	}
	if value != nil {
		one["value"] = value
	}
	return one
}

// boolean is a text in the older way: "False" for a leaver.
func (e entra) boolean(value bool) any {
	switch {
	case e.merges:
		return value
	case value:
		return "True"
	}
	return "False"
}

// dismiss deletes, as for somebody who was deleted for good.
func (entra) dismiss(ctx context.Context, s *server, was sent) error {
	_, err := s.call(ctx, http.MethodDelete, "/Users/"+was.Remote, "", nil)
	return err
}

// regroup patches the name, and each member by a request of its own.
func (e entra) regroup(ctx context.Context, s *server, was, now members) error {
	path := "/Groups/" + now.remote
	if was.name != now.name {
		if err := s.patch(ctx, path, e.operation("Replace", "displayName", now.name)); err != nil {
			return err
		}
	}
	for _, one := range was.people {
		if slices.Contains(now.people, one) {
			continue
		}
		remove := e.operation("Remove", "members", member(one))
		if e.merges {
			remove = e.operation("Remove", "members[value eq "+quoted(one)+"]", nil)
		}
		if err := s.patch(ctx, path, remove); err != nil {
			return err
		}
	}
	for _, one := range now.people {
		if slices.Contains(was.people, one) {
			continue
		}
		if err := s.patch(ctx, path, e.operation("Add", "members", member(one))); err != nil {
			return err
		}
	}
	return nil
}

func member(id string) []any { return []any{map[string]any{"$ref": nil, "value": id}} }
