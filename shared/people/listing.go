package people

import (
	"strings"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Listing asks for the users of an organization whose name, or address where sort is "address", begins with begin. By address
// all users of the tree are listed, on its main organization only: a suborganization's list would be read through the
// tree's, and its cursor names the last one read, who may be of another suborganization.
func Listing(of *tenant.Organization, sort, begin string) (table.Question, error) {
	place := table.UsersByName(of.ID, begin, "")
	if sort == "address" {
		if !of.Main() {
			return table.Question{}, problem.Invalid("query.sort", "can be address on a main organization only", sort)
		}
		place = table.UsersByAddress(of.ID, begin, "")
	}
	question := table.Question{Index: place.Index, PK: place.PK}
	if begin != "" {
		question.Prefix = strings.TrimSuffix(place.SK, "#") // the end of the name
	}
	return question, nil
}
