package connection

import (
	"context"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Read reads a connection by its id: Missing where there is none. Whether the caller may know of it is package access's to say.
func Read(ctx context.Context, t *table.Table, connection string) (*Connection, error) {
	if !id.Valid(id.Connection, connection) {
		return nil, problem.Missing()
	}
	var c Connection
	found, err := t.Get(ctx, table.ConnectionKey(connection), &c)
	if err == nil && !found {
		err = problem.Missing()
	}
	return &c, err
}

// Lead is where the addresses of a verified domain sign in: a part of the domain's claim.
type Lead struct {
	Root         string `dynamodbav:"root"`         // the tree that has the domain verified
	Organization string `dynamodbav:"organization"` // of it, that registered it
	Connection   string `dynamodbav:"connection"`   // an active one; empty: none
	SSORequired  bool   `dynamodbav:"ssoRequired"`  // of the connection
}

// Requires tells whether a user of the tree root, who is of the organization, has no other way to sign in than by the connection that
// the domain leads to (SSO-9), break-glass administrators aside. It is one that lets the user in, so that a suborganization
// locks nobody out who is none of its members.
func (l Lead) Requires(root, organization string) bool {
	lets := l.Root == root && (l.Organization == root || l.Organization == organization)
	return l.Connection != "" && l.SSORequired && lets
}

// ByDomain reads where the addresses of a domain, in lower case and ASCII, sign in; the zero Lead where no tree has it verified.
func ByDomain(ctx context.Context, t *table.Table, name string) (Lead, error) {
	var lead Lead
	err := t.GetMany(ctx, WantLead(name, &lead))
	return lead, err
}

// WantLead asks for where the addresses of a domain sign in, along with other items; an empty name is never found.
func WantLead(name string, into *Lead) *table.Wanted {
	if name == "" {
		return table.Want(table.Key{}, into)
	}
	return table.Want(table.DomainClaimKey(name), into)
}

// OfTree reads all connections of a tree, those of its organization org alone where that is given, the oldest of an
// organization first. It is some moments behind.
func OfTree(ctx context.Context, t *table.Table, root, org string) ([]Connection, error) {
	return table.All[Connection](ctx, t, Listed(root, org))
}

// Listed is the question for the connections of a tree, or of one organization of it.
func Listed(root, org string) table.Question {
	list := table.ConnectionsOf(root, org, "")
	if org == "" {
		return table.Question{Index: list.Index, PK: list.PK}
	}
	return table.Question{Index: list.Index, PK: list.PK, Prefix: list.SK}
}
