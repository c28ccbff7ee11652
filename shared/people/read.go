package people

import (
	"context"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

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

func read[T any](ctx context.Context, t *table.Table, key table.Key) (*T, error) {
	into := new(T)
	found, err := t.Get(ctx, key, into)
	if err == nil && !found {
		err = problem.Missing()
	}
	return into, err
}

// Named is an actor as the API shows one. Name and Email are empty for whoever is gone or of another tree.
type Named struct {
	Type  audit.ActorType `json:"type" enum:"user,key,scim,sync,system" doc:"What kind of thing acted"`
	ID    string          `json:"id" doc:"Its id; of the system, what did it"`
	Name  string          `json:"name,omitempty" doc:"Its name now"`
	Email string          `json:"email,omitempty" doc:"A person's address now"`
}

// Names joins the names of actors at reading, in one round trip for a hundred of them. People and keys are looked up in the
// tree root only.
func Names(ctx context.Context, t *table.Table, root string, actors ...audit.Actor) (map[audit.Actor]Named, error) {
	users, keys := map[audit.Actor]*User{}, map[audit.Actor]*APIKey{}
	var wants []*table.Wanted
	for _, actor := range actors {
		switch {
		case actor.Type == audit.ByUser && users[actor] == nil:
			users[actor] = &User{}
			wants = append(wants, table.Want(table.UserKey(root, actor.ID), users[actor]))
		case actor.Type == audit.ByKey && keys[actor] == nil:
			keys[actor] = &APIKey{}
			wants = append(wants, table.Want(table.KeyKey(root, actor.ID), keys[actor]))
		}
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	named := map[audit.Actor]Named{}
	for _, actor := range actors {
		one := Named{Type: actor.Type, ID: actor.ID}
		if user := users[actor]; user != nil {
			one.Name, one.Email = user.Name, user.Email
		}
		if key := keys[actor]; key != nil {
			one.Name = key.Name
		}
		named[actor] = one
	}
	return named, nil
}
