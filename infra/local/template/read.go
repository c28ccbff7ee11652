package template

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Read reads the template at path with the given values of its parameters; parameters that are not given take their
// defaults. Its error joins every finding, each as "<file>:<line>: <where>: <what>", in the order of lines, so that one
// run shows all there is to mend.
func Read(path string, parameters map[string]string) (*Template, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	return parse(filepath.Base(path), content, parameters)
}

func parse(file string, content []byte, parameters map[string]string) (*Template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: the template is not a mapping of sections", file)
	}
	r := &reader{file: file}
	result := r.template(document.Content[0], parameters)
	if err := r.err(); err != nil {
		return nil, err
	}
	return result, nil
}

// reader goes through one template. It notes what it refuses and goes on with a zero value.
type reader struct {
	file       string
	parameters map[string]*value
	conditions map[string]*condition
	mappings   *value
	resources  []*resource
	problems   []problem
}

type problem struct {
	line int
	text string
}

// refuse notes a finding; its place in the template is written before it. Line 0 is for what stands nowhere in it.
func (r *reader) refuse(line int, format string, arguments ...any) {
	p := problem{line, fmt.Sprintf(format, arguments...)}
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}

// err is everything that was refused, or nil.
func (r *reader) err() error {
	slices.SortStableFunc(r.problems, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for _, p := range r.problems {
		place := r.file
		if p.line > 0 {
			place = fmt.Sprintf("%s:%d", r.file, p.line)
		}
		all = append(all, fmt.Errorf("%s: %s", place, p.text))
	}
	return errors.Join(all...)
}

// template reads the sections in the order in which they build on each other.
func (r *reader) template(root *yaml.Node, given map[string]string) *Template {
	sections := map[string]*yaml.Node{}
	for _, e := range r.entries(root) {
		sections[e.key] = e.node
		switch e.key {
		case "AWSTemplateFormatVersion", "Description", "Metadata": // say nothing that runs
		case "Transform":
			if e.node.Value != "AWS::Serverless-2016-10-31" {
				r.refuse(e.node.Line, "Transform %s is not one the local stack runs", e.node.Value)
			}
		case "Parameters", "Globals", "Conditions", "Mappings", "Resources", "Outputs":
		default:
			r.refuse(e.line, "section %s is not one the local stack reads", e.key)
		}
	}
	r.readParameters(sections["Parameters"], given)
	r.mappings = r.resolve(sections["Mappings"])
	r.declareConditions(sections["Conditions"])
	r.declareResources(sections["Resources"])
	result := r.readResources(r.readGlobals(sections["Globals"]))
	result.Outputs = r.readOutputs(sections["Outputs"])
	return result
}

// readOutputs gives the values of the outputs whose condition holds.
func (r *reader) readOutputs(n *yaml.Node) map[string]string {
	outputs := map[string]string{}
	for _, e := range r.entries(n) {
		s := r.open(r.resolve(e.node), "output "+e.key, e.line)
		if name := s.text("Condition", ""); name != "" && !r.holds(name, e.line) {
			continue
		}
		outputs[e.key] = s.text("Value", "")
		s.end(noEffect.output)
	}
	return outputs
}
