package people

import (
	"github.com/tenantry/tenantry/shared/audit"
)

// Workspaces is what a role may do in Workspaces.
type Workspaces string

// The levels, in order.
const (
	WorkspacesNone       Workspaces = "none"
	WorkspacesL1ReadOnly Workspaces = "l1-read-only"
	WorkspacesL1         Workspaces = "l1"
	WorkspacesL2ReadOnly Workspaces = "l2-read-only"
	WorkspacesL2         Workspaces = "l2"
)

// covers says which levels are within a level: L1 is not within L2 read-only, since it can change things.
var covers = map[Workspaces][]Workspaces{
	WorkspacesNone:       {WorkspacesNone},
	WorkspacesL1ReadOnly: {WorkspacesNone, WorkspacesL1ReadOnly},
	WorkspacesL1:         {WorkspacesNone, WorkspacesL1ReadOnly, WorkspacesL1},
	WorkspacesL2ReadOnly: {WorkspacesNone, WorkspacesL1ReadOnly, WorkspacesL2ReadOnly},
	WorkspacesL2:         {WorkspacesNone, WorkspacesL1ReadOnly, WorkspacesL1, WorkspacesL2ReadOnly, WorkspacesL2},
}

// BuiltIn names a role that every organization has.
type BuiltIn string

// The built-in roles (USR-4).
const (
	OrganizationAdministrator BuiltIn = "administrator"
	OrdinaryUser              BuiltIn = "user"
)

// Role is a named permission set of one organization.
type Role struct {
	ID           string       `dynamodbav:"id"`
	Organization string       `dynamodbav:"organization"`
	Name         string       `dynamodbav:"name"`
	BuiltIn      BuiltIn      `dynamodbav:"builtIn,omitempty"`
	Portal       PortalAccess `dynamodbav:"portal"`
	Workspaces   Workspaces   `dynamodbav:"workspaces"`
	Analyzer     bool         `dynamodbav:"analyzer"`
	audit.Stamp
}

// Within tells whether everything that the role r gives is given by other too (PER-2): roles are compared in every dimension.
func (r *Role) Within(other *Role) bool {
	if r.Portal == AdministratorAccess && other.Portal != AdministratorAccess {
		return false
	}
	if r.Analyzer && !other.Analyzer {
		return false
	}
	for _, level := range covers[other.Workspaces] {
		if level == r.Workspaces {
			return true
		}
	}
	return false
}
