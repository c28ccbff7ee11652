package promises

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// document is a template as it is written. Intrinsics are mappings of one key: !Ref x is {"Ref": "x"}, !GetAtt x.y is
// {"Fn::GetAtt": "x.y"}.
type document struct {
	text string
	root object
	sam  object            // what all functions share
	docs map[string]string // the pages it is explained on, by name
}

// object is a mapping of the template.
type object map[string]any

// promise tells how a document breaks it, a sentence each.
type promise func(document) []string

// root is the project's folder.
const root = "../../../"

func readAll(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(root + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// product is the product's own template.
func product(t *testing.T) document {
	t.Helper()
	return parse(t, readAll(t, "template.yaml"))
}

func parse(t *testing.T, text string) document {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	d := document{text: text, root: plain(n.Content[0]).(object), docs: map[string]string{}}
	d.sam = d.root.at("Globals").at("Function")
	return d
}

// plain makes mappings, lists and texts of a node.
func plain(n *yaml.Node) any {
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		bare := *n
		bare.Tag = ""
		return object{short: plain(&bare)}
	}
	switch n.Kind {
	case yaml.MappingNode:
		o := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			o[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return o
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(item))
		}
		return list
	}
	return n.Value
}

// at is the mapping of a key, empty where there is none.
func (o object) at(key string) object {
	inner, _ := o[key].(object)
	return inner
}

// text is the scalar of a key, or what an intrinsic names.
func (o object) text(key string) string { return named(o[key]) }

// list is the list of a key, empty where there is none.
func (o object) list(key string) []any {
	items, _ := o[key].([]any)
	return items
}

// named is a scalar, or the resource or parameter that Ref or GetAtt name.
func named(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case object:
		for _, intrinsic := range []string{"Ref", "Fn::GetAtt", "Fn::Sub"} {
			if name, ok := v[intrinsic].(string); ok {
				return name
			}
		}
	}
	return ""
}

// kind gives the resources of a type by their logical id.
func (d document) kind(of string) map[string]object {
	found := map[string]object{}
	for id, resource := range d.root.at("Resources") {
		if r := resource.(object); r["Type"] == of {
			found[id] = r
		}
	}
	return found
}

// functions gives the properties of every function, with what all share under them.
func (d document) functions() map[string]object {
	found := map[string]object{}
	for id, resource := range d.kind("AWS::Serverless::Function") {
		found[id] = merged(d.sam, resource.at("Properties"))
	}
	return found
}

func merged(base, over object) object {
	both := maps.Clone(base)
	for key, value := range over {
		if inner, ok := value.(object); ok && base.at(key) != nil {
			value = merged(base.at(key), inner)
		}
		both[key] = value
	}
	return both
}

// events gives the events of a type, by function and name.
func (d document) events(of string) map[string]object {
	found := map[string]object{}
	for id, f := range d.functions() {
		for name, event := range f.at("Events") {
			if e := event.(object); e["Type"] == of {
				found[id+"."+name] = e.at("Properties")
			}
		}
	}
	return found
}

// uses tells how often a name is referred to, outside of where it is declared.
func uses(v any, name string) int {
	count := 0
	switch v := v.(type) {
	case object:
		for key, inner := range v {
			if key == "Ref" && inner == name {
				count++
			}
			if sub, ok := inner.(string); ok && key == "Fn::Sub" && (strings.Contains(sub, "${"+name+"}") || strings.Contains(sub, "${"+name+".")) {
				count++
			}
			count += uses(inner, name)
		}
	case []any:
		for _, inner := range v {
			count += uses(inner, name)
		}
	}
	return count
}

// ids are the keys of a mapping in order.
func ids[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

func say(findings *[]string, format string, arguments ...any) {
	*findings = append(*findings, fmt.Sprintf(format, arguments...))
}
