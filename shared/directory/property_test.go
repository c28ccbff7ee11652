package directory

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// request is what an IdP asks: a user into a group or out of it, active or not.
type request struct {
	group string // empty: the active flag
	to    bool
}

// world is a user as the server holds it, resolved with each request that changes something.
type world struct {
	active   bool
	groups   map[string]bool
	present  Assignment
	outsider bool
	mappings []Mapping
}

func (w *world) resolve() *Resolution {
	r := Resolve(Standing{w.active, w.outsider, slices.Collect(maps.Keys(w.groups)), w.present}, w.mappings)
	w.present = r.Assigned
	return r
}

func (w *world) take(one request) {
	before := w.active
	if one.group == "" {
		w.active = one.to
	} else if before = w.groups[one.group]; one.to {
		w.groups[one.group] = true
	} else {
		delete(w.groups, one.group)
	}
	if before != one.to {
		w.resolve()
	}
}

func drawnMappings(t *rapid.T) []Mapping {
	var drawn []Mapping
	for rank, group := range rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(t, "ranks") {
		if rapid.IntRange(0, 3).Draw(t, "mapped") == 0 {
			continue
		}
		organization := rapid.SampledFrom([]string{"main", "sub"}).Draw(t, "organization")
		role := rapid.SampledFrom([]string{"admin", "user"}).Draw(t, "role")
		drawn = append(drawn, Mapping{Group: group, Organization: organization, Role: organization + role, Rank: rank, Administrator: role == "admin"})
	}
	return drawn
}

func drawnWorld(t *rapid.T) world {
	w := world{
		active: rapid.Bool().Draw(t, "active"), outsider: rapid.Bool().Draw(t, "outsider"), mappings: drawnMappings(t), groups: map[string]bool{},
		present: rapid.SampledFrom([]Assignment{{}, byHand, byVisit, byGroup}).Draw(t, "present"),
	}
	for _, group := range []string{"a", "b", "c", "d"} {
		if rapid.Bool().Draw(t, "in "+group) {
			w.groups[group] = true
		}
	}
	w.resolve()
	return w
}

func (w world) copied() world {
	w.groups = maps.Clone(w.groups)
	return w
}

func TestAnyOrderAndRepetitionGivesTheSameRole(t *testing.T) {
	t.Parallel()
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		start := drawnWorld(t)
		requests := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) request {
			return request{rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(t, "group"), rapid.Bool().Draw(t, "to")}
		}), 1, 6).Draw(t, "requests")
		one, other := start.copied(), start.copied()
		for _, r := range requests {
			one.take(r)
		}
		repeated := append(slices.Clone(requests), rapid.SliceOfN(rapid.SampledFrom(requests), 0, 4).Draw(t, "sent again")...)
		for _, r := range rapid.Permutation(repeated).Draw(t, "another order") {
			other.take(r)
		}
		if one.active != other.active || !maps.Equal(one.groups, other.groups) {
			return
		}
		compared++
		a, b := one.resolve(), other.resolve()
		if diff := cmp.Diff(a, b, cmp.AllowUnexported(Resolution{})); diff != "" {
			t.Fatalf("%v from %+v:\n%s", requests, start, diff)
		}
	})
	if compared == 0 {
		t.Error("no two orders had the same end")
	}
}

func TestResolvingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWorld(t)
		first := w.resolve()
		if diff := cmp.Diff(first, w.resolve(), cmp.AllowUnexported(Resolution{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestTheFirstCycleOfEntraTakesNothingFromAnybodyUnmapped: SCIM is switched on in a tree that lived without it, users are linked and put into
// groups one by one; who is in no mapped group keeps the role that a person gave.
func TestTheFirstCycleOfEntraTakesNothingFromAnybodyUnmapped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := world{active: true, mappings: drawnMappings(t), groups: map[string]bool{}, present: rapid.SampledFrom([]Assignment{byHand, byVisit}).Draw(t, "present")}
		given := w.present
		mapped := func(group string) bool {
			return slices.ContainsFunc(w.mappings, func(m Mapping) bool { return m.Group == group })
		}
		for range rapid.IntRange(0, 8).Draw(t, "requests") {
			r := request{rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(t, "group"), rapid.Bool().Draw(t, "to")}
			if r.group == "" || !mapped(r.group) {
				w.take(r)
			}
		}
		w.active = true
		if got := w.resolve(); got.Effective() != given || got.Reason != KeptByHand {
			t.Fatalf("%+v", got)
		}
	})
}

func TestRanksDecideAndNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawnWorld(t)
		w.active, w.outsider = true, false
		r := w.resolve()
		for _, m := range w.mappings {
			if w.groups[m.Group] && m.Rank < r.By.Rank {
				t.Fatalf("%+v is higher than %+v", m, r.By)
			}
		}
		w.mappings = rapid.Permutation(w.mappings).Draw(t, "listed in another order")
		if again := w.resolve(); again.Assigned != r.Assigned {
			t.Fatalf("%+v, and listed in another order %+v", r, again)
		}
	})
}
