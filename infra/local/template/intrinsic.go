package template

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// call is the value of an intrinsic function. Those that need an account or another stack are refused by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
func (r *reader) call(name string, argument *yaml.Node, line int) *value {
	switch name {
	case "Ref":
		return r.reference(argument.Value, line)
	case "Fn::GetAtt":
		return r.getAtt(argument, line)
	case "Fn::Sub":
		return r.sub(argument, line)
	case "Fn::If":
		return r.choose(argument, line)
	case "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap":
		arguments := r.resolve(argument)
		if arguments.kind != list {
			r.refuse(line, "%s takes a list", name)
			return &value{line: line}
		}
		return r.callList(name, arguments.items, line)
	}
	r.refuse(line, "%s is not an intrinsic function the local stack knows here", name)
	return &value{line: line}
}

func (r *reader) callList(name string, arguments []*value, line int) *value {
	if len(arguments) == 2 {
		first, second := arguments[0], arguments[1]
		parts, isTexts := second.texts()
		switch {
		case name == "Fn::Join" && first.kind == scalar && isTexts:
			return text(line, strings.Join(parts, first.text))
		case name == "Fn::Split" && first.kind == scalar && second.kind == scalar:
			v := &value{line: line, kind: list}
			for part := range strings.SplitSeq(second.text, first.text) {
				v.items = append(v.items, text(line, part))
			}
			return v
		case name == "Fn::Select" && first.kind == scalar && second.kind == list:
			if i, err := strconv.Atoi(first.text); err == nil && i >= 0 && i < len(second.items) {
				return second.items[i]
			}
		}
	}
	if name == "Fn::FindInMap" && len(arguments) == 3 {
		found := r.mappings
		for _, key := range arguments {
			if found = found.fields[key.text]; found == nil {
				break
			}
		}
		if found != nil {
			return found
		}
	}
	r.refuse(line, "%s: these arguments give nothing", name)
	return &value{line: line}
}

// getAtt takes Resource.Attribute, or a list of the two.
func (r *reader) getAtt(argument *yaml.Node, line int) *value {
	target := argument.Value
	if argument.Kind == yaml.SequenceNode && len(argument.Content) == 2 {
		target = argument.Content[0].Value + "." + argument.Content[1].Value
	}
	id, attribute, ok := strings.Cut(target, ".")
	if !ok {
		r.refuse(line, "Fn::GetAtt takes a resource and an attribute")
		return text(line, "")
	}
	return text(line, r.attribute(id, attribute, line))
}

// choose is Fn::If.
func (r *reader) choose(argument *yaml.Node, line int) *value {
	if argument.Kind != yaml.SequenceNode || len(argument.Content) != 3 {
		r.refuse(line, "Fn::If takes a condition and two values")
		return &value{line: line}
	}
	if r.holds(argument.Content[0].Value, line) {
		return r.resolve(argument.Content[1])
	}
	return r.resolve(argument.Content[2])
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// sub takes a text, or a list of a text and a mapping of further names. ${!x} stands for the text ${x}.
func (r *reader) sub(argument *yaml.Node, line int) *value {
	pattern, names := argument, &value{}
	if argument.Kind == yaml.SequenceNode && len(argument.Content) == 2 {
		pattern, names = argument.Content[0], r.resolve(argument.Content[1])
	}
	if pattern.Kind != yaml.ScalarNode {
		r.refuse(line, "Fn::Sub takes a text, or a list of a text and a mapping")
		return text(line, "")
	}
	return text(line, placeholder.ReplaceAllStringFunc(pattern.Value, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		v := names.fields[name]
		if id, attribute, ok := strings.Cut(name, "."); v == nil && ok {
			return r.attribute(id, attribute, line)
		} else if v == nil {
			v = r.reference(name, line)
		}
		if v.kind != scalar && v.kind != absent {
			r.refuse(line, "Fn::Sub: ${%s} is %s, not a text", name, v.kind)
		}
		return v.text
	}))
}

// reference is Ref: a parameter, a pseudo parameter or a resource.
func (r *reader) reference(name string, line int) *value {
	if v := r.parameters[name]; v != nil {
		return v
	}
	if strings.HasPrefix(name, "AWS::") {
		return r.pseudo(name, line)
	}
	if found := r.existing(name, line); found != nil {
		return text(line, r.refValue(found))
	}
	return text(line, "")
}

func (r *reader) pseudo(name string, line int) *value {
	switch name {
	case "AWS::Region":
		return text(line, Region)
	case "AWS::AccountId":
		return text(line, Account)
	case "AWS::Partition":
		return text(line, Partition)
	case "AWS::URLSuffix":
		return text(line, "amazonaws.com")
	case "AWS::StackName":
		return text(line, "local")
	case "AWS::StackId":
		return text(line, arn("cloudformation", "stack/local/local"))
	case "AWS::NoValue":
	default:
		r.refuse(line, "pseudo parameter %s is not one the local stack knows", name)
	}
	return &value{line: line}
}
