// Package docs holds the documentation and the tests that compare it with the code. It has no code of its own.
package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statuses are HTTP's for the codes of shared/problem, as the page says.
var statuses = map[string]string{"InvalidInput": "422", "Unauthenticated": "401", "Forbidden": "403", "NotFound": "404", "Conflict": "409",
	"Precondition": "412", "TooLarge": "413", "Limited": "429", "Unavailable": "503", "Internal": "500"}

// unreadable are the problems of a body that no operation gets to see, whose statuses HTTP has a better word for than 422.
var unreadable = map[string]string{"malformed-json": "400", "malformed-request": "400", "unsupported-media-type": "415"}

func TestEveryProblemOfTheCodeStandsInTheTableAndNoOther(t *testing.T) {
	page := read(t, "errors.md")
	written := rows(page, "problems")
	for slug, row := range rows(page, "inside") {
		if _, twice := written[slug]; twice {
			t.Errorf("%s stands in both tables", slug)
		}
		written[slug] = row
	}
	described := map[string]string{}
	for slug, row := range written {
		described[slug] = row[0]
		if len(row) != 3 || row[1] == "" || row[2] == "" {
			t.Errorf("%s has no meaning or no advice", slug)
		}
	}
	if diff := cmp.Diff(problems(t), described); diff != "" {
		t.Errorf("the code's problems (-) and docs/errors.md (+) differ:\n%s", diff)
	}
}

// problems are the slugs that the code can answer, each with its status.
func problems(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range sources(t, "shared", "functions") {
		ast.Inspect(file.tree, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.CallExpr:
				file.noteCall(t, found, node)
			case *ast.CompositeLit:
				file.noteLiteral(t, found, node)
			case *ast.BasicLit:
				if slug := urn.FindStringSubmatch(node.Value); slug != nil {
					found[slug[1]] = unreadable[slug[1]]
				}
			}
			return true
		})
	}
	for slug := range found {
		if status, special := unreadable[slug]; special {
			found[slug] = status
		}
	}
	return found
}

var urn = regexp.MustCompile(`urn:tenantry:problem:([a-z-]+)\\?"`)

// source is a file of the code.
type source struct {
	path string
	tree *ast.File
}

// noteCall notes the slug of a problem.New, which must be a literal: otherwise nobody could look it up.
func (s source) noteCall(t *testing.T, found map[string]string, call *ast.CallExpr) {
	if !s.isProblem(call.Fun, "New") || len(call.Args) < 2 {
		return
	}
	s.note(t, found, call.Args[1], name(call.Args[0]))
}

// noteLiteral notes the slug of a problem.Error that is written out.
func (s source) noteLiteral(t *testing.T, found map[string]string, literal *ast.CompositeLit) {
	if !s.isProblem(literal.Type, "Error") {
		return
	}
	fields := map[string]ast.Expr{}
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			fields[name(pair.Key)] = pair.Value
		}
	}
	if s.inProblem() && name(fields["Slug"]) == "slug" {
		return // New itself
	}
	s.note(t, found, fields["Slug"], name(fields["Code"]))
}

func (s source) note(t *testing.T, found map[string]string, slug ast.Expr, code string) {
	t.Helper()
	literal, ok := slug.(*ast.BasicLit)
	if !ok {
		t.Errorf("%s makes a problem whose slug is no literal", s.path)
		return
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil || statuses[code] == "" {
		t.Errorf("%s makes the problem %s of the code %q, which this test does not know", s.path, literal.Value, code)
		return
	}
	if other := found[text]; other != "" && other != statuses[code] {
		t.Errorf("%s makes the problem %s with status %s, elsewhere it has %s", s.path, text, statuses[code], other)
	}
	found[text] = statuses[code]
}

func (s source) inProblem() bool { return s.tree.Name.Name == "problem" }

// isProblem tells whether the expression is that name of package problem.
func (s source) isProblem(e ast.Expr, wanted string) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return s.inProblem() && e.Name == wanted
	case *ast.SelectorExpr:
		return name(e.X) == "problem" && e.Sel.Name == wanted
	}
	return false
}

// name is the last name of an expression, empty where it has none.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// sources are the Go files below the folders of the repository, without tests.
func sources(t *testing.T, folders ...string) []source {
	t.Helper()
	var files []source
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			files = append(files, source{path: path, tree: tree})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// rows are the rows of the table behind the mark <!-- mark -->, the other cells by the first one without its backquotes.
func rows(page, mark string) map[string][]string {
	_, table, _ := strings.Cut(page, "<!-- "+mark+" -->\n")
	found := map[string][]string{}
	for n, line := range strings.Split(table, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		if n >= 2 { // behind the head and its rule
			found[cells[0]] = cells[1:]
		}
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
