package scim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestMembersAreWhatTheOperationsLeave compares the changes that a patch gives, without reading members, with what its operations leave of
// a set when each is worked off on it.
func TestMembersAreWhatTheOperationsLeave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 0, 4)
		before := set(ids.Draw(t, "before"))
		want := maps.Clone(before)
		var operations []string
		for range rapid.IntRange(0, 6).Draw(t, "operations") {
			operations = append(operations, drawnOperation(t, ids.Draw(t, "ids"), want))
		}
		group := &Resource{Group, Object{"displayName": "G"}}
		changes, err := patched(group, "["+strings.Join(operations, ",")+"]")
		if err != nil {
			t.Fatalf("%v: %v", operations, err)
		}
		if diff := cmp.Diff(want, changed(before, changes.Members)); diff != "" {
			t.Fatalf("%v of %v by %+v:\n%s", operations, before, changes.Members, diff)
		}
	})
}

func TestAnIdThatIsTooLongForOneSelectsNobody(t *testing.T) {
	t.Parallel()
	for length, selects := range map[int]int{longestMember: 1, longestMember + 1: 0, 3_000: 0} {
		path := `members[value eq \"` + strings.Repeat("x", length) + `\"]`
		changes, err := patched(&Resource{Group, Object{"displayName": "G"}}, `[{"op":"remove","path":"`+path+`"}]`)
		if err != nil || len(changes.Members.Removed) != selects {
			t.Errorf("%d characters: %v, %d are removed", length, err, len(changes.Members.Removed))
		}
	}
}

func set(ids []string) map[string]bool {
	all := map[string]bool{}
	for _, id := range ids {
		all[id] = true
	}
	return all
}

// changed is a set after the changes.
func changed(before map[string]bool, m Members) map[string]bool {
	after := maps.Clone(before)
	if m.All {
		clear(after)
	}
	for _, id := range m.Removed {
		delete(after, id)
	}
	for _, id := range m.Added {
		after[id] = true
	}
	return after
}

// drawnOperation draws one, as any of the providers writes it, and does it to the set.
func drawnOperation(t *rapid.T, ids []string, of map[string]bool) string {
	var listed []string
	for _, id := range ids {
		listed = append(listed, rapid.SampledFrom([]string{`"%s"`, `{"value":"%s"}`, `{"$ref":null,"value":"%s"}`, `{"VALUE":"%s","type":"user","display":"x"}`}).Draw(t, "form"))
		listed[len(listed)-1] = fmt.Sprintf(listed[len(listed)-1], id)
	}
	list := "[" + strings.Join(listed, ",") + "]"
	switch verb := rapid.SampledFrom([]string{"add", "Remove", "remove by path", "replace", "remove all", "add without path"}).Draw(t, "verb"); verb {
	case "add", "add without path":
		for _, id := range ids {
			of[id] = true
		}
		if verb == "add" {
			return `{"op":"Add","path":"members","value":` + list + `}`
		}
		return `{"op":"add","value":{"members":` + list + `}}`
	case "Remove", "remove by path":
		maps.DeleteFunc(of, func(id string, _ bool) bool { return slices.Contains(ids, id) })
		if verb == "Remove" || len(ids) == 0 {
			return `{"op":"Remove","path":"members","value":` + list + `}`
		}
		return `{"op":"remove","path":"members[value eq \"` + strings.Join(ids, `\" or value eq \"`) + `\"]"}`
	case "replace":
		clear(of)
		for _, id := range ids {
			of[id] = true
		}
		return `{"op":"replace","path":"members","value":` + list + `}`
	}
	clear(of)
	return `{"op":"remove","path":"members"}`
}
