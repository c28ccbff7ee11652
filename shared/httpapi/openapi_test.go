package httpapi_test

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"testing"
)

type description struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string                `json:"operationId"`
		Security    []map[string][]string `json:"security"`
		Parameters  []struct {
			Name, In string
			Required bool
		} `json:"parameters"`
		Responses map[string]struct {
			Content map[string]struct {
				Schema struct {
					Ref string `json:"$ref"`
				} `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
		Right string `json:"x-tenantry-right"`
	} `json:"paths"`
	Components struct {
		SecuritySchemes map[string]struct{ Type, In, Name, Scheme string } `json:"securitySchemes"`
	} `json:"components"`
}

// described is what `bootstrap -openapi` prints.
func described(t *testing.T, h *house) (d description) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = write
	text := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(read)
		text <- all
	}()
	err = h.server.Describe()
	os.Stdout = stdout
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(<-text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Not in parallel with others: it replaces standard output.
func TestAPI1_TheDescriptionSaysWhatTheAdapterDoes(t *testing.T) {
	d := described(t, open(t))
	if d.OpenAPI[:3] != "3.1" {
		t.Errorf("version %s", d.OpenAPI)
	}
	var operations []string
	for path, methods := range d.Paths {
		for method, o := range methods {
			operations = append(operations, o.OperationID)
			public := o.Right == "public"
			if o.Right == "" || public != (len(o.Security) == 0) {
				t.Errorf("%s %s: right %q, security %v", method, path, o.Right, o.Security)
			}
			if o.Responses["default"].Content["application/problem+json"].Schema.Ref != "#/components/schemas/Details" {
				t.Errorf("%s %s: problems are not described: %+v", method, path, o.Responses["default"])
			}
			var names []string
			for _, parameter := range o.Parameters {
				names = append(names, parameter.Name)
			}
			if changes := method != "get" && !public; slices.Contains(names, "Idempotency-Key") != changes {
				t.Errorf("%s %s: parameters %v", method, path, names)
			}
			if slices.Contains(names, "If-Match") != (method == "patch") {
				t.Errorf("%s %s: parameters %v", method, path, names)
			}
		}
	}
	slices.Sort(operations)
	if want := []string{"break", "create-thing", "delete-thing", "edit-thing", "forbidden", "get-thing", "panic"}; !slices.Equal(operations, want) {
		t.Errorf("operations %v", operations)
	}
	if s := d.Components.SecuritySchemes; s["session"].Name != "__Host-tenantry" || s["session"].In != "cookie" || s["key"].Scheme != "bearer" {
		t.Errorf("security schemes %+v", s)
	}
	if created := d.Paths["/v1/organizations/{org}/things"]["post"].Responses; created["201"].Content["application/json"].Schema.Ref == "" || len(created) != 2 {
		t.Errorf("responses %+v", created)
	}
}
