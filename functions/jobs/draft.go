package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/intake"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// The columns that a file may have.
const (
	nameColumn           = "name"
	emailColumn          = "email"
	departmentColumn     = "department"
	languageColumn       = "language"
	organizationColumn   = "organization"
	organizationIDColumn = "organizationId"
	roleColumn           = "role"
	roleIDColumn         = "roleId"
)

// taken are the columns that are read; passed are those of an export that say nothing of who is to be invited.
var (
	taken  = []string{nameColumn, emailColumn, departmentColumn, languageColumn, organizationColumn, organizationIDColumn, roleColumn, roleIDColumn}
	passed = []string{"id", "status", "emailPassword", "createdAt", "createdBy", "updatedAt", "updatedBy"}
)

// draft is a file while it is checked.
type draft struct {
	caller   *access.Caller
	dry      bool
	columns  map[string]int // where each column stands
	rows     int
	people   []intake.Person // who is to be invited
	existing []int
	faults   []Fault
	places   *places
}

// check checks all rows of a file. It errs only where the file as a whole, or who sends it, is to be refused.
func (j *jobs) check(ctx context.Context, d *draft, rows []row) error {
	d.existing, d.faults, d.rows = []int{}, []Fault{}, len(rows)-1
	if d.readColumns(rows[0]); len(d.faults) > 0 {
		return nil
	}
	var err error
	if d.places, err = j.readPlaces(ctx, d, rows[1:]); err != nil {
		return err
	}
	lines := map[string]int{} // where an address stood first
	for _, one := range rows[1:] {
		if err := d.readPerson(one, lines); err != nil {
			return err
		}
	}
	if err := j.compare(ctx, d); err != nil {
		return err
	}
	slices.SortStableFunc(d.faults, func(a, b Fault) int { return a.Row - b.Row })
	return nil
}

// fault notes what is wrong in a column of a row.
func (d *draft) fault(row int, column, message string) {
	d.faults = append(d.faults, Fault{row, column, message})
}

// readColumns learns from the first row where each column stands.
func (d *draft) readColumns(first row) {
	d.columns = map[string]int{}
	for i, name := range first.cells {
		known := func(one string) bool { return strings.EqualFold(one, name) }
		at := slices.IndexFunc(taken, known)
		switch {
		case name == "" || at < 0 && slices.ContainsFunc(passed, known):
		case at < 0:
			d.fault(first.number, name, "is not a column that an import knows: remove it, or name it one of "+strings.Join(taken, ", "))
		default:
			if _, twice := d.columns[taken[at]]; twice {
				d.fault(first.number, taken[at], "is there twice: leave one of the columns")
			}
			d.columns[taken[at]] = i
		}
	}
	for _, needed := range []string{nameColumn, emailColumn} {
		d.need(first.number, needed, needed)
	}
	d.need(first.number, roleColumn, roleColumn, roleIDColumn)
}

// need notes where there is none of the columns.
func (d *draft) need(row int, column string, any ...string) {
	for _, name := range any {
		if _, there := d.columns[name]; there {
			return
		}
	}
	d.fault(row, column, "is missing: the first row names the columns, and there is none of this name")
}

// cell is what a row has in a column, empty where there is no such column.
func (d *draft) cell(of row, column string) string {
	at, there := d.columns[column]
	if !there || at >= len(of.cells) {
		return ""
	}
	return of.cells[at]
}

// readPerson checks a row as far as the row itself goes, and adds the person where nothing is wrong with it.
func (d *draft) readPerson(of row, lines map[string]int) error {
	before := len(d.faults)
	one := intake.Person{Line: of.number, Name: d.text(of, nameColumn), Department: d.cell(of, departmentColumn), Language: d.cell(of, languageColumn)}
	if one.Department != "" {
		one.Department = d.text(of, departmentColumn)
	}
	if one.Language != "" && !tenant.KnownLanguage(one.Language) {
		d.fault(of.number, languageColumn, "is not one of the languages to choose from, such as en or pt-BR")
	}
	one.Email = d.address(of, lines)
	place, role, err := d.choose(of)
	if err != nil {
		return err
	}
	if len(d.faults) > before {
		return nil
	}
	one.Organization, one.Role = place.ID, role.ID
	if one.Language == "" {
		one.Language = place.Language
	}
	d.people = append(d.people, one)
	return nil
}

// text is a name or the like in a column.
func (d *draft) text(of row, column string) string {
	value, err := people.CheckName(column, d.cell(of, column))
	if e := problem.As(err); e != nil {
		d.fault(of.number, column, e.Fields[0].Message)
	} else if utf8.RuneCountInString(value) > 100 {
		d.fault(of.number, column, "must have at most 100 characters")
	}
	return value
}

// address is the email address of a row, which no other row has.
func (d *draft) address(of row, lines map[string]int) string {
	value, err := people.CheckAddress(emailColumn, d.cell(of, emailColumn))
	if e := problem.As(err); e != nil {
		d.fault(of.number, emailColumn, e.Fields[0].Message)
		return ""
	}
	if first, twice := lines[table.Fold(value)]; twice {
		d.fault(of.number, emailColumn, fmt.Sprintf("stands in row %d already: leave one of them", first))
		return value
	}
	lines[table.Fold(value)] = of.number
	return value
}

// compare asks the table what it knows of the addresses: who is there already is passed over, and no link is mailed to a domain that
// the tree has lost.
func (j *jobs) compare(ctx context.Context, d *draft) error {
	root := d.caller.Organization.Root
	claims, domains := make([]people.Claim, len(d.people)), make([]tenant.Standing, len(d.people))
	var wants []*table.Wanted
	for i, one := range d.people {
		wants = append(wants, table.Want(table.AddressKey(root, one.Email), &claims[i]), tenant.WantStanding(root, one.Email, &domains[i]))
	}
	if err := j.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	rest := d.people[:0]
	for i, one := range d.people {
		if claims[i].User != "" {
			d.existing = append(d.existing, one.Line)
			continue
		}
		if e := problem.As(domains[i].Refuse(one.Email)); e != nil {
			d.fault(one.Line, emailColumn, e.Detail)
		}
		rest = append(rest, one)
	}
	d.people = rest
	return nil
}
