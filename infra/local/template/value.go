package template

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

type kind int

const (
	absent kind = iota // not in the template, or AWS::NoValue
	null
	scalar
	list
	object
)

func (k kind) String() string {
	return [...]string{"nothing", "null", "a scalar", "a list", "a mapping"}[k]
}

// value is a part of the template with its intrinsics resolved. Scalars keep the text as written, since CloudFormation
// does not distinguish 10 from "10" either.
type value struct {
	line   int
	kind   kind
	text   string
	items  []*value
	keys   []string
	fields map[string]*value
}

func text(line int, s string) *value { return &value{line: line, kind: scalar, text: s} }

// entry is one key of a mapping.
type entry struct {
	key  string
	line int
	node *yaml.Node
}

// entries lists a mapping in its order; nil has none. A key that stands twice is refused: YAML readers disagree on which
// one counts.
func (r *reader) entries(n *yaml.Node) []entry {
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.refuse(n.Line, "a mapping is expected here")
		return nil
	}
	var result []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			r.refuse(k.Line, "key %s stands twice in one mapping", k.Value)
		}
		if k.Tag == "!!merge" {
			r.refuse(k.Line, "the merge key << is not one CloudFormation reads")
		}
		seen[k.Value] = true
		result = append(result, entry{k.Value, k.Line, n.Content[i+1]})
	}
	return result
}

// resolve turns a part of the document into a value, calling the intrinsics in it. AWS::NoValue leaves no trace in the
// list or mapping it stands in.
func (r *reader) resolve(n *yaml.Node) *value {
	if n == nil {
		return &value{}
	}
	if n.Kind == yaml.AliasNode { // one that contains itself would have no end
		r.refuse(n.Line, "YAML alias *%s is not something the local stack reads", n.Value)
		return &value{line: n.Line}
	}
	if name, argument := r.intrinsic(n); name != "" {
		return r.call(name, argument, n.Line)
	}
	switch {
	case n.Tag == "!!null":
		return &value{line: n.Line, kind: null}
	case n.Kind == yaml.ScalarNode:
		return text(n.Line, n.Value)
	case n.Kind == yaml.SequenceNode:
		return r.resolveList(n)
	}
	v := &value{line: n.Line, kind: object, fields: map[string]*value{}}
	for _, e := range r.entries(n) {
		v.set(e.key, r.resolve(e.node))
	}
	return v
}

func (r *reader) resolveList(n *yaml.Node) *value {
	v := &value{line: n.Line, kind: list}
	for _, item := range n.Content {
		if resolved := r.resolve(item); resolved.kind != absent {
			v.items = append(v.items, resolved)
		}
	}
	return v
}

func (v *value) set(key string, field *value) {
	if field.kind == absent {
		return
	}
	if v.fields[key] == nil {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = field
}

// merge is base overridden by v as SAM merges Globals: mappings key by key, lists one after the other, the rest replaced.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
func merge(base, v *value) *value {
	switch {
	case base == nil || base.kind == absent:
		return v
	case v == nil || v.kind == absent:
		return base
	case base.kind == list && v.kind == list:
		return &value{line: v.line, kind: list, items: append(append([]*value{}, base.items...), v.items...)}
	case base.kind != object || v.kind != object:
		return v
	}
	merged := &value{line: v.line, kind: object, fields: map[string]*value{}}
	for _, key := range append(append([]string{}, base.keys...), v.keys...) {
		merged.set(key, merge(base.fields[key], v.fields[key]))
	}
	return merged
}

// texts is a scalar or a list of scalars as strings; ok is false for anything else.
func (v *value) texts() (all []string, ok bool) {
	switch v.kind {
	case absent:
		return nil, true
	case scalar:
		return []string{v.text}, true
	case list:
		for _, item := range v.items {
			if item.kind != scalar {
				return nil, false
			}
			all = append(all, item.text)
		}
		return all, true
	}
	return nil, false
}

// intrinsic tells whether a node is a call of an intrinsic function, in the short form (!Sub x) or the long one
// ({Fn::Sub: x}), and gives the name as the long form has it.
func (r *reader) intrinsic(n *yaml.Node) (name string, argument *yaml.Node) {
	if short, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		plain := *n
		plain.Tag = ""
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		return short, &plain
	}
	if n.Kind != yaml.MappingNode {
		return "", nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if key != "Ref" && !strings.HasPrefix(key, "Fn::") {
			continue
		}
		if len(n.Content) > 2 {
			r.refuse(n.Content[i].Line, "%s stands beside other keys; an intrinsic function stands alone", key)
		}
		return key, n.Content[i+1]
	}
	return "", nil
}
