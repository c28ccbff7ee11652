package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domain/domaintest"
	"github.com/tenantry/tenantry/shared/table"
)

// This file looks at many domains at once, in stacks of their own: the schedule works on all that an installation has.

// manyDomains gives the organization verified domains that fall due at that time, with their records in DNS.
func manyDomains(t testing.TB, org string, n int, due time.Time) []*domain.Domain {
	t.Helper()
	type records struct {
		Name   string   `json:"name"`
		Type   string   `json:"type"`
		Values []string `json:"values"`
	}
	var all []*domain.Domain
	var dns []records
	to, some := rawTable(t).table, table.MaxWrites/domaintest.Writes-1
	for begin := 0; begin < n; begin += some {
		tx := table.NewTx()
		for i := begin; i < min(begin+some, n); i++ {
			d := domaintest.Verified(tx, org, org, fmt.Sprintf("d%d-%s.example", i, unique()), time.Now(), due)
			tx.Count(org, table.DomainsCount(org), +1, nil)
			all = append(all, d)
			dns = append(dns, records{d.Record().Host, "TXT", []string{d.Record().Value}})
		}
		if err := to.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	stack.Local(t, "PUT", "dns", map[string]any{"records": dns})
	return all
}

// queries is how often each name was asked for.
func queries(t testing.TB) map[string]int {
	t.Helper()
	var all struct{ Queries map[string]int }
	stack.Local(t, "GET", "dns", nil).JSON(t, &all)
	return all.Queries
}

func TestDOM8_DomainsAreLookedAtOnceHoweverOftenTheWorkerIsKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	now := time.Now().Add(time.Hour).Truncate(time.Second)
	all := manyDomains(t, tree.Org, 600, now)
	looked := func() (once, more int) {
		asked := queries(t)
		for _, d := range all {
			switch n := asked[d.Record().Host]; {
			case n == 1:
				once++
			case n > 1:
				more++
			}
		}
		return once, more
	}
	end := killNowAndThen(t)
	for i := range 10 {
		due(t, now.Add(time.Duration(i)*time.Minute))
	}
	kills := end()
	if once, more := looked(); more > 0 || once == 0 || kills == 0 {
		t.Fatalf("after %d kills %d domains were looked up, %d of them twice within the hour", kills, once+more, more)
	}
	// An hour and a lease later, those that a killed worker had are looked at again; all others are not.
	for i := range 3 {
		due(t, now.Add(75*time.Minute+time.Duration(i)*time.Minute))
	}
	once, more := looked()
	if once+more != len(all) || more > kills*48 {
		t.Errorf("%d of %d domains were looked up once, %d twice after %d kills", once, len(all), more, kills)
	}
	o := rawTable(t)
	for _, d := range all {
		item := o.item(t, "ORG#"+tree.Org, "DOMAIN#"+d.ID)
		if check, _ := item["lastCheck"].(map[string]any); check["outcome"] != "found" {
			t.Fatalf("%s was not written down: %v", d.Name, item)
		}
	}
	inOrder(t, tree.Org)
	t.Logf("%d kills, %d domains looked up twice, more than an hour apart", kills, more)
}

// killNowAndThen has the worker killed at any of its calls, again and again, until end, which gives how often.
func killNowAndThen(t testing.TB) (end func() int) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for at := 0; ; at++ {
			fault := map[string]any{"kind": []string{"kill", "kill-after"}[at%2], "at": 1 + at%7}
			if _, err := stack.send(context.Background(), "POST", "/_local/faults", map[string]any{"function": "WorkerFunction", "faults": []any{fault}}, nil); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond): // some invocations come through
			}
		}
	}()
	return func() int {
		close(stop)
		<-ended
		stack.Local(t, "POST", "faults", map[string]any{"function": "WorkerFunction", "faults": []any{}})
		var lines []struct{ Text string }
		stack.Local(t, "GET", "logs?tail=5000", nil).JSON(t, &lines)
		kills := 0
		for _, line := range lines {
			if strings.Contains(line.Text, "Runtime exited with error: signal: killed") && !strings.Contains(line.Text, "batch failed") {
				kills++
			}
		}
		return kills
	}
}

func TestDOM8_ADomainCostsAFifthOfACall(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	const n = 1600
	now := time.Now().Add(time.Hour).Truncate(time.Second)
	manyDomains(t, tree.Org, n, now)
	stack.Local(t, "POST", "queues/idle", nil)
	calls := func() int {
		var totals map[string]struct {
			Made struct{ Calls map[string]int }
		}
		stack.Local(t, "GET", "totals", nil).JSON(t, &totals)
		return totals["WorkerFunction"].Made.Calls["dynamodb"]
	}
	before, began := calls(), time.Now()
	asked := map[string]int{}
	for len(asked) < n && time.Since(began) < time.Minute { // the list of what is due is some moments behind
		due(t, now)
		asked = queries(t)
	}
	took, each := time.Since(began), float64(calls()-before)/n
	for name, times := range asked {
		if strings.HasPrefix(name, "_tenantry-challenge.") && times != 1 {
			t.Fatalf("%s was asked for %d times", name, times)
		}
	}
	if len(asked) != n || each > 0.2 {
		t.Errorf("%d of %d were asked for, at %.3f calls each", len(asked), n, each)
	}
	t.Logf("%d domains in %v, %.3f calls of the table each", n, took, each)
}

func TestDOM1_AListCostsOneQueryMoreForEachThatIsListed(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	costs := []int{}
	for range 3 {
		tree.register(t, tree.Org, someDomain())
		costs = append(costs, len(callsOf(t, tree.Admin.DoWithKey(t, "GET", domainsOf(tree.Org), nil).Expect(t, 200))))
	}
	if !slices.Equal(costs, []int{costs[0], costs[0] + 1, costs[0] + 2}) {
		t.Errorf("lists of one, two and three domains take %v calls", costs)
	}
}
