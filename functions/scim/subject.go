package main

import (
	"context"
	"encoding/json"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// subject is a user of the connection: what its IdP sent, and who it is here.
type subject struct {
	document *directory.Document
	user     people.User
	sent     *scim.Resource
	mappings *directory.Mappings // by which the change gives the user a role, nil where it does not
}

// mostAddresses is how many email addresses a user has at most: one change of the table replaces all that a user is found by.
const mostAddresses = 30

// kept is the resource as it is stored.
func kept(r *scim.Resource) ([]byte, error) {
	text, err := json.Marshal(r.Kept())
	if r.Type == scim.User && len(ofUsers().foundBy(r).Lookups) > mostAddresses+1 { // and by the externalId
		return nil, scim.Bad(scim.InvalidValue, "The user would have more than %d email addresses. Send fewer.", mostAddresses)
	}
	return text, err
}

// find reads a user of the connection.
func (d *door) find(ctx context.Context, idp *caller, user string) (*subject, error) {
	if !id.Valid(id.User, user) {
		return nil, missing(ofUsers())
	}
	s := &subject{document: &directory.Document{}}
	if err := d.Table.GetMany(ctx, table.Want(table.DocumentKey(idp.ID, user), s.document), table.Want(table.UserKey(idp.Root, user), &s.user)); err != nil {
		return nil, err
	}
	if s.document.ID == "" || s.document.Kind != directory.OfUser || s.user.Connection != idp.ID {
		return nil, missing(ofUsers())
	}
	var err error
	s.sent, err = resourceOf(ofUsers(), s.document)
	return s, err
}

// version is what the user's entity tag is made of: it is another one with each change of what was sent and of the groups.
func (s *subject) version() string { return scim.Version(s.document.Version + s.user.Grouped) }

// resourceOf is a document as the protocol has it.
func resourceOf(of *collection, d *directory.Document) (*scim.Resource, error) {
	r := &scim.Resource{Type: of.ResourceType, Values: scim.Object{}}
	err := json.Unmarshal(d.Sent, &r.Values)
	r.Values["id"] = d.ID // that of somebody else is refused
	return r, err
}

// shown is the resource with what the server knows of it. moved is when the members of a group changed last.
func shown(idp *caller, d *directory.Document, sent *scim.Resource, version int, moved string) *scim.Resource {
	return sent.Identified(idp.base, d.ID, scim.Meta{Created: clock.Parse(d.CreatedAt), LastModified: clock.Parse(max(d.ModifiedAt, moved)), Version: version})
}

// addressOf is the sign-in address that follows from what was sent: the userName where it is an address, otherwise the first of the
// emails, the primary one before others (SCI-8).
func addressOf(r *scim.Resource) (string, error) {
	for _, one := range append([]string{r.Text("userName")}, r.Addresses()...) {
		if address, err := people.CheckAddress("userName", one); err == nil {
			return address, nil
		}
	}
	return "", scim.Bad(scim.InvalidValue, "A user needs an email address: have userName be one, or send emails with a primary value.")
}

// personOf is what is shown of the user here.
func personOf(r *scim.Resource, address string) people.Person {
	p := people.Person{Email: address, Name: people.AsName(r.DisplayName(), longestName), Department: people.AsName(r.Text(scim.EnterpriseURN+":department"), longestName)}
	if p.Name == "" {
		p.Name = people.AsName(address, longestName)
	}
	if language, known := tenant.NearestLanguage(r.Text("preferredLanguage")); known {
		p.Language = language
	}
	return p
}

// longestName is how many characters of a name are kept here; what was sent is kept whole in the document.
const longestName = 100
