package idp

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew")

// recorder is a SCIM server that answers as one that takes everything, and writes down what it was asked.
type recorder struct {
	mutex  sync.Mutex
	asked  []string
	kept   map[string]map[string]any // by the path
	made   int
	refuse string // in whose body there is this is answered 400
}

var random = regexp.MustCompile(`(%22|"password":")[A-Za-z0-9_-]{20,}`)

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	text, _ := io.ReadAll(r.Body)
	var body map[string]any
	_ = json.Unmarshal(text, &body)
	asked := r.Method + " " + strings.TrimPrefix(r.RequestURI, "/scim")
	if agent := r.UserAgent(); agent != "" {
		asked += "\nUser-Agent: " + agent
	}
	if body != nil {
		asked += "\nContent-Type: " + r.Header.Get("Content-Type") + "\n" + strings.TrimSpace(string(text))
	}
	s.asked = append(s.asked, random.ReplaceAllString(asked, "${1}random"))
	path := strings.TrimPrefix(r.URL.Path, "/scim")
	status, answer := http.StatusBadRequest, map[string]any{"detail": "not this one"}
	if s.refuse == "" || !strings.Contains(string(text), s.refuse) {
		status, answer = s.answer(r, path, body)
	}
	w.WriteHeader(status)
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (s *recorder) answer(r *http.Request, path string, body map[string]any) (status int, answer map[string]any) {
	if r.Header.Get("Authorization") != "Bearer secret" {
		return http.StatusUnauthorized, map[string]any{"detail": "whose token is it?"}
	}
	switch there := s.kept[path]; {
	case r.Method == http.MethodGet && there == nil && strings.Count(path, "/") == 1:
		found := []any{}
		for at, one := range s.kept {
			name, _ := one["userName"].(string)
			if strings.HasPrefix(at, path+"/") && strings.Contains(r.URL.Query().Get("filter"), `"`+name+`"`) {
				found = append(found, one)
			}
		}
		return http.StatusOK, map[string]any{"Resources": found, "totalResults": len(found)}
	case r.Method == http.MethodPost:
		s.made++
		body["id"] = fmt.Sprintf("r%d", s.made)
		s.kept[path+"/"+body["id"].(string)] = body
		return http.StatusCreated, body
	case there == nil:
		return http.StatusNotFound, map[string]any{"detail": "not here"}
	case r.Method == http.MethodDelete:
		delete(s.kept, path)
		return http.StatusNoContent, nil
	case r.Method == http.MethodPut:
		s.kept[path] = body
	}
	return http.StatusOK, s.kept[path]
}

// record starts one.
func record(t *testing.T) (s *recorder, endpoint string) {
	t.Helper()
	s = &recorder{kept: map[string]map[string]any{}}
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	return s, at.URL + "/scim"
}

func put(t *testing.T, p *IdP, change Change) View {
	t.Helper()
	v, err := p.Put("guides", change)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func push(t *testing.T, p *IdP) []Call {
	t.Helper()
	calls, err := p.Push(t.Context(), "guides")
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

func TestEachWaySaysItAsItsProviderDoes(t *testing.T) {
	t.Parallel()
	for _, way := range Ways() {
		t.Run(string(way), func(t *testing.T) {
			t.Parallel()
			server, endpoint := record(t)
			p := opened(t, "")
			ana, bo, cy := Person{ID: "a", Email: "ana@x.example", FirstName: "Ana", LastName: "Ruiz", Department: "Sales"}, Person{ID: "b", Email: "bo@x.example", FirstName: "Bo", LastName: "Lind"},
				Person{ID: "c", Email: "cy@x.example", FirstName: "Cy", LastName: "Young", Phone: "+34 600"}
			put(t, p, Change{People: []Person{ana, bo}, Groups: []Group{{ID: "g", Name: "Guides", Members: []string{"a", "b"}}}, Provisioning: &Provisioning{Endpoint: endpoint, Token: "secret", Way: way}})
			if _, err := p.Try(t.Context(), "guides"); err != nil {
				t.Fatal(err)
			}
			server.asked = append(server.asked, "--- two people and a group")
			push(t, p)
			server.asked = append(server.asked, "--- one is renamed and one disabled; the group is renamed, one leaves it and somebody new comes in")
			ana.LastName, ana.Phone, ana.Department, bo.Disabled = "Ruiz Gil", "+34 611", "", true
			put(t, p, Change{People: []Person{ana, bo, cy}, Groups: []Group{{ID: "g", Name: "City guides", Members: []string{"a", "c"}}}})
			push(t, p)
			server.asked = append(server.asked, "--- somebody is deleted, and the group")
			put(t, p, Change{People: []Person{ana, bo}, Groups: []Group{}})
			push(t, p)
			server.asked = append(server.asked, "--- one comes back")
			bo.Disabled = false
			put(t, p, Change{People: []Person{ana, bo}})
			push(t, p)
			if calls := push(t, p); len(calls) != 0 {
				t.Errorf("what is brought is brought again: %v", calls)
			}
			golden(t, string(way), strings.Join(server.asked, "\n\n")+"\n")
		})
	}
}

// golden compares with a file of testdata/provisioning.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "provisioning", name+".txt")
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("it is not (-) but (+); -update writes it:\n%s", diff)
	}
}

