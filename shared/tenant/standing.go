package tenant

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Standing is what a tree knows of the name of a domain. It outlives the domain where that was verified once.
type Standing struct {
	Organization string `dynamodbav:"organization,omitempty"` // of the tree, that has the domain registered; empty: none has
	Domain       string `dynamodbav:"domain,omitempty"`       // its id
	Verified     bool   `dynamodbav:"verified,omitempty"`     // it is the tree's now
	Was          bool   `dynamodbav:"was,omitempty"`          // it was verified at some time
	Epoch        int    `dynamodbav:"epoch,omitempty"`        // grows when it stops being verified or leading to its connection; sessions that began by it keep it
	Connection   string `dynamodbav:"connection,omitempty"`   // by which its addresses sign in whenever it is verified and that one is active
}

// Closed tells whether addresses of the domain may be somebody else's by now: it was verified for the tree and is not any
// more. No link and no token goes there by mail until it is verified again (DOM-9).
func (s *Standing) Closed() bool { return s.Was && !s.Verified }

// Refuse is why no link is mailed to the address, which is of the domain: nil where one may be (DOM-9).
func (s *Standing) Refuse(address string) error {
	if !s.Closed() {
		return nil
	}
	return problem.New(problem.Conflict, "domain-lost", "The domain %s was verified for your organization and is not any more, so its addresses may be somebody else's by now. "+
		"Verify it again, or use an address of another domain.", domainname.Shown(domainname.Of(address)))
}

// Same is the condition that the domain stands as it was read: registered so, verified or not, leading where it leads.
func (s *Standing) Same() expression.ConditionBuilder {
	verified := expression.Name("verified").AttributeNotExists()
	if s.Verified {
		verified = expression.Name("verified").Equal(expression.Value(true))
	}
	return is("domain", s.Domain).And(is("connection", s.Connection)).And(verified)
}

// is the condition that an attribute has the value, or is not there where that is empty.
func is(name, value string) expression.ConditionBuilder {
	if value == "" {
		return expression.Name(name).AttributeNotExists()
	}
	return expression.Name(name).Equal(expression.Value(value))
}

// EndDomain has the change end what depends on a domain of the tree: sessions that began by it are behind from the next request
// on. Where the tree is closed, state is how it stands, and somebody else takes the domain (see Take); otherwise it is nil.
func EndDomain(tx *table.Tx, root string, closed *Access) {
	edit := table.Touch(table.AccessKey(root))
	if closed != nil {
		edit = closed.edit(root).Add("taken", 1)
	}
	tx.Update(edit.Add("domainEpoch", 1))
}

// WantStanding asks for what the tree root knows of the domain of an email address.
func WantStanding(root, address string, into *Standing) *table.Wanted {
	name := domainname.Of(address)
	if name == "" {
		return table.Want(table.Key{}, into)
	}
	return table.Want(table.DomainNameKey(root, name), into)
}

// Closed tells whether an address is of a domain that the tree root has lost.
func Closed(ctx context.Context, t *table.Table, root, address string) (bool, error) {
	var standing Standing
	err := t.GetMany(ctx, WantStanding(root, address, &standing))
	return standing.Closed(), err
}
