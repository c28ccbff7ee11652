// Package tenantry_test holds the rules that no package can hold alone: which way imports point, and what stands nowhere.
package tenantry_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tenantry/tenantry/"

// Packages that everybody may import, and what the protocols are written on: they know no table and no HTTP framework.
var (
	leaves    = []string{"shared/clock", "shared/id", "shared/idn", "shared/problem"}
	protocols = []string{"shared/samlsp", "shared/oidc", "shared/scim"}
)

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// own gives the name of a package of this module, empty for any other.
func own(path string) string {
	name, found := strings.CutPrefix(path, module)
	if !found {
		return ""
	}
	return name
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./shared/...", "./functions/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var one pkg
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages", len(all))
	}
	return all
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		name := own(p.ImportPath)
		for _, imported := range p.Imports {
			to := own(imported)
			switch {
			case to == "":
			case strings.HasPrefix(to, "functions/"):
				t.Errorf("%s imports the function %s", name, to)
			case strings.HasPrefix(to, "infra/local") || strings.HasPrefix(to, "infra/e2e"):
				t.Errorf("%s imports %s: nothing deployed knows the stack", name, to)
			case strings.HasPrefix(name, "shared/") && strings.HasPrefix(to, "infra"):
				t.Errorf("%s imports %s", name, to)
			case strings.HasSuffix(to, "test") && !strings.HasSuffix(name, "test"):
				t.Errorf("%s imports %s, which is for tests", name, to)
			case slices.Contains(leaves, name) && !slices.Contains(leaves, to):
				t.Errorf("%s is a leaf and imports %s", name, to)
			case name == "shared/table" && !slices.Contains(leaves, to):
				t.Errorf("the table imports %s", to)
			case isProtocol(name) && !slices.Contains(leaves, to) && !isProtocol(to):
				t.Errorf("the protocol %s imports %s", name, to)
			}
		}
		if isProtocol(name) && slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, "github.com/danielgtaylor/huma") }) {
			t.Errorf("the protocol %s knows the HTTP framework", name)
		}
		if name == "shared/samlsp" && slices.Contains(p.Deps, "net/http") {
			t.Errorf("%s links net/http: what judges a message of a stranger dials nowhere", name)
		}
	}
}

func isProtocol(name string) bool {
	return slices.ContainsFunc(protocols, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
}

func TestS3IsLinkedOnlyWhereItIsUsed(t *testing.T) {
	t.Parallel()
	const s3 = "github.com/aws/aws-sdk-go-v2/service/s3"
	for _, p := range list(t) {
		uses := slices.Contains(p.Imports, s3) || slices.Contains(p.Imports, module+"shared/blob")
		if strings.HasPrefix(own(p.ImportPath), "functions/") && slices.Contains(p.Deps, s3) && !uses {
			t.Errorf("%s links S3 by way of what it imports", p.ImportPath)
		}
	}
}

func TestNoPackageIsNamedForALayerOrALeftover(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		name := own(p.ImportPath)
		if slices.Contains([]string{"models", "utils", "util", "common", "types", "helpers", "base", "misc"}, path.Base(name)) {
			t.Errorf("%s", name)
		}
	}
}

// source is one file of the product.
type source struct {
	path string
	tree *ast.File
	set  *token.FileSet
}

// sources parses the files of shared and functions that are deployed.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, root := range []string{"shared", "functions"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			kit := strings.HasSuffix(filepath.Dir(path), "test")
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || kit {
				return err
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			all = append(all, source{path, tree, set})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (s source) at(node ast.Node) string { return s.set.Position(node.Pos()).String() }

func TestTheTimeIsReadInOneFile(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		ast.Inspect(s.tree, func(node ast.Node) bool {
			of, ok := node.(*ast.SelectorExpr)
			if name, isName := identifier(of); ok && isName && name == "time" && slices.Contains([]string{"Now", "Since"}, of.Sel.Name) &&
				s.path != filepath.Join("shared", "clock", "clock.go") {
				t.Errorf("%s: time.%s", s.at(node), of.Sel.Name)
			}
			return true
		})
	}
}

// identifier gives what a selector selects from, where that is a name.
func identifier(of *ast.SelectorExpr) (string, bool) {
	if of == nil {
		return "", false
	}
	name, ok := of.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return name.Name, true
}

func TestNothingRunsBeforeMain(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, declared := range s.tree.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init", s.at(f))
			}
		}
	}
}

// TestVariablesOfPackagesAreConstants allows variables of a package that are tables, errors and the like, and refuses every
// statement that changes one, takes its address, or has no value at the start, which is there to be changed.
func TestVariablesOfPackagesAreConstants(t *testing.T) {
	t.Parallel()
	all := sources(t)
	variables := map[string]map[string]bool{}
	for _, s := range all {
		folder := filepath.Dir(s.path)
		if variables[folder] == nil {
			variables[folder] = map[string]bool{}
		}
		for _, declared := range s.tree.Decls {
			group, ok := declared.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				for _, name := range value.Names {
					variables[folder][name.Name] = name.Name != "_"
					if len(value.Values) == 0 && !embedded(group) {
						t.Errorf("%s: %s has no value: it is there to be changed", s.at(name), name.Name)
					}
				}
			}
		}
	}
	for _, s := range all {
		for _, declared := range s.tree.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			local := locals(f)
			for _, changed := range changes(f) {
				if name := root(changed); variables[filepath.Dir(s.path)][name] && !local[name] {
					t.Errorf("%s: %s is changed", s.at(changed), name)
				}
			}
		}
	}
}

// locals gives the names that a function declares anywhere in itself.
func locals(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.RangeStmt:
			names[root(n.Key)], names[root(n.Value)] = true, true
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				names[root(e)] = names[root(e)] || n.Tok == token.DEFINE
			}
		}
		return true
	})
	return names
}

// embedded tells whether the compiler gives the variable its value, by //go:embed.
func embedded(group *ast.GenDecl) bool {
	return group.Doc != nil && slices.ContainsFunc(group.Doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") })
}

// changes gives what is assigned to, counted up, deleted from, or has its address taken.
func changes(f *ast.FuncDecl) (changed []ast.Expr) {
	ast.Inspect(f, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				changed = append(changed, n.Lhs...)
			}
		case *ast.IncDecStmt:
			changed = append(changed, n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				changed = append(changed, n.X)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, f.Name) {
				changed = append(changed, n.Args[0])
			}
		}
		return true
	})
	return changed
}

// root gives the name that an expression such as a.b[c] begins with, empty for any other.
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	}
	return ""
}
