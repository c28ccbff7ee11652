package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

func TestAPI5_TheSameRequestIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1")
	first, again := h.send(t, r), h.send(t, r)
	if first.status != 201 || !strings.Contains(first.body, `"secret":"only once"`) {
		t.Fatalf("%d %s", first.status, first.body)
	}
	if again.status != 201 || again.headers["Etag"] != first.headers["Etag"] || again.headers["Location"] != first.headers["Location"] || again.headers["Location"] == "" {
		t.Errorf("%d %v, first %v", again.status, again.headers, first.headers)
	}
	if want := strings.Replace(first.body, `,"secret":"only once"`, "", 1); again.body != want {
		t.Errorf("answered %s, first %s", again.body, first.body)
	}
	if n := h.count(t); n != 1 {
		t.Errorf("%d things", n)
	}
}

func TestAPI5_ASecretIsNotKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.send(t, h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1"))
	var kept struct {
		Answer string `dynamodbav:"answer"`
	}
	// The key of the table is the caller and the SHA-256 of the header's value.
	found, err := h.tab.Get(context.Background(), table.IdempotencyKey(h.user, "arnx6499M4j0-dWG9m6Z_VQIDfLERvDlhmiwnAihbdA"), &kept)
	if err != nil || !found || strings.Contains(kept.Answer, "only once") || !strings.Contains(kept.Answer, `"name":"a"`) {
		t.Errorf("%v %v %s", found, err, kept.Answer)
	}
}

func TestAPI5_AnotherRequestUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "b")
	h.send(t, h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1"))
	other := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1")
	other.query = "confirm=1"
	for name, r := range map[string]request{
		"another body":  h.signed("POST", "/things", `{"name": "c"}`, "idempotency-key", "k1"),
		"another route": h.signed("PATCH", "/things/"+id, `{"name": "a"}`, "idempotency-key", "k1"),
		"another query": other,
	} {
		if got := h.send(t, r); got.status != 409 || got.slug() != "idempotency-key-reused" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if n := h.count(t); n != 2 {
		t.Errorf("%d things", n)
	}
}

func TestAPI5_AKeyIsItsCallers(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.send(t, h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1"))
	other := h.signed("POST", "/things", `{"name": "b"}`, "idempotency-key", "k1", "authorization", "bearer "+h.key)
	if got := h.send(t, other); got.status != 201 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAPI5_AFailureIsNotKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	r := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1")
	if got := h.send(t, r); got.status != 409 || got.slug() != "name-in-use" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if err := h.tab.Remove(context.Background(), table.RoleKey(h.org, "name a")); err != nil {
		t.Fatal(err)
	}
	if got := h.send(t, r); got.status != 201 || strings.Contains(got.body, id) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAPI5_TwoAtOnceAreOneChange(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.reading = barrier(2)
	r := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1")
	answers := h.together(t, 2, func(int) request { return r })
	if answers[0].status != 201 || answers[1].status != 201 || answers[0].headers["Location"] != answers[1].headers["Location"] {
		t.Errorf("%d %s\n%d %s", answers[0].status, answers[0].body, answers[1].status, answers[1].body)
	}
	if n := h.count(t); n != 1 {
		t.Errorf("%d things", n)
	}
}

func TestAPI5_OfTwoAtOnceWithOneKeyTheOtherRequestIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.reading = barrier(2)
	answers := h.together(t, 2, func(i int) request {
		return h.signed("POST", "/things", `{"name": "`+string(rune('a'+i))+`"}`, "idempotency-key", "k1")
	})
	if answers[0].status+answers[1].status != 201+409 {
		t.Errorf("%d %s\n%d %s", answers[0].status, answers[0].body, answers[1].status, answers[1].body)
	}
}

func TestAPI5_AnAnswerWithoutABodyIsRepeatedToo(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("DELETE", "/things/"+h.thing(t, "a"), "", "idempotency-key", "k1")
	for i := range 2 {
		if got := h.send(t, r); got.status != 204 || got.body != "" {
			t.Errorf("%d: %d %q", i, got.status, got.body)
		}
	}
}

func TestAPI5_AKeyIsBounded(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", strings.Repeat("k", 256))
	if got := h.send(t, r); got.status != 422 || got.problem.Errors[0].Location != "header.Idempotency-Key" || h.count(t) != 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAPI5_ARepetitionIsDecidedOnThePresentRights(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("POST", "/things", `{"name": "a"}`, "idempotency-key", "k1")
	h.send(t, r)
	if _, err := h.tab.Apply(context.Background(), table.Touch(table.UserKey(h.org, h.user)).Set("portal", "user")); err != nil {
		t.Fatal(err)
	}
	if got := h.send(t, r); got.status != 403 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAPI5_ForgettingLeavesTheFirstAnswerAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	httpapi.Change(h.server, httpapi.Operation{ID: "nothing", Method: "POST", Path: "/v1/organizations/{org}/nothing", Needs: access.EditSettings},
		func(context.Context, *access.Caller, *struct{}, *table.Tx) (*thingOut, error) {
			return h.show("x", thing{Name: "written nowhere"}), nil
		})
	r := h.signed("POST", "/nothing", "", "idempotency-key", "k1")
	first, again := h.send(t, r), h.send(t, r)
	if first.status != 200 || first.body != again.body {
		t.Errorf("%d %s, again %s", first.status, first.body, again.body)
	}
}
