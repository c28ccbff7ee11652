// Package tenant is the organizations of an installation and their trees: the platform, partners, clients and the clients'
// suborganizations.
//
//	acme := &tenant.Organization{Type: tenant.Client, Name: "Acme"}
//	tenant.Create(tx, acme, caller.Actor, now)
//
// It refuses what would break a tree: a suborganization has one client above it and none below.
package tenant

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Type is what an organization is.
type Type string

// The types. All but Suborganization are main organizations, the root of a tree of their own; only a client has
// suborganizations.
const (
	Platform        Type = "platform"
	Partner         Type = "partner"
	Client          Type = "client"
	Suborganization Type = "suborganization"
)

// PartnerAccess is what a client grants its partner (PER-3).
type PartnerAccess string

// The grants: nothing (the client does not exist for the partner), reading, or what an administrator of the client may do
// but for what PER keeps to the client itself.
const (
	NoAccess     PartnerAccess = "none"
	ReadAccess   PartnerAccess = "read"
	ManageAccess PartnerAccess = "manage"
)

// Organization is the tenant.
type Organization struct {
	ID            string        `dynamodbav:"id"`
	Type          Type          `dynamodbav:"type"`
	Root          string        `dynamodbav:"root"` // the main organization of its tree: its own id unless it is a suborganization
	Name          string        `dynamodbav:"name"` // 1 to 100 characters
	Email         string        `dynamodbav:"email,omitempty"`
	Language      string        `dynamodbav:"language,omitempty"`
	Country       string        `dynamodbav:"country,omitempty"`
	Sector        string        `dynamodbav:"sector,omitempty"`
	Description   string        `dynamodbav:"description,omitempty"`
	Partner       string        `dynamodbav:"partner,omitempty"`       // of a client: who looks after it
	PartnerAccess PartnerAccess `dynamodbav:"partnerAccess,omitempty"` // of a client
	Connections   int           `dynamodbav:"connections,omitempty"`   // how many SSO connections it has; written without the version
	audit.Stamp
}

// Main tells whether the organization is the root of a tree.
func (o *Organization) Main() bool { return o.Type != Suborganization }

// CountConnections has the change count SSO connections of the organization. They are made rarely enough to be counted on the item
// itself, which keeps one from being made in an organization that is being deleted: the commit fails with Missing where it is gone.
func CountConnections(tx *table.Tx, org string, n int) {
	tx.Update(table.Touch(table.OrganizationKey(org)).IfThere(problem.Missing()).Add("connections", n))
}

// Delete has the change delete the organization, as long as it is as it was read and has no SSO connection.
func (o *Organization) Delete(tx *table.Tx) {
	none := expression.AttributeNotExists(expression.Name("connections")).Or(expression.Name("connections").Equal(expression.Value(0)))
	tx.DeleteIf(o.Key(), expression.Name("version").Equal(expression.Value(o.Version)).And(none), table.ErrChanged)
}

// Access is the state of a tree that every request is decided with. It has no version: each attribute is written by itself, but
// for the Authentication policy (PasswordEpoch to BreakGlass), which is changed as a whole (SetPolicy).
type Access struct {
	Type          Type   `dynamodbav:"type"`          // of the main organization
	Suspended     bool   `dynamodbav:"suspended"`     // GEN-5
	PasswordEpoch int    `dynamodbav:"passwordEpoch"` // the generation of passwords: credentials and sessions of another one are void
	SecondFactor  Policy `dynamodbav:"secondFactor,omitempty"`
	PasswordsOff  bool   `dynamodbav:"passwordsOff,omitempty"`

	// BreakGlass are administrators of the main organization who keep email and password where it is off (AUT-2).
	BreakGlass    []string `dynamodbav:"breakGlass,stringset,omitempty"`
	PolicyVersion int      `dynamodbav:"policyVersion,omitempty"`

	// DomainEpoch grows whenever a domain of the tree stops being verified, or leading to its connection. A session that began by
	// a domain and is behind asks the domain's own epoch (Standing), so that the end of one ends no session of another (DOM-6).
	DomainEpoch int `dynamodbav:"domainEpoch,omitempty"`

	Closing
}

// Policy says who needs a second factor (AUT-1).
type Policy string

// The policies. The empty one reads as ForAdministrators, one that this release does not know as ForEveryone: a release that is
// being replaced is no way around what the next one has made stricter (INS-5).
const (
	Optional          Policy = "optional"
	ForAdministrators Policy = "administrators"
	ForEveryone       Policy = "everyone"
)

// NeedsSecondFactor tells whether a person of the tree must have a second factor; administrators of the platform and of
// partners always do.
func (a *Access) NeedsSecondFactor(administrator bool) bool {
	if administrator && (a.Type == Platform || a.Type == Partner) {
		return true
	}
	switch a.SecondFactor {
	case Optional:
		return false
	case ForAdministrators, "":
		return administrator
	}
	return true
}

// Administrators are the active administrators of a tree's main organization who have a way to sign in (PER-5).
type Administrators struct {
	Users []string `dynamodbav:"users,stringset,omitempty"`
}
