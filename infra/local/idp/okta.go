package idp

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
)

// okta says it as Okta does (https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20): everything by PUT; with patches, as
// applications of its catalog do, profiles by PUT, and who is active and groups by PATCH.
type okta struct{ patches bool }

// try reads the first users and groups.
func (okta) try(ctx context.Context, s *server) {
	if _, err := s.call(ctx, http.MethodGet, "/Users", "startIndex=1&count=2", nil); err != nil {
		return // the calls have the answer
	}
	_, _ = s.call(ctx, http.MethodGet, "/Groups", "startIndex=1&count=100", nil)
}

func (okta) find(attribute, name string) string {
	return filter(attribute+" eq "+quoted(name)) + "&startIndex=1&count=100"
}

// profile is what Okta says of somebody.
func profile(p Person) map[string]any {
	body := map[string]any{
		"schemas": []string{coreUser}, "userName": p.UserName, "name": map[string]any{"givenName": p.FirstName, "familyName": p.LastName},
		"emails":      []any{map[string]any{"primary": true, "value": p.Email, "type": "work"}},
		"displayName": p.DisplayName(), "locale": "en-US", "externalId": p.ID, "active": !p.Disabled,
	}
	if p.Phone != "" {
		body["phoneNumbers"] = []any{map[string]any{"value": p.Phone, "type": "mobile"}}
	}
	if p.Department != "" {
		body["schemas"] = []string{coreUser, enterpriseUser}
		body[enterpriseUser] = map[string]any{"department": p.Department}
	}
	return body
}

// person has a password, which Okta makes up where none is synchronized.
func (okta) person(p Person) map[string]any {
	body := profile(p)
	body["groups"], body["password"] = []any{}, rand.Text()
	return body
}

func (okta) group(g Group) map[string]any {
	return map[string]any{"schemas": []string{coreGroup}, "displayName": g.Name, "members": []any{}}
}

// update reads the user, and sends back all that was read with what is different.
func (o okta) update(ctx context.Context, s *server, was sent, now Person) error {
	path := "/Users/" + was.Remote
	active := !was.Known || was.Person.Disabled != now.Disabled
	was.Person.Disabled = now.Disabled
	if !o.patches || !was.Known || was.Person.different(now) {
		read, err := s.call(ctx, http.MethodGet, path, "", nil)
		if err != nil {
			return err
		}
		if read == nil {
			read = map[string]any{}
		}
		for _, one := range []string{"phoneNumbers", enterpriseUser} {
			delete(read, one)
		}
		maps.Copy(read, profile(now))
		if _, err := s.call(ctx, http.MethodPut, path, "", read); err != nil {
			return err
		}
	}
	if o.patches && active {
		return s.patch(ctx, path, map[string]any{"op": "replace", "value": map[string]any{"active": !now.Disabled}})
	}
	return nil
}

// dismiss deactivates: Okta never deletes a user.
func (o okta) dismiss(ctx context.Context, s *server, was sent) error {
	now := was.Person
	now.Disabled = true
	if !was.Known || was.Person.Disabled {
		return nil
	}
	return o.update(ctx, s, was, now)
}

// regroup replaces the whole group; with patches it says the name, whom it removes and whom it adds, some of them a request.
func (o okta) regroup(ctx context.Context, s *server, was, now members) error {
	if was.name == now.name && sameMembers(was.people, now.people) {
		return nil
	}
	path := "/Groups/" + now.remote
	if !o.patches {
		_, err := s.call(ctx, http.MethodPut, path, "", map[string]any{"schemas": []string{coreGroup}, "id": now.remote, "displayName": now.name, "members": now.shown(now.people)})
		return err
	}
	var removed, added []string
	for _, one := range was.people {
		if !slices.Contains(now.people, one) {
			removed = append(removed, one)
		}
	}
	for _, one := range now.people {
		if !slices.Contains(was.people, one) {
			added = append(added, one)
		}
	}
	for first := true; first || len(removed)+len(added) > 0; first = false {
		leaves := min(len(removed), membersOfPatch)
		joins := min(len(added), membersOfPatch-leaves)
		if err := s.patch(ctx, path, now.patch(removed[:leaves], added[:joins])...); err != nil {
			return err
		}
		removed, added = removed[leaves:], added[joins:]
	}
	return nil
}

// membersOfPatch is how many members Okta changes in one request.
const membersOfPatch = 256

// patch is what Okta asks of a group in one request: its name each time, whom to remove one by one, and whom to add.
func (m members) patch(removed, added []string) []map[string]any {
	operations := []map[string]any{{"op": "replace", "value": map[string]any{"id": m.remote, "displayName": m.name}}}
	for _, one := range removed {
		operations = append(operations, map[string]any{"op": "remove", "path": "members[value eq " + quoted(one) + "]"})
	}
	if len(added) > 0 {
		operations = append(operations, map[string]any{"op": "add", "path": "members", "value": m.shown(added)})
	}
	return operations
}

// shown are members as Okta names them.
func (m members) shown(people []string) []any {
	all := []any{}
	for _, id := range people {
		all = append(all, map[string]any{"value": id, "display": m.names[id]})
	}
	return all
}
