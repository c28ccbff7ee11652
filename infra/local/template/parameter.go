package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readParameters gives every parameter its value: the given one or else its default. A given parameter that the template
// does not have is refused, as CloudFormation does.
func (r *reader) readParameters(n *yaml.Node, given map[string]string) {
	r.parameters = map[string]*value{}
	names := []string{}
	for _, e := range r.entries(n) {
		names = append(names, e.key)
		s := r.open(r.resolve(e.node), "parameter "+e.key, e.line)
		if v, ok := given[e.key]; ok {
			s.get("Default")
			r.parameters[e.key] = s.parameter(v, e.line)
		} else if def := s.get("Default"); def.kind == scalar {
			r.parameters[e.key] = s.parameter(def.text, def.line)
		} else {
			s.refuse(e.line, "it has no default and no value is given")
			r.parameters[e.key] = s.parameter("", 0)
		}
	}
	for name := range given {
		if !slices.Contains(names, name) {
			r.refuse(0, "a value is given for parameter %s, which the template does not have", name)
		}
	}
}

// parameter checks a value against the parameter's constraints; line 0 checks nothing, the value being absent.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
func (s *section) parameter(v string, line int) *value {
	kind := s.oneOf("Type", "String", "String", "Number", "CommaDelimitedList")
	shown := strconv.Quote(v)
	if s.truth("NoEcho", false) {
		shown = "the value given"
	}
	s.asked = append(s.asked, "Description", "MinValue", "MaxValue", "MinLength", "MaxLength", "AllowedValues", "AllowedPattern")
	why := s.text("ConstraintDescription", "")
	broken := s.constraints(kind, v)
	if line != 0 && broken != "" {
		s.refuse(line, "%s %s", shown, strings.TrimSpace(broken+" "+why))
	}
	s.end(nil)
	if kind != "CommaDelimitedList" {
		return text(line, v)
	}
	all := &value{line: line, kind: list}
	for part := range strings.SplitSeq(v, ",") {
		all.items = append(all.items, text(line, strings.TrimSpace(part)))
	}
	return all
}

// constraints says which constraint v breaks, or nothing.
func (s *section) constraints(kind, v string) (broken string) {
	number, err := strconv.ParseFloat(v, 64)
	if kind == "Number" && err != nil {
		return "is not a number"
	}
	limit := func(key string) float64 {
		bound, err := strconv.ParseFloat(s.text(key, ""), 64)
		if err != nil && s.get(key).kind != absent {
			s.refuse(s.get(key).line, "%s is not a number", key)
		}
		return bound
	}
	length := float64(utf8.RuneCountInString(v))
	for _, bound := range []struct {
		key    string
		breaks func(limit float64) bool
	}{
		{"MinValue", func(l float64) bool { return number < l }},
		{"MaxValue", func(l float64) bool { return number > l }},
		{"MinLength", func(l float64) bool { return length < l }},
		{"MaxLength", func(l float64) bool { return length > l }},
	} {
		if s.get(bound.key).kind != absent && bound.breaks(limit(bound.key)) {
			broken = "is outside " + bound.key + " " + s.text(bound.key, "")
		}
	}
	if allowed := s.texts("AllowedValues"); allowed != nil && !slices.Contains(allowed, v) {
		broken = "is not one of AllowedValues"
	}
	if pattern := s.text("AllowedPattern", ""); pattern != "" {
		whole, err := regexp.Compile("^(?:" + pattern + ")$") // CloudFormation matches the whole value
		if err != nil {
			s.refuse(s.get("AllowedPattern").line, "AllowedPattern: %v", err)
		} else if !whole.MatchString(v) {
			broken = "does not match AllowedPattern " + pattern
		}
	}
	return broken
}
