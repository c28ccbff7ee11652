package restore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 500e6, time.UTC)

// What was made up to the mark is void, and so is what does not say when it was made.
func ExampleMark_Voids() {
	mark := restore.Mark{At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli()}
	fmt.Println(mark.Voids(time.Date(2026, 11, 23, 11, 59, 0, 0, time.UTC)), mark.Voids(time.Date(2026, 11, 23, 12, 1, 0, 0, time.UTC)))
	fmt.Println(mark.Voids(time.Time{}), restore.Mark{}.Voids(time.Time{}))
	// Output:
	// true false
	// true false
}

func TestINS6_WhatWasMadeUpToTheMarkIsVoid(t *testing.T) {
	t.Parallel()
	mark := restore.Mark{At: noon.UnixMilli()}
	for name, c := range map[string]struct {
		made time.Time
		void bool
	}{
		"long before":                             {noon.AddDate(-1, 0, 0), true},
		"the millisecond before":                  {noon.Add(-time.Millisecond), true},
		"at the same time":                        {noon, true},
		"the millisecond after":                   {noon.Add(time.Millisecond), false},
		"in the same second, known to the second": {time.Unix(noon.Unix(), 0), true},
		"in the next second, known to the second": {time.Unix(noon.Unix()+1, 0), false},
		"without a time, in seconds":              {time.Unix(0, 0), true},
		"without a time, as text":                 {clock.Parse(""), true},
		"as text, before":                         {clock.Parse(clock.Format(noon)), true},
		"as text, after":                          {clock.Parse(clock.Format(noon.Add(time.Millisecond))), false},
	} {
		if got := mark.Voids(c.made); got != c.void {
			t.Errorf("made %s: void is %v", name, got)
		}
		if (restore.Mark{}).Voids(c.made) {
			t.Errorf("made %s: void without a restore", name)
		}
	}
}

func TestINS6_EverybodyReadsTheSameMarkAndItOnlyGrows(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	set := func(at time.Time) error {
		tx := table.NewTx()
		restore.Set(tx, at)
		return tab.Commit(t.Context(), tx)
	}
	read := func() map[restore.Mark]int {
		found := map[restore.Mark]int{}
		for i := range 200 {
			mark, err := restore.Read(t.Context(), tab, fmt.Sprint("org_", i))
			if err != nil {
				t.Fatal(err)
			}
			found[mark]++
		}
		return found
	}
	if found := read(); found[restore.Mark{}] != 200 || !(restore.Mark{}).Time().IsZero() {
		t.Errorf("before any restore: %v", found)
	}
	for _, at := range []time.Time{noon, noon.Add(time.Hour)} {
		if err := set(at); err != nil {
			t.Fatal(err)
		}
		if found := read(); found[restore.Mark{At: at.UnixMilli()}] != 200 {
			t.Errorf("after the restore of %v: %v", at, found)
		}
	}
	if err := set(noon); !errors.Is(err, table.ErrChanged) {
		t.Errorf("an earlier mark: %v", err)
	}
	if found := read(); found[restore.Mark{At: noon.Add(time.Hour).UnixMilli()}] != 200 {
		t.Errorf("after an earlier mark: %v", found)
	}
}

func TestTheShardsAreUsedAlike(t *testing.T) {
	t.Parallel()
	used := map[table.Key]int{}
	for i := range 16_000 {
		used[restore.Key(fmt.Sprintf("org_01JD3V0Q6ZJ5Q8F1V5N2S4%04d", i))]++
	}
	if len(used) != table.RestoredShards {
		t.Fatalf("%d shards are used", len(used))
	}
	for shard, n := range used {
		if n < 700 || n > 1300 {
			t.Errorf("%s takes %d of 16,000 trees", shard.PK, n)
		}
	}
}
