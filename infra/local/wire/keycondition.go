package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// comparison is one part of a key condition: the attribute's name, the operator (=, <, <=, >, >=, BETWEEN or
// begins_with) and its one or two values.
type comparison struct {
	name     string
	operator string
	values   []value
}

// keyCondition reads a KeyConditionExpression, whose grammar is small:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
func keyCondition(expression string, names map[string]string, values map[string]value) ([]comparison, error) {
	p := conditionParser{tokens: conditionToken.FindAllString(expression, -1), names: names, values: values}
	comparisons := p.conjunction()
	if p.err == nil && len(p.tokens) > 0 {
		p.fail(p.tokens[0])
	}
	if p.err != nil {
		return nil, fmt.Errorf("read KeyConditionExpression %q: %w", expression, p.err)
	}
	return comparisons, nil
}

var conditionToken = regexp.MustCompile(`[#:]?[A-Za-z0-9_.-]+|<=|>=|<>|\S`)

type conditionParser struct {
	tokens []string
	names  map[string]string
	values map[string]value
	err    error
}

func (p *conditionParser) fail(token string) {
	if p.err == nil {
		p.err = fmt.Errorf("unexpected %q", token)
	}
	p.tokens = nil
}

func (p *conditionParser) next() string {
	if len(p.tokens) == 0 {
		p.fail("end")
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

// take goes past the token if it is the next one, in whatever case.
func (p *conditionParser) take(token string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], token) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *conditionParser) expect(token string) {
	if !p.take(token) {
		p.fail(strings.Join(append(p.tokens, "end")[:1], ""))
	}
}

func (p *conditionParser) conjunction() []comparison {
	comparisons := p.term()
	for p.take("AND") {
		comparisons = append(comparisons, p.term()...)
	}
	return comparisons
}

func (p *conditionParser) term() []comparison {
	switch {
	case p.take("("):
		inner := p.conjunction()
		p.expect(")")
		return inner
	case p.take("begins_with"):
		p.expect("(")
		name := p.name()
		p.expect(",")
		prefix := p.value()
		p.expect(")")
		return []comparison{{name, "begins_with", []value{prefix}}}
	}
	name := p.name()
	switch operator := p.next(); strings.ToUpper(operator) {
	case "=", "<", "<=", ">", ">=":
		return []comparison{{name, operator, []value{p.value()}}}
	case "BETWEEN":
		from := p.value()
		p.expect("AND")
		return []comparison{{name, "BETWEEN", []value{from, p.value()}}}
	default:
		p.fail(operator)
		return nil
	}
}

func (p *conditionParser) name() string {
	token := p.next()
	if !strings.HasPrefix(token, "#") {
		return token
	}
	name, ok := p.names[token]
	if !ok {
		p.fail(token)
	}
	return name
}

func (p *conditionParser) value() value {
	token := p.next()
	v, ok := p.values[token]
	if !ok {
		p.fail(token)
	}
	return v
}

// holds tells whether the item meets the comparison.
func (c comparison) holds(i item) bool {
	v, ok := i[c.name]
	if !ok {
		return false
	}
	if c.operator == "begins_with" {
		return beginsWith(v, c.values[0])
	}
	order := compareScalars(v, c.values[0])
	switch c.operator {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return order >= 0 && compareScalars(v, c.values[1]) <= 0
}

func beginsWith(v, prefix value) bool {
	kind, text, _ := scalar(v)
	prefixKind, start, _ := scalar(prefix)
	if kind != prefixKind {
		return false
	}
	if kind == "B" {
		whole, errWhole := base64.StdEncoding.DecodeString(text)
		part, errPart := base64.StdEncoding.DecodeString(start)
		return errWhole == nil && errPart == nil && bytes.HasPrefix(whole, part)
	}
	return strings.HasPrefix(text, start)
}
