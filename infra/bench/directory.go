package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// idp is the identity provider of the seeded client, who provisions by SCIM.
type idp struct {
	client
	root, connection string
	table            *table.Table
	few, many, gone  string   // a group of ten, one of nearly all users, and one that is deleted
	outside          []string // users who are in no group
}

const (
	apart   = 600   // users who are in no group: who joins and leaves in what is measured
	leavers = 1_000 // users in the group that is deleted
	joining = 25    // users who one transaction puts into up to three groups
)

// newIDP gives the IdP, which has made its groups.
func newIDP(ctx context.Context, s *stack) (*idp, error) {
	if s.seed.Client.ConnectionID == "" {
		return nil, fmt.Errorf("the seed names no connection that provisions")
	}
	i := &idp{client: s.client, root: s.seed.Client.OrganizationID, connection: s.seed.Client.ConnectionID, table: table.Open(s.owner.config(), s.owner.Table, nil, clock.System)}
	i.key = s.seed.Client.SCIM.Token
	for name, group := range map[string]*string{"Few": &i.few, "Many": &i.many, "Gone": &i.gone} {
		var err error
		if *group, err = i.group(ctx, name); err != nil {
			return nil, err
		}
	}
	return i, nil
}

func (i *idp) path(rest string) string { return "/scim/v2/" + i.connection + rest }

func (i *idp) group(ctx context.Context, name string) (string, error) {
	var made struct{ ID string }
	err := i.ask(ctx, http.MethodPost, i.path("/Groups"), map[string]string{"displayName": name + " " + unique()}, &made)
	return made.ID, err
}

// person is somebody new, as Okta sends one. All are of one length, so that costs compare.
func person() map[string]any {
	address := "p-" + unique() + "@" + verified
	return map[string]any{"userName": address, "externalId": unique(), "active": true, "displayName": "Pat Person",
		"name": map[string]string{"givenName": "Pat", "familyName": "Person"}, "emails": []map[string]any{{"value": address, "type": "work", "primary": true}}}
}

// verified is the domain of the seeded client.
const verified = "acme.example"

// fill gives it a directory of so many users, written by the product's own code: ten a transaction, and then into the groups.
func (i *idp) fill(ctx context.Context, users int) error {
	by := audit.Actor{Type: audit.BySCIM, ID: i.connection}
	var made []*people.User
	for first := 0; first < users; first += 10 {
		tx := table.NewTx()
		for range min(10, users-first) {
			made = append(made, i.write(tx, by))
		}
		if err := i.table.Commit(ctx, tx); err != nil {
			return err
		}
	}
	in := made[min(apart, users):]
	for _, u := range made[:min(apart, users)] {
		i.outside = append(i.outside, u.ID)
	}
	for first := 0; first < len(in); first += joining {
		tx := table.NewTx()
		for n := first; n < min(first+joining, len(in)); n++ {
			edit := people.Edit(in[n], by, time.Now())
			directory.Join(tx, edit, in[n], i.many, nil, time.Now())
			if n < few {
				directory.Join(tx, edit, in[n], i.few, nil, time.Now())
			}
			if n < leavers {
				directory.Join(tx, edit, in[n], i.gone, nil, time.Now())
			}
			tx.Update(edit)
		}
		if err := i.table.Commit(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// write puts a user and its document into the change, as functions/scim does.
func (i *idp) write(tx *table.Tx, by audit.Actor) *people.User {
	address, external := "m-"+unique()+"@"+verified, unique()
	u := people.Provision(tx, id.New(id.User), i.root, i.connection, people.Person{Name: "Pat Person", Email: address}, people.Vouched{Address: address, Verified: true}, true, by, time.Now())
	sent := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q,"active":true,"displayName":"Pat Person","name":{"givenName":"Pat","familyName":"Person"},"emails":[{"value":%q,"type":"work","primary":true}]}`, address, external, address)
	document := directory.NewDocument(directory.OfUser, i.root, i.connection, u.ID, []byte(sent), time.Now())
	document.Create(tx, directory.Found{Name: address, Lookups: []directory.Lookup{{Attribute: "externalId", Value: external}, {Attribute: "emails.value", Value: address}}}, nil, nil)
	return u
}
