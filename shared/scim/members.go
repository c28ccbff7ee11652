package scim

import (
	"net/http"
	"strings"
)

// MostMemberChanges is how many members a request adds or removes at most (SCI-10). A request that lists all members of a group may list
// more: how many it changes is known to who compares them with those that are there, and refuses by TooManyMembers.
const MostMemberChanges = 5_000

// Members is what a request changes of the members of a group, without anybody having read them. Each list has an id once, and no id is
// in both: a request is worked off in its order, and what it ends with counts. Whether it changes anything is known to who looks at the
// memberships that it names.
type Members struct {
	All     bool     // whoever is a member and is not in Added is removed; Added is then as long as the request allows
	Added   []string // ids of users, who need not exist, nor need they not be members
	Removed []string // empty with All
}

// None tells whether nothing changes, whoever is a member.
func (m Members) None() bool { return !m.All && len(m.Added) == 0 && len(m.Removed) == 0 }

// memberships makes the operation on members that was asked for.
func (e *Edit) memberships(verb string, p path, sent any) error {
	whole := p.at.sub == nil && p.filter == nil
	switch {
	case !whole && (verb != remove || p.at.sub != nil):
		return Bad(Mutability, "Members are added and removed; nothing of them is changed. %s cannot be.", quoted(p.text))
	case !whole:
		return e.removeSelected(p)
	case sent == nil:
		return Bad(InvalidValue, "Members were sent as null, which could mean all or none. Send a list; to remove all, remove members without a value.")
	}
	ids, err := readMembers(verb, sent)
	if err != nil {
		return err
	}
	e.push(operation{verb: verb, path: p, members: ids, every: verb == replace})
	return nil
}

// removeSelected makes the operation of members[value eq "id"]. Nobody has an id that is too long for one.
func (e *Edit) removeSelected(p path) error {
	ids, ok := covering(p.filter)
	if !ok {
		return Bad(InvalidPath, `Members are removed by their ids, as members[value eq "id"]. %s would read them all.`, quoted(p.text))
	}
	var selected []string
	for _, id := range ids {
		if len(id) <= longestMember && p.filter.match(Object{"value": id, "type": "User"}) {
			selected = append(selected, id)
		}
	}
	e.push(operation{verb: remove, path: p, members: selected})
	return nil
}

// readMembers reads ids of members: objects with value, or ids alone, in a list or not. Whatever else is sent of a member is passed over.
func readMembers(verb string, sent any) ([]string, error) {
	several, ok := sent.([]any)
	if !ok {
		several = []any{sent}
	}
	ids := make([]string, 0, len(several))
	for _, one := range several {
		id, err := readMember(verb, one)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func readMember(verb string, sent any) (string, error) {
	id, simple := sent.(string)
	if o, ok := sent.(Object); ok {
		id, simple = member(o, "value").(string)
		kind, _ := member(o, "type").(string)
		reference, _ := member(o, "$ref").(string)
		group := kind != "" && lower(kind) != "user" || strings.Contains(reference, "/Groups/")
		if group && verb != remove { // a group is none in any case, and whoever is none is removed without a change
			return "", NestedGroup(id)
		}
	}
	if !simple || id == "" || len(id) > longestMember {
		return "", Bad(InvalidValue, "A member has no value, which is the id that the user was created with.")
	}
	return id, nil
}

// NestedGroup is the refusal of a group as a member.
func NestedGroup(id string) *Error {
	return Bad(InvalidValue, "The member %s is a group. Groups within groups are not supported: assign the inner group to the application itself.", quoted(id))
}

// longestMember bounds an id, which is far shorter.
const longestMember = 256

// TooManyMembers is the refusal of a request that changes more members than one may.
func TooManyMembers() *Error {
	return Refused(http.StatusRequestEntityTooLarge, "The request changes more than %d members. Send several PATCH requests.", MostMemberChanges)
}

// memberEdits is the members as the operations leave them: of each that was named, whether it is one.
type memberEdits struct {
	all   bool
	in    map[string]bool
	order []string
}

func (m *memberEdits) do(op operation) {
	if op.every {
		*m = memberEdits{all: true}
	}
	if m.in == nil {
		m.in = map[string]bool{}
	}
	for _, id := range op.members {
		if _, named := m.in[id]; !named {
			m.order = append(m.order, id)
		}
		m.in[id] = op.verb != remove
	}
}

// result is what there is to change.
func (m *memberEdits) result() (Members, error) {
	changes := Members{All: m.all}
	for _, id := range m.order {
		switch {
		case m.in[id]:
			changes.Added = append(changes.Added, id)
		case !m.all:
			changes.Removed = append(changes.Removed, id)
		}
	}
	if !m.all && len(changes.Added)+len(changes.Removed) > MostMemberChanges {
		return Members{}, TooManyMembers()
	}
	return changes, nil
}
