package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is the groups of users, as users show them: they follow from who is in a group, and are changed there.

// knowGroups reads in which groups users are.
func (d *door) knowGroups(ctx context.Context, idp *caller, all []*one) error {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].document.ID
	}
	users, err := people.ReadUsers(ctx, d.Table, idp.Root, ids)
	for i := range users {
		all[i].groups = users[i].Groups
		all[i].show(idp, all[i].document.Version+users[i].Grouped, "", nil)
	}
	return err
}

// nameGroups has users show their groups. One that is being deleted is not shown.
func (d *door) nameGroups(ctx context.Context, idp *caller, all []*one) error {
	named, wants := map[string]*directory.Document{}, []*table.Wanted{}
	for _, u := range all {
		for _, group := range u.groups {
			if named[group] == nil {
				named[group] = &directory.Document{}
				wants = append(wants, table.Want(table.DocumentKey(idp.ID, group), named[group]))
			}
		}
	}
	if err := d.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for _, u := range all {
		if groups := listGroups(idp, u.groups, named); len(groups) > 0 {
			u.Values["groups"] = groups
		}
	}
	return nil
}

func listGroups(idp *caller, groups []string, named map[string]*directory.Document) (all []any) {
	for _, group := range groups {
		if d := named[group]; d.ID != "" {
			all = append(all, scim.GroupOf(idp.base, group, d.Name))
		}
	}
	return all
}
