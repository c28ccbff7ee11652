package main

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
)

// This file says what would change a role that somebody has, and why somebody has none and what would give one (USR-5).

// wouldChange says what groups would change of a role.
func (e *Explanation) wouldChange(u *people.User, by *byGroups, memberships []memberOf) {
	if assigned := by.resolution.Assigned; assigned != by.present {
		e.WouldChange = append(e.WouldChange, "Sync assigned roles, or applying the mapping at once: "+pending(assigned, memberships))
	}
	if by.resolution.By == nil {
		return
	}
	if by.resolution.By.Missing {
		e.WouldChange = append(e.WouldChange, mendable(by, memberships))
		return
	}
	decides, next := memberships[0].group.Name, "then no group gives a role any more"
	for _, one := range memberships[1:] {
		if one.against == directory.Outranked {
			next = fmt.Sprintf("then %q decides, with %s", one.group.Name, one.gives())
			break
		}
	}
	e.WouldChange = append(e.WouldChange,
		fmt.Sprintf("The identity provider takes %s out of the group %q: %s.", u.Name, decides, next),
		fmt.Sprintf("An administrator maps the group %q to another role, clears its mapping, or ranks another group above it, and has that applied.", decides))
}

// pending says what the groups give, where that is something else than what is there.
func pending(assigned directory.Assignment, memberships []memberOf) string {
	if assigned.None() {
		return "no group gives this role any more."
	}
	return fmt.Sprintf("the group %q gives %s.", memberships[0].group.Name, memberships[0].gives())
}

// mendable is what has to be done about a mapping whose role is gone.
func mendable(by *byGroups, memberships []memberOf) string {
	for _, one := range memberships {
		if one.Group == by.resolution.By.Group {
			return fmt.Sprintf("An administrator maps the group %q to a role that is there, or clears its mapping.", one.group.Name)
		}
	}
	return ""
}

// tellNone puts into words why somebody has no role, and what would give one.
func (e *Explanation) tellNone(u *people.User, by *byGroups, memberships []memberOf) {
	none := fmt.Sprintf("%s has no role, and so is in no organization and cannot sign in", u.Name)
	if e.GivenBy != nil {
		none += fmt.Sprintf(": %s took the last one away on %s", e.GivenBy.Called(), e.GivenAt)
	}
	e.Chain = append(e.Chain, none+".")
	switch {
	case u.Connection == "":
		e.Chain = append(e.Chain, fmt.Sprintf("No identity provider manages %s, so that no group gives one.", u.Name))
	case len(u.Groups) == 0:
		e.Chain = append(e.Chain, fmt.Sprintf("The identity provider has %s in no group.", u.Name))
	}
	for i := range memberships {
		e.Chain = append(e.Chain, memberships[i].says(u)...)
	}
	if u.Status == people.Inactive {
		e.Chain = append(e.Chain, fmt.Sprintf("%s is inactive besides: a role would be kept, and give nothing until the user is active.", u.Name))
	}
	e.wouldGive(u, by, memberships)
}

// wouldGive says what would give a role to somebody who has none.
func (e *Explanation) wouldGive(u *people.User, by *byGroups, memberships []memberOf) {
	switch decides := by.resolution.By; {
	case decides != nil && decides.Missing:
		e.WouldChange = append(e.WouldChange, mendable(by, memberships))
	case decides != nil:
		e.WouldChange = append(e.WouldChange, fmt.Sprintf("The group %q gives %s: at once where it is being applied at the moment, with Sync assigned roles otherwise.",
			memberships[0].group.Name, memberships[0].gives()))
	default:
		e.WouldChange = append(e.WouldChange, "An administrator gives a role, of any organization of the tree.")
	}
	if u.Connection != "" && by.resolution.By == nil {
		e.WouldChange = append(e.WouldChange, fmt.Sprintf("The identity provider puts %s into a group that is mapped to a role.", u.Name))
	}
	for _, one := range memberships {
		switch one.against {
		case unmapped:
			e.WouldChange = append(e.WouldChange, fmt.Sprintf("An administrator maps the group %q to a role.", one.group.Name))
		case directory.OutsiderBarred:
			e.WouldChange = append(e.WouldChange, fmt.Sprintf("The domain of the address of %s is verified in the tree, or the group %q is mapped to a role that is no administrator's.", u.Name, one.group.Name))
		}
	}
}
