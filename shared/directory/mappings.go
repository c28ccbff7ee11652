package directory

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Mappings are the groups of a tree that are mapped to roles: one item, so that whoever resolves a user reads all that decides at
// once.
type Mappings struct {
	Root    string `dynamodbav:"root"`
	Version int    `dynamodbav:"version"` // grows with every write
	// Revision grows with what people decide: what was planned by one holds as long as it is this one.
	Revision int `dynamodbav:"revision"`
	// List is in the order of the ranks, the highest first; those that were cleared stand at the end.
	List []Mapped `dynamodbav:"list"`
}

// Mapped is a mapping as it is kept, with who made it.
type Mapped struct {
	Group         string      `dynamodbav:"group"`
	Connection    string      `dynamodbav:"connection"` // whose IdP brought the group
	Organization  string      `dynamodbav:"organization,omitempty"`
	Role          string      `dynamodbav:"role,omitempty"` // empty: cleared, and listed while that is pending
	Administrator bool        `dynamodbav:"administrator,omitempty"`
	Pending       bool        `dynamodbav:"pending,omitempty"`
	Revision      int         `dynamodbav:"revision"` // of the mappings, when it was changed last
	By            audit.Actor `dynamodbav:"by"`
	At            string      `dynamodbav:"at"`
	// Rest is what another release keeps of it.
	Rest *table.Rest `dynamodbav:"-"`
}

// asMapped is a Mapped as the SDK reads and writes it.
type asMapped Mapped

// UnmarshalDynamoDBAttributeValue reads it with what this release does not know.
func (m *Mapped) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	m.Rest, err = table.ReadWhole(value, (*asMapped)(m))
	return err
}

// MarshalDynamoDBAttributeValue writes it with what this release does not know.
func (m Mapped) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return table.WriteWhole(asMapped(m), m.Rest)
}

// MostMappings is how many groups of a tree are mapped at most: they are one item.
const MostMappings = 1_000

// ReadMappings reads the mappings of a tree; one without any has none.
func ReadMappings(ctx context.Context, t *table.Table, root string) (*Mappings, error) {
	m := &Mappings{Root: root}
	_, err := t.Get(ctx, table.MappingsKey(root), m)
	return m, err
}

// All are the mappings as Resolve takes them.
func (m *Mappings) All() []Mapping {
	all := make([]Mapping, len(m.List))
	for i, one := range m.List {
		all[i] = Mapping{Group: one.Group, Organization: one.Organization, Role: one.Role, Rank: i + 1, Administrator: one.Administrator, Pending: one.Pending}
	}
	return all
}

// Of is the place of a group's mapping in the list, -1 where it has none.
func (m *Mappings) Of(group string) int {
	return slices.IndexFunc(m.List, func(one Mapped) bool { return one.Group == group })
}

// At tells whether the group is mapped as it was at a revision.
func (m *Mappings) At(group string, revision int) bool {
	i := m.Of(group)
	return i >= 0 && m.List[i].Revision == revision
}

// ranked is how many mappings give a role: the first ones.
func (m *Mappings) ranked() int {
	n := slices.IndexFunc(m.List, func(one Mapped) bool { return one.Role == "" })
	if n < 0 {
		n = len(m.List)
	}
	return n
}

// By tells how many of the mappings that give a role are of groups that the IdP of the connection brought.
func (m *Mappings) By(connection string) (n int) {
	for _, one := range m.List[:m.ranked()] {
		if one.Connection == connection {
			n++
		}
	}
	return n
}

// Ranked are the groups that are mapped to a role, in the order of the ranks.
func (m *Mappings) Ranked() (groups []string) {
	for _, one := range m.List[:m.ranked()] {
		groups = append(groups, one.Group)
	}
	return groups
}

// To is how many groups are mapped to the role of the organization, to any of it where no role is given.
func (m *Mappings) To(org, role string) (n int) {
	for _, one := range m.List {
		if one.Role != "" && one.Organization == org && (role == "" || role == one.Role) {
			n++
		}
	}
	return n
}

