package httpapi_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

func TestAPI3_IfMatch(t *testing.T) {
	t.Parallel()
	for header, passes := range map[string]bool{"": true, "*": true, `"7"`: true, `"6", "7"`: true, `"6","7","8"`: true,
		`"6"`: false, `W/"7"`: false, "7": false, `"70"`: false, `""`: false, ",": false, `"*"`: false} {
		err := httpapi.Match{IfMatch: header}.Check(7)
		if passes != (err == nil) {
			t.Errorf("%q: %v", header, err)
		}
		if e := problem.As(err); err != nil && (e == nil || e.Slug != "stale") {
			t.Errorf("%q fails with %v", header, err)
		}
	}
}

func TestAPI3_AStaleETagChangesNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	first := h.send(t, h.signed("PATCH", "/things/"+id, `{"name": "b"}`, "if-match", `"1"`))
	if first.status != 200 || first.headers["Etag"] != `"2"` {
		t.Fatalf("%d %v", first.status, first.headers)
	}
	stale := h.send(t, h.signed("PATCH", "/things/"+id, `{"name": "c"}`, "if-match", `"1"`))
	if stale.status != 412 || stale.slug() != "stale" {
		t.Errorf("%d %s", stale.status, stale.body)
	}
	if now := h.send(t, h.signed("GET", "/things/"+id, "")); now.headers["Etag"] != `"2"` || now.body != first.body {
		t.Errorf("%v %s", now.headers, now.body)
	}
}

// meanwhile has somebody else change the thing between the first reading and the first commit.
func (h *house) meanwhile(t *testing.T, id string, version int) {
	var once sync.Once
	h.reading = func() {
		once.Do(func() {
			if _, err := h.tab.Apply(context.Background(), table.Edit(table.RoleKey(h.org, id), version).Set("name", "theirs")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAChangeRunsAgainOnWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	h.meanwhile(t, id, 1)
	if got := h.send(t, h.signed("PATCH", "/things/"+id, `{"name": "mine"}`)); got.status != 200 || got.headers["Etag"] != `"3"` {
		t.Errorf("%d %v %s", got.status, got.headers, got.body)
	}
}

func TestAPI3_AChangeMeanwhileMakesTheETagStale(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	h.meanwhile(t, id, 1)
	if got := h.send(t, h.signed("PATCH", "/things/"+id, `{"name": "mine"}`, "if-match", `"1"`)); got.status != 412 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestWhatNeverComesToRestIsBusy(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	version := 0
	h.reading = func() {
		version++
		if _, err := h.tab.Apply(context.Background(), table.Edit(table.RoleKey(h.org, id), version).Set("name", "theirs")); err != nil {
			t.Error(err)
		}
	}
	if got := h.send(t, h.signed("PATCH", "/things/"+id, `{"name": "mine"}`)); got.status != 503 || got.slug() != "busy" || got.headers["Retry-After"] != "1" {
		t.Errorf("%d %v %s", got.status, got.headers, got.body)
	}
}

// together sends n requests at once and gives the answers.
func (h *house) together(t *testing.T, n int, make func(i int) request) []answer {
	answers := []answer{}
	var mutex sync.Mutex
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			got := h.send(t, make(i))
			mutex.Lock()
			defer mutex.Unlock()
			answers = append(answers, got)
		})
	}
	all.Wait()
	return answers
}

func TestAPI3_Of32WritersWithOneETagOneWins(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	statuses := map[int]int{}
	for _, got := range h.together(t, 32, func(i int) request {
		return h.signed("PATCH", "/things/"+id, fmt.Sprintf(`{"name": "w%d"}`, i), "if-match", `"1"`)
	}) {
		statuses[got.status]++
	}
	if statuses[200] != 1 || statuses[412] != 31 {
		t.Errorf("%v", statuses)
	}
}

func TestWritersWithoutAnETagDoNotFailForEachOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	for _, got := range h.together(t, 16, func(i int) request {
		return h.signed("PATCH", "/things/"+id, fmt.Sprintf(`{"name": "w%d"}`, i))
	}) {
		if got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if now := h.send(t, h.signed("GET", "/things/"+id, "")); now.headers["Etag"] != `"17"` {
		t.Errorf("version %s after 16 changes", now.headers["Etag"])
	}
}

func TestAnAnswerWithoutABodyHasNone(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	if got := h.send(t, h.signed("DELETE", "/things/"+id, "")); got.status != 204 || got.body != "" {
		t.Errorf("%d %q", got.status, got.body)
	}
	if got := h.send(t, h.signed("DELETE", "/things/"+id, "")); got.status != 404 {
		t.Errorf("again: %d %s", got.status, got.body)
	}
}

// barrier has the first n that come wait for each other; later ones pass.
func barrier(n int32) func() {
	var came atomic.Int32
	ready := make(chan struct{})
	return func() {
		if came.Add(1) == n {
			close(ready)
		}
		<-ready
	}
}
