package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// This file asks the directory that the connection's own IdP sent by SCIM whom an assertion means (LOG-3). It names nobody else: the IdP
// vouches for both, for the id and the work addresses that it sent of its users, and for what it says of whoever signs in.

// mostAlike is how many users with one address are read: one of them is meant, or it cannot be told who.
const mostAlike = 20

// consult adds whom the object id names, and the work addresses.
func (d *door) consult(ctx context.Context, a *answer, named map[ground][]*people.User) error {
	found, err := d.candidates(ctx, a)
	if err != nil {
		return err
	}
	var wants []*table.Wanted
	users, documents := map[string]*people.User{}, map[string]*directory.Document{}
	for _, user := range slices.Concat(found[byObject], found[byWork]) {
		users[user] = &people.User{}
		wants = append(wants, table.Want(table.UserKey(a.connection.Root, user), users[user]))
	}
	for _, user := range found[byWork] {
		documents[user] = &directory.Document{}
		wants = append(wants, table.Want(table.DocumentKey(a.connection.ID, user), documents[user]))
	}
	if err := d.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for by, ids := range found {
		for _, user := range ids {
			if u := users[user]; u.Connection == a.connection.ID && (by == byObject || worksAt(documents[user], a.identity.Address)) {
				named[by] = append(named[by], u)
			}
		}
	}
	return nil
}

// candidates gives the ids of the users who may be meant: those with the object id, and those with the address among theirs.
func (d *door) candidates(ctx context.Context, a *answer) (map[ground][]string, error) {
	said := &scim.Resource{Type: scim.User, Values: scim.Object{"externalId": a.identity.Values[samlsp.ObjectID],
		"emails": []any{scim.Object{"value": a.identity.Address}}}}
	found := map[ground][]string{}
	for attribute, by := range map[string]ground{"externalId": byObject, "emails.value": byWork} {
		for _, one := range said.Keys(attribute) {
			if one.Key == "" {
				continue
			}
			ids, _, err := directory.LookedUp(ctx, d.Table, directory.OfUser, a.connection.ID, directory.Lookup{Attribute: one.Attribute, Value: one.Key}, mostAlike)
			if err != nil {
				return nil, err
			}
			found[by] = ids
		}
	}
	return found, nil
}

// worksAt tells whether the address is one of the work addresses that were sent of a user: one of another type, at home for instance, is
// none that an employer's IdP answers for.
func worksAt(d *directory.Document, address string) bool {
	sent := &scim.Resource{Type: scim.User, Values: scim.Object{}}
	if json.Unmarshal(d.Sent, &sent.Values) != nil {
		return false
	}
	return slices.ContainsFunc(sent.WorkAddresses(), func(one string) bool { return strings.EqualFold(one, address) })
}
