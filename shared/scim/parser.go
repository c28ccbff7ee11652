package scim

// parser reads a filter by recursive descent: or, and, not, a comparison, from the loosest to the tightest.
type parser struct {
	in    *lexer
	token token
	depth int
	bare  []string // what is compared with a text that has no quotes
}

// parse reads a whole filter; bare names what it compares with a text that has no quotes.
func parse(text string, s scope) (e expression, bare []string, err error) {
	in, err := newLexer(text)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{in: in}
	if err := p.advance(); err != nil {
		return nil, nil, err
	}
	e, err = p.either(s)
	if err == nil && p.token.kind != 0 {
		err = p.wrong("the end")
	}
	return e, p.bare, err
}

func (p *parser) advance() (err error) {
	p.token, err = p.in.next()
	return err
}

// word tells whether the token is a keyword, in any casing.
func (p *parser) word(keyword string) bool {
	return p.token.kind == 'w' && lower(p.token.text) == keyword
}

func (p *parser) wrong(expected string) error {
	if p.token.kind == 0 {
		return Bad(InvalidFilter, "The filter ends where %s was expected.", expected)
	}
	return Bad(InvalidFilter, "The filter has %s at character %d where %s was expected.", quoted(p.token.text), p.token.at+1, expected)
}

// expect takes a parenthesis or bracket.
func (p *parser) expect(kind byte) error {
	if p.token.kind != kind {
		return p.wrong(string(kind))
	}
	return p.advance()
}

func (p *parser) either(s scope) (expression, error) {
	return p.chain("or", s, p.both, func(parts []expression) expression { return anyOf(parts) })
}

func (p *parser) both(s scope) (expression, error) {
	return p.chain("and", s, p.factor, func(parts []expression) expression { return allOf(parts) })
}

// chain reads parts with a keyword between them.
func (p *parser) chain(keyword string, s scope, part func(scope) (expression, error), join func([]expression) expression) (expression, error) {
	var parts []expression
	for {
		e, err := part(s)
		if err != nil {
			return nil, err
		}
		parts = append(parts, e)
		if !p.word(keyword) {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return join(parts), nil
}

func (p *parser) factor(s scope) (expression, error) {
	if p.token.kind == '(' {
		return p.enclosed(s, '(', ')')
	}
	if p.word("not") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.enclosed(s, '(', ')')
		return negation{e}, err
	}
	if p.token.kind != 'w' {
		return nil, p.wrong("an attribute")
	}
	at, absent, err := s.locate(p.token.text)
	if err == nil {
		err = p.advance()
	}
	if err != nil {
		return nil, err
	}
	if p.token.kind == '[' {
		return p.valuePath(s, at, absent)
	}
	return p.comparison(at, absent)
}

// enclosed reads what stands between two parentheses or brackets.
func (p *parser) enclosed(s scope, opening, closing byte) (expression, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > deepestFilter {
		return nil, Bad(InvalidFilter, "The filter nests deeper than %d levels.", deepestFilter)
	}
	if err := p.expect(opening); err != nil {
		return nil, err
	}
	e, err := p.either(s)
	if err != nil {
		return nil, err
	}
	return e, p.expect(closing)
}

// valuePath reads attr[filter], and attr[filter].sub op value: the same value must hold both.
func (p *parser) valuePath(s scope, at place, absent bool) (expression, error) {
	within, err := s.within(at)
	if err != nil {
		return nil, err
	}
	inside, err := p.enclosed(within, '[', ']')
	if err != nil {
		return nil, err
	}
	if p.token.kind == 'w' && len(p.token.text) > 1 && p.token.text[0] == '.' {
		sub, _, err := within.locate(p.token.text[1:])
		if err == nil {
			err = p.advance()
		}
		if err != nil {
			return nil, err
		}
		behind, err := p.comparison(sub, false)
		if err != nil {
			return nil, err
		}
		inside = allOf{inside, behind}
	}
	return element{at, inside, absent}, nil
}

// comparison reads op and value behind an attribute.
func (p *parser) comparison(at place, absent bool) (expression, error) {
	op := operator(lower(p.token.text))
	if p.token.kind != 'w' || !op.known() {
		return nil, p.wrong("one of eq, ne, co, sw, ew, pr, gt, ge, lt, le")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if op == present {
		return compare{at: at, op: op, absent: absent}, at.askable()
	}
	if p.token.kind != 'w' && p.token.kind != '"' {
		return nil, p.wrong("a value")
	}
	e, err := newCompare(at, op, literal{p.token.text, p.token.kind == '"'})
	if err != nil {
		return nil, err
	}
	if p.token.kind == 'w' && !e.null && e.at.last().kind() != Boolean {
		p.bare = append(p.bare, e.at.String())
	}
	e.absent = absent
	return e, p.advance()
}