func TestWhatIsRefusedStaysDue(t *testing.T) {
	t.Parallel()
	server, endpoint := record(t)
	file := filepath.Join(t.TempDir(), "idp.json")
	p := opened(t, file)
	people := []Person{{ID: "a", Email: "ana@x.example"}, {ID: "b", Email: "bo@x.example"}}
	group := Group{ID: "g", Name: "Guides", Members: []string{"a", "b"}}
	put(t, p, Change{People: people, Groups: []Group{group}, Provisioning: &Provisioning{Endpoint: endpoint, Token: "secret", Way: EntraWay}})
	server.refuse = "bo@x.example"
	push(t, p)
	if v := put(t, p, Change{}).Provisioning; v.People != 1 || v.Groups != 1 || v.Pending != 1 || !slices.ContainsFunc(v.Calls, Call.Failed) {
		t.Errorf("%+v", v)
	}
	server.refuse = ""
	p = opened(t, file) // what was brought is kept
	push(t, p)
	if v := put(t, p, Change{}).Provisioning; v.People != 2 || v.Pending != 0 {
		t.Errorf("%+v", v)
	}
	if last := server.asked[len(server.asked)-1]; !strings.Contains(last, `"value":"r3"`) {
		t.Errorf("the group does not have who came later: %s", last)
	}
}

func TestWhoIsThereIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, way := range Ways() {
		server, endpoint := record(t)
		server.kept["/Users/old"] = map[string]any{"id": "old", "userName": "ana@x.example", "title": "Guide"}
		p := opened(t, "")
		to := Provisioning{Endpoint: endpoint, Token: "secret", Way: way}
		put(t, p, Change{People: []Person{{ID: "a", Email: "ana@x.example"}}, Groups: []Group{}, Provisioning: &to})
		push(t, p)
		if server.made != 0 || len(server.asked) < 2 {
			t.Errorf("%s: %v", way, server.asked)
		}
		if err := p.Forget("guides"); err != nil {
			t.Fatal(err)
		}
		if v := put(t, p, Change{}).Provisioning; v.People != 0 || v.Pending != 1 {
			t.Errorf("%s: forgotten, there is %+v", way, v)
		}
		delete(server.kept, "/Users/old")
		put(t, p, Change{Provisioning: &Provisioning{Endpoint: endpoint, Way: way}}) // the token stays
		push(t, p)
		if server.made != 1 {
			t.Errorf("%s: who is not there is not created: %v", way, server.asked)
		}
		server.kept = map[string]map[string]any{}
		put(t, p, Change{People: []Person{{ID: "a", Email: "ana@x.example", LastName: "Ruiz"}}})
		push(t, p) // is told that she is not there
		if push(t, p); server.made != 2 {
			t.Errorf("%s: who was lost is not created: %v", way, server.asked)
		}
	}
}

func TestProvisioningTakesAServer(t *testing.T) {
	t.Parallel()
	p := opened(t, "")
	if _, err := p.Push(t.Context(), "acme"); !errors.Is(err, ErrInvalid) {
		t.Errorf("without a server: %v", err)
	}
	if _, err := p.Push(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("without a directory: %v", err)
	}
	for name, to := range map[string]Provisioning{
		"no address": {Token: "t"}, "a query": {Endpoint: "https://x.example/scim?a=b", Token: "t"}, "no token": {Endpoint: "https://x.example/scim"},
		"another way": {Endpoint: "https://x.example/scim", Token: "t", Way: "ping"},
	} {
		if _, err := p.Put("acme", Change{Provisioning: &to}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Put("acme", Change{Provisioning: &Provisioning{Endpoint: "http://127.0.0.1:1/scim", Token: "t"}}); err != nil {
		t.Fatal(err)
	}
	calls, err := p.Push(t.Context(), "acme")
	if err != nil || len(calls) == 0 || calls[0].Status != 0 || calls[0].Answered == "" {
		t.Errorf("nobody answers: %v %v", calls, err)
	}
}

// asPatches is a server that keeps the bodies of what it is sent.
type asPatches struct{ operations [][]map[string]any }

func (s *asPatches) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ Operations []map[string]any }
	_ = json.NewDecoder(r.Body).Decode(&body)
	s.operations = append(s.operations, body.Operations)
	w.WriteHeader(http.StatusNoContent)
}

func TestOktaChangesAtMost256MembersInOneRequest(t *testing.T) {
	of := func(prefix string, n int) (ids []string) {
		for i := range n {
			ids = append(ids, fmt.Sprint(prefix, i))
		}
		return ids
	}
	for _, c := range []struct {
		leave, join int
		want        []int // members of each request
	}{{0, 256, []int{256}}, {0, 257, []int{256, 1}}, {300, 300, []int{256, 256, 88}}, {1, 0, []int{1}}} {
		seen := &asPatches{}
		web := httptest.NewServer(seen)
		now := members{remote: "g", name: "Crew", people: of("new", c.join), names: map[string]string{}}
		err := okta{patches: true}.regroup(t.Context(), &server{base: web.URL, client: web.Client(), now: time.Now}, members{name: "Crew", people: of("old", c.leave)}, now)
		web.Close()
		var got []int
		for _, operations := range seen.operations {
			n := 0
			for _, operation := range operations[1:] {
				if added, is := operation["value"].([]any); is {
					n += len(added)
				} else {
					n++
				}
			}
			got = append(got, n)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%d leave and %d join: requests of %v members, not %v, %v", c.leave, c.join, got, c.want, err)
		}
	}
}

func TestTheDocumentationHasWhatEntraIDMaps(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "scim-entra.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range mappings {
		if !strings.Contains(string(text), " | `"+one.path+"` | ") {
			t.Errorf("docs/scim-entra.md does not map %s", one.path)
		}
	}
}
