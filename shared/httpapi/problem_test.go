package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
)

type entered struct {
	Body struct {
		Name     string `json:"name,omitempty" maxLength:"10"`
		Password string `json:"password,omitempty" minLength:"8"`
		Kind     string `json:"kind,omitempty" enum:"a,b"`
		N        int8   `json:"n,omitempty"`
		Inner    *struct {
			Licence    string `json:"licence,omitempty" maxLength:"3"`
			LicenceKey string `json:"licenceKey,omitempty" maxLength:"3"`
		} `json:"inner,omitempty"`
	}
}

type echoed struct{ Body map[string]any }

// entry has the house take a body, and gives what was taken last.
func entry(t *testing.T) (h *house, taken *entered) {
	t.Helper()
	h, taken = open(t), new(entered)
	httpapi.Read(h.server, httpapi.Operation{ID: "enter", Method: "POST", Path: "/v1/enter", Needs: access.Public},
		func(_ context.Context, _ *access.Caller, in *entered) (*echoed, error) {
			*taken = *in
			return &echoed{Body: map[string]any{"taken": true}}, nil
		})
	return h, taken
}

func TestAPI2_EachKindOfBadInputHasItsProblem(t *testing.T) {
	t.Parallel()
	h, taken := entry(t)
	for name, c := range map[string]struct {
		body     string
		status   int
		slug     string
		location string
	}{
		"broken JSON":                   {`{"name": `, 400, "malformed-json", ""},
		"more behind the JSON":          {`{} {}`, 400, "malformed-json", ""},
		"no body":                       {``, 400, "malformed-json", ""},
		"not UTF-8":                     {"{\"name\": \"\xff\"}", 400, "malformed-json", ""},
		"a field twice":                 {`{"name": "a", "name": "b"}`, 400, "malformed-json", ""},
		"a field twice, in other case":  {`{"name": "a", "NAME": "longer than it may be"}`, 400, "malformed-json", ""},
		"a field twice, in a long s":    {`{"password": "12345678", "pa\u017fsword": "short"}`, 400, "malformed-json", ""},
		"a field twice, further inside": {`{"inner": {"licence": "a", "Licence": "too long"}}`, 400, "malformed-json", ""},
		"very deep":                     {strings.Repeat("[", 5000) + strings.Repeat("]", 5000), 400, "malformed-json", ""},
		"deeper than json itself takes": {strings.Repeat(`{"a":`, 20000), 400, "malformed-json", ""},
		"another type":                  {`{"name": 7}`, 422, "invalid", "body.name"},
		"not an object":                 {`[]`, 422, "invalid", "body"},
		"nothing":                       {`null`, 422, "invalid", "body"},
		"a number too large":            {`{"n": 1000}`, 422, "invalid", "body"},
		"a fraction":                    {`{"n": 1.5}`, 422, "invalid", "body.n"},
		"too long":                      {`{"name": "12345678901"}`, 422, "invalid", "body.name"},
		"too long, in another case":     {`{"NAME": "12345678901"}`, 422, "invalid", "body.name"},
		"not one of the list":           {`{"kind": "c"}`, 422, "invalid", "body.kind"},
		"an unknown field":              {`{"nmae": "a"}`, 422, "unknown-field", "body.nmae"},
		"an unknown field inside":       {`{"inner": {"x": 1}}`, 422, "unknown-field", "body.inner.x"},
		"too large":                     {`{"name": "` + strings.Repeat("a", 3<<20) + `"}`, 413, "too-large", ""},
	} {
		*taken = entered{}
		taken.Body.Name = "nothing was taken"
		got := h.send(t, request{method: "POST", path: "/v1/enter", body: c.body})
		if got.status != c.status || got.slug() != c.slug || got.problem.RequestID != got.request {
			t.Errorf("%s: %d %.300s", name, got.status, got.body)
		}
		if c.location != "" && (len(got.problem.Errors) == 0 || got.problem.Errors[0].Location != c.location) {
			t.Errorf("%s: fields %+v", name, got.problem.Errors)
		}
		if taken.Body.Name != "nothing was taken" {
			t.Errorf("%s: reached the operation", name)
		}
		if len(got.body) > 1000 || strings.Contains(got.body, "Go struct") || strings.Contains(got.body, "int8") {
			t.Errorf("%s: answers what it should not: %.300s", name, got.body)
		}
	}
}

func TestBodiesMustBeJSON(t *testing.T) {
	t.Parallel()
	h, taken := entry(t)
	for kind, accepted := range map[string]bool{"application/json": true, "application/json; charset=utf-8": true, "application/merge-patch+json": true,
		"": true, "text/plain": false, "application/x-www-form-urlencoded": false, "application/xml": false} {
		got := h.send(t, request{method: "POST", path: "/v1/enter", body: `{"name": "a"}`, headers: map[string]string{"content-type": kind}})
		if accepted != (got.status == 200) || !accepted && (got.status != 415 || got.slug() != "unsupported-media-type") {
			t.Errorf("%q: %d %s", kind, got.status, got.body)
		}
	}
	if taken.Body.Name != "a" {
		t.Errorf("took %+v", taken.Body)
	}
}

func TestAnswersAreJSONWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	h, _ := entry(t)
	for _, accept := range []string{"", "*/*", "text/html", "application/json", "application/xml;q=1, json;q=0.5", "garbage;;q=x"} {
		for body, kind := range map[string]string{`{}`: "application/json", `[`: "application/problem+json"} {
			got := h.send(t, request{method: "POST", path: "/v1/enter", body: body, headers: map[string]string{"accept": accept}})
			if got.headers["Content-Type"] != kind {
				t.Errorf("Accept %q: %s", accept, got.headers["Content-Type"])
			}
		}
	}
}

func TestAPI2_SecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	h, _ := entry(t)
	for _, body := range []string{
		`{"password": 31337}`, `{"password": "31337"}`, `{"Password": "31337"}`, `{"inner": {"licenceKey": "31337"}}`, `{"inner": {"licenceKey": 31337}}`,
		`{"pasword": "31337"}`, `{"password": {"value": "31337"}}`, `{"password": ["31337"]}`, `"31337"`, `31337`, `{"password": "31337`,
	} {
		got := h.send(t, request{method: "POST", path: "/v1/enter", body: body})
		if got.status < 400 || strings.Contains(got.body, "31337") {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
		if strings.Contains(logs.of(got.request), "31337") {
			t.Errorf("%s: in the log: %s", body, logs.of(got.request))
		}
	}
	if got := h.send(t, request{method: "POST", path: "/v1/enter", body: `{"inner": {"licence": "31337"}}`}); got.problem.Errors[0].Value != "31337" {
		t.Errorf("what is no secret is not repeated: %s", got.body)
	}
}

func TestAGETTakesNoNoticeOfABody(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("GET", "/things/"+h.thing(t, "a"), `{"broken`)
	if got := h.send(t, r); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPanicsAndInternalErrorsTellNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	var told []string
	for path, hidden := range map[string]string{"/v1/panic": "the programmer was wrong", "/v1/break": "on fire"} {
		got := h.send(t, request{method: "GET", path: path})
		if got.status != 500 || got.slug() != "internal" || got.problem.RequestID != got.request {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		if strings.Contains(got.body, "10.1.2.3") || strings.Contains(got.body, ".go") {
			t.Errorf("%s tells internals: %s", path, got.body)
		}
		if log := logs.of(got.request); !strings.Contains(log, hidden) || !strings.Contains(log, `"status":500`) || !strings.Contains(log, path) {
			t.Errorf("%s: the log does not say why: %s", path, log)
		}
		told = append(told, strings.ReplaceAll(got.body, got.request, ""))
	}
	if told[0] != told[1] {
		t.Errorf("told apart:\n%s\n%s", told[0], told[1])
	}
	if got := h.send(t, h.signed("GET", "/things/"+h.thing(t, "after"), "")); got.status != 200 {
		t.Errorf("the next request: %d", got.status)
	}
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, r := range []request{
		{method: "GET", path: "/"}, {method: "GET", path: "/v1/nothing"}, {method: "PUT", path: "/v1/break"}, {method: "GET", path: ""},
		{method: "GET", path: "/docs"}, {method: "GET", path: "/openapi.json"}, {method: "GET", path: "/openapi.yaml"}, {method: "GET", path: "/schemas/Details.json"},
	} {
		if got := h.send(t, r); got.status != 404 || got.slug() != "not-found" {
			t.Errorf("%s %q: %d %s", r.method, r.path, got.status, got.body)
		}
	}
}

func TestAPI6_EveryAnswerCarriesTheRequestIDOfTheLog(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, r := range []request{{method: "GET", path: "/v1/nothing"}, {method: "GET", path: "/v1/break"}, h.signed("POST", "/things", `{"name": "a"}`),
		h.signed("POST", "/things", `{`), {method: "GET", path: "/v1/organizations/x/things/y"}} {
		got := h.send(t, r)
		if got.headers["X-Request-Id"] != got.request || got.headers["Cache-Control"] != "no-store" || got.headers["X-Content-Type-Options"] != "nosniff" {
			t.Errorf("%s: %v", r.path, got.headers)
		}
		if !strings.Contains(logs.of(got.request), fmt.Sprintf(`"status":%d`, got.status)) {
			t.Errorf("%s: log: %s", r.path, logs.of(got.request))
		}
	}
}

func TestTheLogNamesNoCredentialAndNoQuery(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("GET", "/things/x", "", "authorization", "Bearer "+h.key)
	r.query = "hidden=31337"
	log := logs.of(h.send(t, r).request)
	if strings.Contains(log, h.session) || strings.Contains(log, h.key) || strings.Contains(log, "31337") || log == "" {
		t.Errorf("%s", log)
	}
}

func TestDetailsAreAsTheContractSays(t *testing.T) {
	t.Parallel()
	h := open(t)
	got := h.send(t, h.signed("GET", "/things/x", ""))
	var document map[string]any
	if err := json.Unmarshal([]byte(got.body), &document); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"type", "title", "status", "detail", "requestId"} {
		if document[name] == nil || document[name] == "" {
			t.Errorf("%s is missing in %s", name, got.body)
		}
		delete(document, name)
	}
	if len(document) != 0 {
		t.Errorf("further members %v", document)
	}
}

func TestAPI2_AMisspeltFilterIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	r := h.signed("GET", "/things/"+h.thing(t, "a"), "")
	r.query = "limti=1"
	if got := h.send(t, r); got.status != 422 || got.slug() != "unknown-field" || got.problem.Errors[0].Location != "query.limti" {
		t.Errorf("%d %s", got.status, got.body)
	}
}
