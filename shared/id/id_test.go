package id_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/id"
)

func TestWhatIsMadeIsValidAndOfItsKindOnly(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		made := id.New(id.Organization)
		if !id.Valid(id.Organization, made) || id.Valid(id.User, made) || seen[made] {
			t.Fatalf("%s", made)
		}
		seen[made] = true
	}
}

func TestOnlyTheCanonicalFormIsValid(t *testing.T) {
	t.Parallel()
	good := "org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"
	if !id.Valid(id.Organization, good) {
		t.Fatal("the good one is refused")
	}
	for _, value := range []string{"", "org_", "org", good[4:], "ORG" + good[3:], strings.ToLower(good), good + "0", good[:len(good)-1],
		" " + good, good + " ", good + "\n", strings.Replace(good, "0", "O", 1), strings.Replace(good, "1", "I", 1), "usr_" + good[4:],
		"org_8" + good[5:], "org_" + strings.Repeat("\x00", 26), "org_01JD3V0Q6ZJ5Q8F1V5N2S4T7X#", "org__01JD3V0Q6ZJ5Q8F1V5N2S4T7X"} {
		if id.Valid(id.Organization, value) {
			t.Errorf("%q is taken", value)
		}
	}
}

func TestABoundInTimePartsTheIdsOfBeforeFromTheOthers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	bound := id.From(id.Event, at)
	if id.Valid(id.Event, bound) || !strings.HasPrefix(id.New(id.Event), "evt_") {
		t.Errorf("%s is an id", bound)
	}
	for range 100 {
		before, then := id.NewAt(id.Event, at.Add(-time.Millisecond)), id.NewAt(id.Event, at)
		if !id.Valid(id.Event, then) || before >= bound || then <= bound {
			t.Fatalf("%s, %s, %s", before, bound, then)
		}
	}
	for _, far := range []time.Time{{}, time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := id.From(id.Event, far); (got < bound) != far.IsZero() || len(got) != len(bound) {
			t.Errorf("%v: %s", far, got)
		}
	}
}

func TestAnyTextIsDecidedWithoutFailing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := "org_" + rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z]{26}`)).Draw(t, "value")
		if id.Valid(id.Organization, value) && (len(value) != 30 || strings.ContainsAny(value[4:], "ILOU#/. ")) {
			t.Fatalf("%q is taken", value)
		}
	})
}
