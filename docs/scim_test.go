package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/scim"
)

var (
	attributeTables = regexp.MustCompile(`(?s)<!-- attributes (User|Group) -->\n(.*?)<!-- /attributes -->`)
	sentenceTable   = regexp.MustCompile(`(?s)<!-- sentences -->\n(.*?)<!-- /sentences -->`)
)

// cells are the rows of a table of Markdown, without its head.
func cells(table string) (rows [][]string) {
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") {
			row := strings.Split(strings.Trim(line, "|"), " | ")
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			rows = append(rows, row)
		}
	}
	return rows[min(2, len(rows)):]
}

func TestSCI2_EveryAttributeOfTheInstructionsIsOneOfTheSchema(t *testing.T) {
	for path, tables := range map[string]int{"scim-okta.md": 1, "scim-entra.md": 2} {
		found := attributeTables.FindAllStringSubmatch(read(t, path), -1)
		if len(found) != tables {
			t.Errorf("%s has %d tables of attributes, not %d", path, len(found), tables)
		}
		for _, one := range found {
			of := map[string]*scim.ResourceType{"User": scim.User, "Group": scim.Group}[one[1]]
			for _, row := range cells(one[2]) {
				if _, err := scim.ParseFilter(strings.Trim(row[1], "`")+" pr", of); len(row) != 3 || err != nil {
					t.Errorf("%s: %q is no attribute of a %s: %v", path, row[1], of.Name, err)
				}
			}
		}
	}
}

// texts are the texts in the code of a folder, but for its tests.
func texts(t *testing.T, folder string) (all []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		code, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(code, func(n ast.Node) bool {
			if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING {
				text, _ := strconv.Unquote(literal.Value) // it was parsed
				all = append(all, text)
			}
			return true
		})
	}
	return all
}

func TestSCI9_EverySentenceThatHasAWayOutIsSaid(t *testing.T) {
	said := strings.Join(append(texts(t, filepath.Join("..", "functions", "scim")), texts(t, filepath.Join("..", "shared", "scim"))...), "\n")
	found := sentenceTable.FindStringSubmatch(read(t, "scim.md"))
	if found == nil {
		t.Fatal("scim.md has no table of sentences")
	}
	for _, row := range cells(found[1]) {
		if len(row) != 3 || !strings.Contains(said, row[1]) {
			t.Errorf("the server does not say %q", row)
		}
	}
}
