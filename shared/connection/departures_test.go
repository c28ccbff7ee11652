package connection_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestSCI9_DeparturesOfAnHourAreCounted(t *testing.T) {
	t.Parallel()
	store, noon := tabletest.New(t), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, one := range []struct{ after, counts time.Duration }{{0, 1}, {5 * time.Minute, 2}, {30 * time.Minute, 3}, {65 * time.Minute, 4}, {75 * time.Minute, 3}, {5 * time.Hour, 1}} {
		if n, err := connection.NoteDeparture(t.Context(), store, "con_1", noon.Add(one.after)); err != nil || n != int(one.counts) {
			t.Errorf("after %v: %d, not %d; %v", one.after, n, one.counts, err)
		}
	}
	if n, err := connection.NoteDeparture(t.Context(), store, "con_2", noon); err != nil || n != 1 {
		t.Errorf("of another connection: %d, %v", n, err)
	}
}

func TestSCI9_WhatIsUnusual(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		departures, users int
		unusual           bool
	}{{9, 20, false}, {10, 20, true}, {10, 99, true}, {10, 100, false}, {11, 100, true}, {50, 100_000, false}, {51, 100_000, true}} {
		if got := connection.Unusual(one.departures, one.users); got != one.unusual {
			t.Errorf("%d of %d: %v", one.departures, one.users, got)
		}
	}
}

func TestSCI9_TheWarningIsGivenOnceAnHour(t *testing.T) {
	t.Parallel()
	store, noon, again := tabletest.New(t), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), errors.New("again")
	for _, one := range []struct {
		after time.Duration
		want  error
	}{{0, nil}, {time.Minute, again}, {time.Hour, again}, {time.Hour + time.Second, nil}} {
		tx := table.NewTx()
		connection.WarnOfDepartures(tx, "con_1", noon.Add(one.after), again)
		if err := store.Commit(t.Context(), tx); !errors.Is(err, one.want) {
			t.Errorf("after %v: %v", one.after, err)
		}
	}
}

func TestSCI9_TheNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, network := range map[string]string{"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48", "somewhere": "somewhere"} {
		if got := connection.NetworkOf(address); got != network {
			t.Errorf("%s is of %s, not %s", address, got, network)
		}
	}
}

func TestSCI9_UsesOfATokenAreKeptByNetworkAndDay(t *testing.T) {
	t.Parallel()
	store, noon := tabletest.New(t), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, after := range []time.Duration{0, time.Hour, 2 * time.Hour, 24 * time.Hour} {
		if _, err := store.Apply(t.Context(), connection.UseNetwork("con_1", "tok_1", "192.0.2.0/24", noon.Add(after))); err != nil {
			t.Fatal(err)
		}
	}
	uses, err := table.All[connection.NetworkUse](t.Context(), store, connection.NetworkUses("con_1"))
	if err != nil || len(uses) != 2 || uses[0].Day != "2026-11-25" {
		t.Fatalf("%+v %v", uses, err)
	}
	if got := fmt.Sprint(uses[1].Token, uses[1].Network, uses[1].FirstAt, uses[1].LastAt); got != "tok_1192.0.2.0/242026-11-24T12:00:00.000Z2026-11-24T14:00:00.000Z" {
		t.Errorf("%s", got)
	}
}
