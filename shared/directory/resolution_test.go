package directory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	byHand  = Assignment{Organization: "org_main", Role: "rol_admin", Source: ByPerson}
	byVisit = Assignment{Organization: "org_main", Role: "rol_user", Source: JustInTime}
	byGroup = Assignment{Organization: "org_sub", Role: "rol_old", Source: BySCIM, Group: "grp_gone"}

	guides   = Mapping{Group: "grp_guides", Organization: "org_sub", Role: "rol_guide", Rank: 2}
	admins   = Mapping{Group: "grp_admins", Organization: "org_main", Role: "rol_admin", Rank: 1, Administrator: true}
	everyone = Mapping{Group: "grp_everyone", Organization: "org_main", Role: "rol_user", Rank: 3}
	broken   = Mapping{Group: "grp_broken", Organization: "org_sub", Role: "rol_gone", Rank: 0, Missing: true}
	cleared  = Mapping{Group: "grp_cleared", Rank: 4, Pending: true}
	all      = []Mapping{everyone, guides, admins, cleared}
)

func given(m Mapping) Assignment { return Assignment{m.Organization, m.Role, BySCIM, m.Group} }

func TestTheRoleFollowsFromTheGroups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		standing Standing
		mappings []Mapping
		assigned Assignment
		reason   Reason
		losers   []Loser
		conflict bool
		pending  bool
	}{
		{"SCI-5 one mapped group", Standing{Active: true, Groups: []string{"grp_guides", "grp_other"}}, all, given(guides), GroupMapped, nil, false, false},
		{"SCI-6 of several the highest-ranked", Standing{Active: true, Groups: []string{"grp_everyone", "grp_admins", "grp_guides"}}, all, given(admins), GroupMapped,
			[]Loser{{guides, Outranked}, {everyone, Outranked}}, true, false},
		{"SCI-5 the first mapped group takes over", Standing{Active: true, Groups: []string{"grp_everyone"}, Present: byHand}, all, given(everyone), GroupMapped, nil, false, false},
		{"SCI-5 no mapped group takes nothing that was given by hand", Standing{Active: true, Groups: []string{"grp_other"}, Present: byHand}, all, byHand, KeptByHand, nil, false, false},
		{"nor at the first sign-in", Standing{Active: true, Present: byVisit}, all, byVisit, KeptByHand, nil, false, false},
		{"SCI-5 what a group gave goes with the last", Standing{Active: true, Present: byGroup}, all, Assignment{}, NoMappedGroup, nil, false, false},
		{"USR-3 nobody gave anything", Standing{Active: true, Groups: []string{"grp_other"}}, all, Assignment{}, NoMappedGroup, nil, false, false},
		{"nothing is mapped", Standing{Active: true, Groups: []string{"grp_guides"}, Present: byHand}, nil, byHand, KeptByHand, nil, false, false},
		{"SCI-8 an outsider is no administrator", Standing{Active: true, Outsider: true, Groups: []string{"grp_everyone", "grp_admins"}}, all, given(everyone), GroupMapped,
			[]Loser{{admins, OutsiderBarred}}, true, false},
		{"SCI-8 not even without another group", Standing{Active: true, Outsider: true, Groups: []string{"grp_admins"}, Present: byGroup}, all, Assignment{}, NoMappedGroup,
			[]Loser{{admins, OutsiderBarred}}, false, false},
		{"a missing role leaves all as it is", Standing{Active: true, Groups: []string{"grp_broken", "grp_admins"}, Present: byGroup}, append([]Mapping{broken}, all...), byGroup, RoleMissing,
			[]Loser{{admins, Outranked}}, true, false},
		{"MAP-3 a cleared mapping gives nothing", Standing{Active: true, Groups: []string{"grp_cleared"}, Present: byGroup}, all, Assignment{}, NoMappedGroup, nil, false, true},
		{"MAP-3 nor takes what was given by hand", Standing{Active: true, Groups: []string{"grp_cleared"}, Present: byHand}, all, byHand, KeptByHand, nil, false, true},
		{"MAP-3 one that changed is told", Standing{Active: true, Groups: []string{"grp_x"}}, []Mapping{{Group: "grp_x", Organization: "o", Role: "r", Rank: 1, Pending: true}},
			Assignment{"o", "r", BySCIM, "grp_x"}, GroupMapped, nil, false, true},
		{"a group is mapped once", Standing{Active: true, Groups: []string{"grp_guides", "grp_guides"}}, []Mapping{guides, guides}, given(guides), GroupMapped, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := Resolve(c.standing, c.mappings)
			if r.Assigned != c.assigned || r.Effective() != c.assigned || r.Reason != c.reason || r.Conflict != c.conflict || r.Pending != c.pending {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(c.losers, r.Losers); diff != "" {
				t.Error(diff)
			}
			if (r.By != nil) != (c.reason == GroupMapped || c.reason == RoleMissing) {
				t.Errorf("it is by %+v", r.By)
			}
		})
	}
}

func TestSCI7_WhoIsInactiveHasNoAccessAndComesBackByTheGroups(t *testing.T) {
	t.Parallel()
	for _, present := range []Assignment{{}, byHand, byGroup, byVisit} {
		for _, groups := range [][]string{nil, {"grp_guides"}, {"grp_admins", "grp_everyone"}} {
			away := Resolve(Standing{Groups: groups, Present: present}, all)
			if !away.Effective().None() {
				t.Errorf("%v %v: %+v", present, groups, away.Effective())
			}
			back := Resolve(Standing{Active: true, Groups: groups, Present: away.Assigned}, all)
			if stayed := Resolve(Standing{Active: true, Groups: groups, Present: present}, all); back.Effective() != stayed.Effective() {
				t.Errorf("%v %v: back as %+v, else %+v", present, groups, back.Effective(), stayed.Effective())
			}
		}
	}
}

func TestSYN3_OutcomesAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to Assignment
		want     Outcome
	}{
		{Assignment{}, Assignment{}, Unchanged}, {byHand, byHand, Unchanged}, {byHand, given(admins), Unchanged}, {Assignment{}, byHand, RoleGiven}, {byHand, Assignment{}, RoleTaken},
		{byHand, byVisit, RoleChanged}, {byHand, given(guides), Moved},
		{Assignment{Organization: "a", Role: "same"}, Assignment{Organization: "b", Role: "same"}, Moved},
	} {
		if got := Compare(c.from, c.to); got != c.want {
			t.Errorf("%+v to %+v: %s", c.from, c.to, got)
		}
	}
}
