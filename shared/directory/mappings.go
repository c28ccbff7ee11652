package directory

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/table"
)

// Mappings are the groups of a tree that are mapped to roles: one item, so that whoever resolves a user reads all that decides at
// once.
type Mappings struct {
	Root    string `dynamodbav:"root"`
	Version int    `dynamodbav:"version"`
	// List is in the order of the ranks, the highest first.
	List []Mapped `dynamodbav:"list"`
}

// Mapped is a mapping as it is kept, with who made it.
type Mapped struct {
	Group         string      `dynamodbav:"group"`
	Organization  string      `dynamodbav:"organization,omitempty"`
	Role          string      `dynamodbav:"role,omitempty"` // empty: cleared, and listed while that is pending
	Administrator bool        `dynamodbav:"administrator,omitempty"`
	Pending       bool        `dynamodbav:"pending,omitempty"`
	By            audit.Actor `dynamodbav:"by"`
	At            string      `dynamodbav:"at"`
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
	for i, one := range m.List {
		if one.Group == group {
			return i
		}
	}
	return -1
}

// Write has the change keep the mappings as they are now. The commit fails with table.ErrChanged where others changed them.
func (m *Mappings) Write(tx *table.Tx) {
	if m.Version == 0 {
		m.Version = 1
		tx.Create(table.MappingsKey(m.Root), m, table.ErrChanged)
		return
	}
	tx.Update(table.Edit(table.MappingsKey(m.Root), m.Version).Set("list", m.List))
	m.Version++
}

// Drop takes the mapping of a group out of the list; false where there is none.
func (m *Mappings) Drop(group string) (was Mapped, found bool) {
	at := m.Of(group)
	if at < 0 {
		return Mapped{}, false
	}
	was = m.List[at]
	m.List = slices.Delete(slices.Clone(m.List), at, at+1)
	return was, true
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
