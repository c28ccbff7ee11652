package people_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/people"
)

// TestPER2_RolesAreComparedInEveryDimension holds every pair of roles against what the levels mean: whom one may look at,
// and whether one may change things.
func TestPER2_RolesAreComparedInEveryDimension(t *testing.T) {
	t.Parallel()
	can := map[people.Workspaces]struct{ readL1, changeL1, readL2, changeL2 bool }{
		people.WorkspacesNone:       {},
		people.WorkspacesL1ReadOnly: {readL1: true},
		people.WorkspacesL1:         {readL1: true, changeL1: true},
		people.WorkspacesL2ReadOnly: {readL1: true, readL2: true},
		people.WorkspacesL2:         {true, true, true, true},
	}
	var roles []*people.Role
	for _, portal := range []people.PortalAccess{people.UserAccess, people.AdministratorAccess} {
		for _, analyzer := range []bool{false, true} {
			for level := range can {
				roles = append(roles, &people.Role{Portal: portal, Analyzer: analyzer, Workspaces: level})
			}
		}
	}
	implies := func(a, b bool) bool { return !a || b }
	for _, r := range roles {
		for _, other := range roles {
			one, two := can[r.Workspaces], can[other.Workspaces]
			want := implies(r.Portal == people.AdministratorAccess, other.Portal == people.AdministratorAccess) &&
				implies(r.Analyzer, other.Analyzer) && implies(one.readL1, two.readL1) && implies(one.changeL1, two.changeL1) &&
				implies(one.readL2, two.readL2) && implies(one.changeL2, two.changeL2)
			if got := r.Within(other); got != want {
				t.Errorf("%s %s %v within %s %s %v: %v", r.Portal, r.Workspaces, r.Analyzer, other.Portal, other.Workspaces, other.Analyzer, got)
			}
		}
	}
}

func TestPER2_ALevelNobodyKnowsIsWithinNone(t *testing.T) {
	t.Parallel()
	unknown := &people.Role{Portal: people.UserAccess, Workspaces: "l3"}
	for _, other := range []people.Workspaces{people.WorkspacesNone, people.WorkspacesL2, "l3"} {
		if unknown.Within(&people.Role{Portal: people.AdministratorAccess, Workspaces: other, Analyzer: true}) {
			t.Errorf("within %s", other)
		}
	}
}
