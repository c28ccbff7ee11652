package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// mostPlaces is how many organizations a file may name: each is looked up with its roles.
const mostPlaces = 100

// place is an organization that the caller administers, with its roles.
type place struct {
	tenant.Organization
	roles []people.Role
}

// places are the organizations that a file names. What is of another tree, or of a part of the own one that the caller does not
// administer, is not among them (PER-4).
type places struct {
	own      people.Role // the caller's
	byID     map[string]*place
	byName   map[string][]*place // folded; several suborganizations may have one name
	verdicts map[string]error    // whether the caller may give a role, by its id
}

// readPlaces reads the organizations that the rows name, by id or by name, with their roles.
func (j *jobs) readPlaces(ctx context.Context, d *draft, rows []row) (*places, error) {
	c := d.caller
	ids, names := map[string]bool{c.Organization.ID: true}, map[string]bool{}
	if c.Relation != access.OwnAdministrator {
		ids[c.Organization.Root] = true
	}
	for _, one := range rows {
		if org := d.cell(one, organizationIDColumn); id.Valid(id.Organization, org) {
			ids[org] = true
		}
		if name := d.cell(one, organizationColumn); name != "" && c.Relation != access.OwnAdministrator {
			names[table.Fold(name)] = true
		}
	}
	if len(ids)+len(names) > mostPlaces {
		return nil, unreadable("names more than %d organizations: split the file", mostPlaces)
	}
	p := &places{byID: map[string]*place{}, byName: map[string][]*place{}, verdicts: map[string]error{}}
	return p, j.fillPlaces(ctx, c, p, ids, names)
}

func (j *jobs) fillPlaces(ctx context.Context, c *access.Caller, p *places, ids, names map[string]bool) error {
	for name := range names {
		_, below, path := strings.Cut(name, "/")
		for _, one := range []string{name, below} {
			if one == name || path {
				if err := j.named(ctx, c.Organization.Root, strings.TrimSpace(one), ids); err != nil {
					return err
				}
			}
		}
	}
	wants := []*table.Wanted{table.Want(c.RoleKey(), &p.own)}
	for org := range ids {
		p.byID[org] = &place{}
		wants = append(wants, table.Want(table.OrganizationKey(org), &p.byID[org].Organization))
	}
	if err := j.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for org, one := range p.byID {
		if one.Root != c.Organization.Root || c.Reach(org) != nil {
			delete(p.byID, org)
			continue
		}
		begin := table.RoleKey(org, "")
		var err error
		if one.roles, err = table.All[people.Role](ctx, j.Table, table.Question{PK: begin.PK, Prefix: begin.SK}); err != nil {
			return err
		}
		p.byName[table.Fold(one.Name)] = append(p.byName[table.Fold(one.Name)], one)
	}
	return nil
}

// named adds the ids of the suborganizations that have the name. Two of one name are enough to know that it does not say which.
func (j *jobs) named(ctx context.Context, root, name string, ids map[string]bool) error {
	if name == "" {
		return nil
	}
	list := table.OrganizationsUnder(root, name, "")
	page, err := table.List[tenant.Organization](ctx, j.Table, table.Question{Index: list.Index, PK: list.PK, Prefix: list.SK, Limit: 2})
	for _, one := range page.Items {
		ids[one.ID] = true
	}
	return err
}

// find is the organization that a row names; nil, with why not, where it names none.
func (p *places) find(c *access.Caller, org, name string) (one *place, column, why string) {
	if org == "" && name == "" {
		return p.byID[c.Organization.ID], "", ""
	}
	if org != "" {
		one = p.byID[org]
		if one == nil {
			return nil, organizationIDColumn, "is not an organization of this tree that you administer"
		}
		if name != "" && table.Fold(name) != table.Fold(one.Name) {
			return nil, organizationColumn, fmt.Sprintf("is not the organization that %s names: leave one of the two empty", organizationIDColumn)
		}
		return one, "", ""
	}
	found := p.byName[table.Fold(name)]
	if main := p.byID[c.Organization.Root]; len(found) == 0 && main != nil {
		if below, path := strings.CutPrefix(table.Fold(name), table.Fold(main.Name)+"/"); path {
			found = p.byName[table.Fold(below)]
		}
	}
	switch len(found) {
	case 0:
		return nil, organizationColumn, "is not the name of an organization of this tree that you administer"
	case 1:
		return found[0], "", ""
	}
	return nil, organizationColumn, "is the name of several organizations: name it by " + organizationIDColumn
}

// role is the role of the organization that a row names; nil, with why not, where it names none.
func (p *place) role(role, name string) (one *people.Role, column, why string) {
	var found []*people.Role
	for i := range p.roles {
		if r := &p.roles[i]; role != "" && r.ID == role || role == "" && table.Fold(r.Name) == table.Fold(name) {
			found = append(found, r)
		}
	}
	switch {
	case role == "" && name == "":
		return nil, roleColumn, "is empty: everybody gets a role"
	case len(found) == 0 && role != "":
		return nil, roleIDColumn, "is not a role of the organization " + p.Name
	case len(found) == 0:
		return nil, roleColumn, "is not a role of the organization " + p.Name
	case len(found) > 1:
		return nil, roleColumn, "is the name of several roles: name it by " + roleIDColumn
	case role != "" && name != "" && table.Fold(found[0].Name) != table.Fold(name):
		return nil, roleColumn, fmt.Sprintf("is not the role that %s names: leave one of the two empty", roleIDColumn)
	}
	return found[0], "", ""
}

// choose finds the organization and the role of a row, and decides whether the caller may give that one. That it takes a sign-in of
// the last minutes is no fault of the row: it refuses the file, unless it is only tried.
func (d *draft) choose(of row) (*place, *people.Role, error) {
	at, column, why := d.places.find(d.caller, d.cell(of, organizationIDColumn), d.cell(of, organizationColumn))
	if at == nil {
		d.fault(of.number, column, why)
		return nil, nil, nil
	}
	role, column, why := at.role(d.cell(of, roleIDColumn), d.cell(of, roleColumn))
	if role == nil {
		d.fault(of.number, column, why)
		return nil, nil, nil
	}
	verdict, known := d.places.verdicts[role.ID]
	if !known {
		verdict = d.caller.MayGive(role, &d.places.own)
		d.places.verdicts[role.ID] = verdict
	}
	e := problem.As(verdict)
	switch {
	case e == nil:
		return at, role, verdict
	case e.Slug == "reauthentication-required" && d.dry:
	case e.Slug == "reauthentication-required":
		return nil, nil, verdict
	default:
		d.fault(of.number, roleColumn, e.Detail)
	}
	return at, role, nil
}
