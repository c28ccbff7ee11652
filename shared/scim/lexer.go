package scim

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Bounds of a filter or path: what is longer or deeper is no question that an IdP asks.
const (
	longestFilter = 4 << 10
	deepestFilter = 32
)

// token is a piece of a filter: a parenthesis or bracket, a string (its text decoded), or a word.
type token struct {
	kind byte // ( ) [ ] " w, and 0 for the end
	text string
	at   int
}

// lexer cuts a filter into tokens.
type lexer struct {
	text string
	at   int
}

func newLexer(text string) (*lexer, error) {
	switch {
	case len(text) > longestFilter:
		return nil, Bad(InvalidFilter, "The filter has %d bytes. At most %d are taken.", len(text), longestFilter)
	case !utf8.ValidString(text):
		return nil, Bad(InvalidFilter, "The filter is not valid UTF-8.")
	}
	return &lexer{text: text}, nil
}

// next reads a token.
func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && blank(l.text[l.at]) {
		l.at++
	}
	if l.at == len(l.text) {
		return token{at: l.at}, nil
	}
	begin := l.at
	switch c := l.text[begin]; {
	case strings.IndexByte("()[]", c) >= 0:
		l.at++
		return token{kind: c, text: string(c), at: begin}, nil
	case c == '"':
		return l.quoted()
	}
	for l.at < len(l.text) && !blank(l.text[l.at]) && strings.IndexByte(`()[]"`, l.text[l.at]) < 0 {
		l.at++
	}
	return token{kind: 'w', text: l.text[begin:l.at], at: begin}, nil
}

// quoted reads a string, with JSON's escapes.
func (l *lexer) quoted() (token, error) {
	begin := l.at
	for l.at++; l.at < len(l.text) && l.text[l.at] != '"'; l.at++ {
		if l.text[l.at] == '\\' {
			l.at++
		}
	}
	l.at = min(l.at+1, len(l.text))
	raw, decoded := []byte(l.text[begin:l.at]), ""
	if err := json.Unmarshal(raw, &decoded); err != nil || !paired(raw) {
		return token{}, Bad(InvalidFilter, "The filter has a string at character %d that does not end, or is none of JSON.", begin+1)
	}
	return token{kind: '"', text: decoded, at: begin}, nil
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
