package people

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is the only place where named roles come, change and go (USR-4): the role, the claim on its name and the number
// of the organization's roles change together. That number is one item, unlike the counts of users: roles are made rarely, and it
// bounds them exactly.

// mostRoles is how many named roles an organization may have (USR-4).
const mostRoles = 100

// rolesClosedFor is how long an organization that was removed takes no more roles: far longer than a request that read it as there.
const rolesClosedFor = 24 * time.Hour

// Names of the built-in roles, which no named role may have.
const (
	administratorName = "Organization Administrator"
	userName          = "User"
)

// CreateRole has the change create a named role. It fails with role-name-taken where another role of the organization has the name,
// regardless of case, with too-many-roles where there are a hundred, and with Missing where the organization was removed meanwhile.
func CreateRole(tx *table.Tx, root string, role *Role) {
	tx.Create(table.RoleKey(role.Organization, role.ID), role, table.ErrChanged)
	claimName(tx, role)
	room := expression.Name("n").AttributeNotExists().Or(expression.Name("n").LessThan(expression.Value(mostRoles)))
	tx.Update(table.Touch(table.RolesKey(root, role.Organization)).Add("n", 1).
		If(expression.Name("closed").AttributeNotExists().And(room), nil).FailWith(noRoom))
}

// noRoom is why no role is added to the number as it was.
func noRoom(number table.Item) error {
	if _, closed := number["closed"]; closed {
		return problem.Missing()
	}
	return problem.New(problem.Conflict, "too-many-roles", "The organization has %d roles of its own, which is the most. Delete one first.", mostRoles)
}

// CloseRoles has the change keep an organization of the tree root that is removed from getting named roles. It fails with
// table.ErrChanged where there is one.
func CloseRoles(tx *table.Tx, root, org string, now time.Time) {
	none := expression.Name("n").AttributeNotExists().Or(expression.Name("n").Equal(expression.Value(0)))
	tx.Update(table.Touch(table.RolesKey(root, org)).Set("closed", true).Set("expiresAt", table.Expiry(now.Add(rolesClosedFor))).If(none, table.ErrChanged))
}

// EditRole has the change give a named role what is in the role to: its name and what it allows beside the portal, which is fixed. The
// role to gets its new version and stamp. It fails as CreateRole does, and where the role was changed since it was read.
func EditRole(tx *table.Tx, from, to *Role, by audit.Actor, now time.Time) {
	to.Version, to.UpdatedAt, to.UpdatedBy = from.Version+1, clock.Format(now), by
	tx.Update(table.Edit(table.RoleKey(from.Organization, from.ID), from.Version).Set("name", to.Name).Set("workspaces", to.Workspaces).
		Set("analyzer", to.Analyzer).Set("updatedAt", to.UpdatedAt).Set("updatedBy", by))
	if table.Fold(from.Name) != table.Fold(to.Name) {
		tx.Delete(table.RoleNameKey(from.Organization, from.Name), 0)
		claimName(tx, to)
	}
}

// RemoveRole has the change delete a named role of the tree root, once nobody has it. It errs with role-in-use where users or keys have it,
// telling how many; who gets it at the same time fails.
func RemoveRole(ctx context.Context, t *table.Table, tx *table.Tx, root string, role *Role) error {
	users, err := t.CloseCount(ctx, tx, root, table.MembersCount(role.Organization, role.ID))
	if err != nil {
		return err
	}
	keys, err := t.CloseCount(ctx, tx, root, table.KeysCount(role.Organization, role.ID))
	if err != nil {
		return err
	}
	if users != 0 || keys != 0 {
		return inUse(role, users, keys)
	}
	tx.Delete(table.RoleKey(role.Organization, role.ID), role.Version)
	tx.Delete(table.RoleNameKey(role.Organization, role.Name), 0)
	tx.Update(table.Touch(table.RolesKey(root, role.Organization)).Add("n", -1))
	return nil
}

func inUse(role *Role, users, keys int) error {
	refused := problem.New(problem.Conflict, "role-in-use", "The role %q is still in use. Give its users and keys another one first.", role.Name)
	refused.Consequences = problem.Amounts(problem.Amount{N: users, One: "user", Many: "users"}, problem.Amount{N: keys, One: "API key", Many: "API keys"})
	return refused
}

func claimName(tx *table.Tx, role *Role) {
	tx.Create(table.RoleNameKey(role.Organization, role.Name), map[string]string{"role": role.ID}, NameTaken())
}

// NameTaken says that a role of the organization has the name already.
func NameTaken() error {
	return problem.New(problem.Conflict, "role-name-taken", "Another role of the organization has this name already.")
}

// BuiltInName tells whether the name is one of a built-in role, regardless of case.
func BuiltInName(name string) bool {
	folded := table.Fold(name)
	return folded == table.Fold(administratorName) || folded == table.Fold(userName)
}