// Map has the change map the group, which the connection's IdP brought, to the role: a new mapping is the last one, another one keeps its
// rank. It is pending until it was applied. The commit fails with role-gone where the role is removed meanwhile.
func (m *Mappings) Map(tx *table.Tx, connection, group string, role *people.Role, by audit.Actor, now time.Time) error {
	at := m.Of(group)
	if at < 0 && len(m.List) >= MostMappings {
		return problem.New(problem.Conflict, "too-many-mappings", "%d groups are mapped, which is the most. Clear one first.", len(m.List))
	}
	m.Revision++
	one := Mapped{Group: group, Connection: connection, Organization: role.Organization, Role: role.ID, Administrator: role.Portal == people.AdministratorAccess,
		Pending: true, Revision: m.Revision, By: by, At: clock.Format(now)}
	if at >= 0 {
		one.Rest = m.List[at].Rest
	}
	if at >= 0 && m.List[at].Role != "" {
		m.List[at] = one
	} else {
		m.Drop(group)
		m.List = slices.Insert(m.List, m.ranked(), one)
	}
	gone := problem.New(problem.Conflict, "role-gone", "The role or its organization was removed in the meantime.")
	tx.Require(table.RoleKey(role.Organization, role.ID), expression.Name("pk").AttributeExists(), gone)
	m.Write(tx)
	return nil
}

// Clear has the change clear the mapping at a place of the list: it stays at the end of it, pending, until that was applied.
func (m *Mappings) Clear(tx *table.Tx, at int, by audit.Actor, now time.Time) {
	m.Revision++
	one := m.List[at]
	m.List = append(slices.Delete(slices.Clone(m.List), at, at+1), Mapped{Group: one.Group, Connection: one.Connection, Pending: true, Revision: m.Revision, By: by,
		At: clock.Format(now), Rest: one.Rest})
	m.Write(tx)
}

// Rank has the change order the mappings that give a role by these groups, each of them once. Those that have another place then are
// pending, where that can concern anybody.
func (m *Mappings) Rank(tx *table.Tx, groups []string, concerns bool) {
	m.Revision++
	list := make([]Mapped, 0, len(m.List))
	for i, group := range groups {
		one := m.List[m.Of(group)]
		if concerns && m.List[i].Group != group {
			one.Revision, one.Pending = m.Revision, true
		}
		list = append(list, one)
	}
	m.List = append(list, m.List[m.ranked():]...)
	m.Write(tx)
}

// Drop forgets the mapping of a group, and gives what it was; false where there was none.
func (m *Mappings) Drop(group string) (was Mapped, found bool) {
	at := m.Of(group)
	if at < 0 {
		return was, false
	}
	m.Revision++
	was = m.List[at]
	m.List = slices.Delete(slices.Clone(m.List), at, at+1)
	return was, true
}

// Applied has the change write down that the users were brought in line with the mappings as they were at a revision: those of these
// groups, or all where none is named, that were not changed since are pending no more, and those that were cleared are forgotten. It
// tells whether there is anything to write.
func (m *Mappings) Applied(tx *table.Tx, revision int, groups ...string) bool {
	was := slices.Clone(m.List)
	for i, one := range m.List {
		if one.Revision <= revision && (len(groups) == 0 || slices.Contains(groups, one.Group)) {
			m.List[i].Pending = false
		}
	}
	m.List = slices.DeleteFunc(m.List, func(one Mapped) bool { return one.Role == "" && !one.Pending })
	if slices.Equal(was, m.List) {
		return false
	}
	m.Write(tx)
	return true
}

// Write has the change keep the mappings as they are now. The commit fails with table.ErrChanged where others changed them.
func (m *Mappings) Write(tx *table.Tx) {
	if m.Version == 0 {
		m.Version = 1
		tx.Create(table.MappingsKey(m.Root), m, table.ErrChanged)
		return
	}
	tx.Update(table.Edit(table.MappingsKey(m.Root), m.Version).Set("list", m.List).Set("revision", m.Revision))
	m.Version++
}

// Hold has the change fail with table.ErrChanged where others change the mappings meanwhile: for who removes what they lead to.
func (m *Mappings) Hold(tx *table.Tx) {
	same := expression.Name("version").Equal(expression.Value(m.Version))
	if m.Version == 0 {
		same = expression.Name("pk").AttributeNotExists()
	}
	tx.Require(table.MappingsKey(m.Root), same, table.ErrChanged)
}

// Unmap takes the mapping of a group away that is no more, whatever others change of the mappings meanwhile.
func Unmap(ctx context.Context, t *table.Table, root, group string) error {
	return Again(ctx, func() error {
		m, err := ReadMappings(ctx, t, root)
		if err != nil {
			return err
		}
		if _, found := m.Drop(group); !found {
			return nil
		}
		tx := table.NewTx()
		m.Write(tx)
		return t.Commit(ctx, tx)
	})
}
