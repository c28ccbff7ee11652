package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/connection"
)

var update = flag.Bool("update", false, "write the tables of the documentation anew")

// The tables of docs/sso-*.md stand between these.
const (
	begin = "<!-- fields: written by the connection's sp block, functions/connections/docs_test.go -->\n"
	end   = "<!-- /fields -->\n"
)

// described are the forms with the connection's values by their names, as the documentation has them.
func described() map[string]IDPForm {
	sp := connection.SP{EntityID: "`sp.entityId`", ACS: "`sp.acsUrl`", Login: "`sp.loginUrl`", Metadata: "`sp.metadataUrl`"}
	return map[string]IDPForm{"okta": okta(sp), "entra": entra(sp), "google": google(sp), "custom": custom(sp)}
}

// rows is the form as a table of Markdown.
func rows(f IDPForm) string {
	var text strings.Builder
	fmt.Fprintf(&text, "**%s**\n\n| where | field | enter | |\n| --- | --- | --- | --- |\n", f.Title)
	for _, field := range f.Fields {
		value := field.Value
		if value == "" {
			value = "*leave empty*"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", field.Section, field.Name, value, field.Note)
	}
	return text.String()
}

func TestSSO1_TheDocumentationHasEveryFieldOfTheConnection(t *testing.T) {
	for name, f := range described() {
		path := filepath.Join("..", "..", "docs", "sso-"+name+".md")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(text), begin)
		table, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s has no table of fields", path)
		}
		if *update {
			if err := os.WriteFile(path, []byte(before+begin+rows(f)+end+after), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(rows(f), table); diff != "" {
			t.Errorf("%s (-connection +documentation):\n%s", path, diff)
		}
	}
}

func TestSSO1_EveryFormHasOurValuesAndWhatToLeaveEmpty(t *testing.T) {
	sp := connection.SP{EntityID: "entity", ACS: "acs", Login: "login", Metadata: "metadata"}
	for name, f := range map[string]IDPForm{"okta": okta(sp), "entra": entra(sp), "google": google(sp), "custom": custom(sp)} {
		values, seen := map[string]int{}, map[string]bool{}
		for _, field := range f.Fields {
			values[field.Value]++
			if field.Name == "" || field.Section == "" || seen[field.Section+field.Name] {
				t.Errorf("%s: the field %+v has no name, or stands twice", name, field)
			}
			seen[field.Section+field.Name] = true
		}
		if values["acs"] == 0 || values["entity"] == 0 || values[""] < 2 {
			t.Errorf("%s: %v", name, values)
		}
	}
}
