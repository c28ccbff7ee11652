package people

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Each points at each of the users.
func Each(users []User) []*User {
	all := make([]*User, len(users))
	for i := range users {
		all[i] = &users[i]
	}
	return all
}

// ReadUser reads a user of the tree root: Missing where the tree has none of that id.
func ReadUser(ctx context.Context, t *table.Table, root, user string) (*User, error) {
	if !id.Valid(id.User, user) {
		return nil, problem.Missing()
	}
	return read[User](ctx, t, table.UserKey(root, user))
}

// ReadRole reads a role of the organization: Missing where it has none of that id.
func ReadRole(ctx context.Context, t *table.Table, org, role string) (*Role, error) {
	if !id.Valid(id.Role, role) {
		return nil, problem.Missing()
	}
	return read[Role](ctx, t, table.RoleKey(org, role))
}

// ReadUsers reads the users of the tree root by their ids, in that order; one who is gone is empty.
func ReadUsers(ctx context.Context, t *table.Table, root string, ids []string) ([]User, error) {
	users, wants := make([]User, len(ids)), make([]*table.Wanted, len(ids))
	for i, one := range ids {
		wants[i] = table.Want(table.UserKey(root, one), &users[i])
	}
	return users, t.GetMany(ctx, wants...)
}

// ActiveAdministrators reads those of the users ids, the tree's set of administrators (tenant.Administrators), who are active and
// administer the main organization root, in order of their ids.
func ActiveAdministrators(ctx context.Context, t *table.Table, root string, ids []string) ([]User, error) {
	users, err := ReadUsers(ctx, t, root, ids)
	if err != nil {
		return nil, err
	}
	users = slices.DeleteFunc(users, func(u User) bool { return !u.countsAsAdministrator() })
	slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	return users, nil
}

// CountWithoutRole tells how many users of the tree have no role.
func CountWithoutRole(ctx context.Context, t *table.Table, root string) (int, error) {
	counts, err := t.Counts(ctx, root, table.WithoutRoleCount())
	return counts[table.WithoutRoleCount()], err
}

func read[T any](ctx context.Context, t *table.Table, key table.Key) (*T, error) {
	into := new(T)
	found, err := t.Get(ctx, key, into)
	if err == nil && !found {
		err = problem.Missing()
	}
	return into, err
}

// Erased stands for the name of a person or a key that is not there any more (GEN-7).
const Erased = "erased"

// Named is an actor as the API shows one. Who is of another tree has no name here.
type Named struct {
	Type   audit.ActorType `json:"type" enum:"user,key,scim,sync,system" doc:"What kind of thing acted"`
	ID     string          `json:"id" doc:"Its id; of the system, what did it"`
	Across string          `json:"across,omitempty" enum:"partner,platform" doc:"Of what it is where it is not of this tree; then it has no name here"`
	Name   string          `json:"name,omitempty" doc:"Its name now; erased of whoever is gone"`
	Email  string          `json:"email,omitempty" doc:"A person's address now"`
}

// Called is how a sentence names the actor.
func (n Named) Called() string {
	switch {
	case n.Across != "":
		return "somebody of the " + n.Across
	case n.Type == audit.ByKey:
		return fmt.Sprintf("the API key %q", n.Name)
	case n.Name != "":
		return n.Name
	}
	return "the product"
}

// Names joins the names of actors at reading, in one round trip for a hundred of them. People and keys are looked up in the
// tree root only; of SCIM the name is that of the connection.
func Names(ctx context.Context, t *table.Table, root string, actors ...audit.Actor) (map[audit.Actor]Named, error) {
	found := map[audit.Actor]*bearer{}
	var wants []*table.Wanted
	for _, actor := range actors {
		if key := actorKey(root, actor); found[actor] == nil && key != (table.Key{}) {
			found[actor] = &bearer{}
			wants = append(wants, table.Want(key, found[actor]))
		}
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	named := map[audit.Actor]Named{}
	for _, actor := range actors {
		one := Named{Type: actor.Type, ID: actor.ID, Across: actor.Across}
		if of := found[actor]; of != nil {
			one.Name, one.Email = of.Name, of.Email
		}
		if found[actor] != nil && one.Name == "" {
			one.Name = Erased
		}
		named[actor] = one
	}
	return named, nil
}

// bearer is a user, a key or a connection, as far as it has a name.
type bearer struct {
	Name  string `dynamodbav:"name"`
	Email string `dynamodbav:"email"`
}

// actorKey is where an actor of the tree is stored that has a name, otherwise the zero Key.
func actorKey(root string, actor audit.Actor) table.Key {
	switch {
	case actor.Across != "":
	case actor.Type == audit.ByUser:
		return table.UserKey(root, actor.ID)
	case actor.Type == audit.ByKey:
		return table.KeyKey(root, actor.ID)
	case actor.Type == audit.BySCIM:
		return table.ConnectionKey(actor.ID)
	}
	return table.Key{}
}
