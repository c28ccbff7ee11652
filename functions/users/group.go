package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
)

// byGroups is what the groups of a user say of the role.
type byGroups struct {
	mappings   *directory.Mappings
	resolution *directory.Resolution
	present    directory.Assignment
}

// groups resolves a user by the mappings as they are.
func (f *users) groups(ctx context.Context, u *people.User) (by *byGroups, err error) {
	if err := people.Outside(ctx, f.Table, u); err != nil {
		return nil, err
	}
	standing := directory.StandingOf(u)
	by = &byGroups{present: standing.Present}
	if by.mappings, err = directory.ReadMappings(ctx, f.Table, u.Root); err != nil {
		return nil, err
	}
	by.resolution = directory.Resolve(standing, by.mappings.All())
	return by, nil
}
