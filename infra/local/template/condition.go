package template

import "go.yaml.in/yaml/v3"

// condition is one of the template's Conditions, worked out when it is first asked for.
type condition struct {
	node    *yaml.Node
	working bool // being worked out: meeting it again is a circle
	known   bool
	holds   bool
}

func (r *reader) declareConditions(n *yaml.Node) {
	r.conditions = map[string]*condition{}
	for _, e := range r.entries(n) {
		r.conditions[e.key] = &condition{node: e.node}
	}
	for _, e := range r.entries(n) { // also those that nothing uses are checked
		r.holds(e.key, e.line)
	}
}

// holds tells whether the condition of a name is true.
func (r *reader) holds(name string, line int) bool {
	c := r.conditions[name]
	switch {
	case c == nil:
		r.refuse(line, "condition %s is not in the template", name)
		return false
	case c.working:
		r.refuse(line, "condition %s depends on itself", name)
		return false
	case !c.known:
		c.working = true
		c.holds = r.truth(c.node)
		c.working, c.known = false, true
	}
	return c.holds
}

// truth works out a condition's expression.
func (r *reader) truth(n *yaml.Node) bool {
	name, argument := r.intrinsic(n)
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "Condition" {
		name, argument = "Condition", n.Content[1]
	}
	switch name {
	case "Condition":
		return r.holds(argument.Value, n.Line)
	case "Fn::Equals":
		if len(argument.Content) != 2 {
			r.refuse(n.Line, "%s takes two values", name)
			return false
		}
		a, b := r.resolve(argument.Content[0]), r.resolve(argument.Content[1])
		return a.kind == b.kind && a.text == b.text
	case "Fn::Not", "Fn::And", "Fn::Or":
		return r.combine(name, argument, n.Line)
	}
	r.refuse(n.Line, "%s is not a condition function the local stack knows", describe(name, n))
	return false
}

func (r *reader) combine(name string, argument *yaml.Node, line int) bool {
	low, high := 2, 10
	if name == "Fn::Not" {
		low, high = 1, 1
	}
	if argument.Kind != yaml.SequenceNode || len(argument.Content) < low || len(argument.Content) > high {
		r.refuse(line, "%s takes a list of %d to %d conditions", name, low, high)
		return false
	}
	count := 0
	for _, part := range argument.Content {
		if r.truth(part) {
			count++
		}
	}
	switch name {
	case "Fn::Not":
		return count == 0
	case "Fn::And":
		return count == len(argument.Content)
	}
	return count > 0
}

func describe(name string, n *yaml.Node) string {
	if name != "" {
		return name
	}
	return "the value " + n.Value
}
