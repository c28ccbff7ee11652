package docs

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryDirectDependencyHasItsRowAndNoOther(t *testing.T) {
	page := read(t, "dependencies.md")
	for _, c := range []struct {
		mark string
		used []string
	}{
		{"functions", imported(t, "..", "../infra/local", "../node_modules")},
		{"stack", imported(t, "../infra/local")},
		{"npm", packages(t)},
		{"check", tools(t)},
	} {
		t.Run(c.mark, func(t *testing.T) {
			table := rows(page, c.mark)
			for name, row := range table {
				if len(row) != 3 || slices.Contains(row, "") {
					t.Errorf("%s: what for, why this one or the licence is missing", name)
				}
			}
			if diff := cmp.Diff(c.used, slices.Sorted(maps.Keys(table))); diff != "" {
				t.Errorf("what is used (-) and docs/dependencies.md (+) differ:\n%s", diff)
			}
		})
	}
}

var required = regexp.MustCompile(`(?m)^\s*(?:require )?([a-z0-9.-]+\.[a-z]+/\S+) v`)

// imported are the modules of the root's go.mod that files below it import, those below the other folders left out. It asks the
// imports and not the marks "indirect", which say so only when go.mod is tidy.
func imported(t *testing.T, root string, without ...string) []string {
	t.Helper()
	var modules []string
	for _, match := range required.FindAllStringSubmatch(read(t, filepath.Join(root, "go.mod")), -1) {
		modules = append(modules, match[1])
	}
	direct := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".." || slices.Contains(without, filepath.ToSlash(path))):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go"):
			return note(direct, modules, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(direct))
}

// note notes the modules that the file imports.
func note(direct map[string]bool, modules []string, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, one := range file.Imports {
		imported, err := strconv.Unquote(one.Path.Value)
		if err != nil {
			return err
		}
		if module := moduleOf(imported, modules); module != "" {
			direct[module] = true
		}
	}
	return nil
}

// moduleOf is the longest module that the package is in, empty for the standard library and for this repository's own.
func moduleOf(imported string, modules []string) string {
	longest := ""
	for _, module := range modules {
		if (imported == module || strings.HasPrefix(imported, module+"/")) && len(module) > len(longest) {
			longest = module
		}
	}
	return longest
}

// packages are those of package.json.
func packages(t *testing.T) []string {
	t.Helper()
	var all struct{ Dependencies, DevDependencies, OptionalDependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "../package.json")), &all); err != nil {
		t.Fatal(err)
	}
	names := slices.Collect(maps.Keys(all.Dependencies))
	names = slices.AppendSeq(names, maps.Keys(all.DevDependencies))
	names = slices.AppendSeq(names, maps.Keys(all.OptionalDependencies))
	slices.Sort(names)
	return names
}

var (
	pythonTool = regexp.MustCompile(`(?m)^([a-z0-9-]+)==`)
	javaTool   = regexp.MustCompile(`<dependency>\s*<groupId>(.+)</groupId>\s*<artifactId>(.+)</artifactId>`)
	goTool     = regexp.MustCompile(`(?m)^[A-Z]+ := (\S+?)(?:/cmd/\S+)?@v`)
)

// tools are those of `make check`, as the table names them.
func tools(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, match := range pythonTool.FindAllStringSubmatch(read(t, "../infra/check/requirements.txt"), -1) {
		names = append(names, match[1]+"` (PyPI)")
	}
	for _, match := range javaTool.FindAllStringSubmatch(read(t, "../infra/check/pom.xml")+read(t, "../infra/check/keycloak/pom.xml"), -1) {
		names = append(names, match[1]+":"+match[2]+"` (Maven)")
	}
	for _, match := range goTool.FindAllStringSubmatch(read(t, "../Makefile"), -1) {
		names = append(names, match[1]+"` (Go)")
	}
	slices.Sort(names)
	return names
}
