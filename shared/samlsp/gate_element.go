package samlsp

import (
	"encoding/xml"
	"strings"

	"github.com/beevik/etree"
	"github.com/mattermost/xml-roundtrip-validator"
)

// enter judges the beginning of an element and adds it.
func (g *gate) enter(e xml.StartElement) error {
	if g.top == nil && g.root != nil && g.on(XMLOutside) {
		return refuse(XMLOutside, "a second root, %s", quoted(e.Name.Local))
	}
	if g.depth++; g.depth > g.grammar.depth && g.on(XMLDepth) {
		return refuse(XMLDepth, "more than %d levels", g.grammar.depth)
	}
	if len(e.Attr) > g.width && g.on(XMLWidth) {
		return refuse(XMLWidth, "%d attributes in one element", len(e.Attr))
	}
	if name := badName(e); name != "" && g.on(XMLNames) {
		return refuse(XMLNames, "the name %s", quoted(name))
	}
	if err := g.declare(e); err != nil {
		return err
	}
	g.push(e)
	return nil
}

// declare judges the namespaces and the attributes of an element.
func (g *gate) declare(e xml.StartElement) error {
	g.scope = g.scope.enter(g.depth, e.Attr)
	if len(g.scope) > g.grammar.scope && g.on(XMLScope) {
		return refuse(XMLScope, "%d namespaces at one place", len(g.scope))
	}
	if reason := g.scope.badNamespace(e); reason != "" && g.on(XMLNamespaces) {
		return refuse(XMLNamespaces, "%s", reason)
	}
	if name := g.scope.repeated(e.Attr); name != "" && g.on(XMLAttributes) {
		return refuse(XMLAttributes, "two attributes %s of one element", quoted(name))
	}
	return nil
}

// push opens an element in the tree.
func (g *gate) push(e xml.StartElement) {
	made := &etree.Element{Space: e.Name.Space, Tag: e.Name.Local, Attr: make([]etree.Attr, len(e.Attr))}
	for n, a := range e.Attr {
		made.Attr[n] = etree.Attr{Space: a.Name.Space, Key: a.Name.Local, Value: a.Value}
	}
	switch {
	case g.top != nil:
		g.top.AddChild(made)
	case g.root == nil:
		g.root = made
	}
	g.top = made
}

// leave judges the end of an element and closes it.
func (g *gate) leave(e xml.EndElement) error {
	if g.top == nil {
		return refuse(XMLSyntax, "the end of %s, which did not begin", quoted(e.Name.Local))
	}
	if (g.top.Tag != e.Name.Local || g.top.Space != e.Name.Space) && g.on(XMLSyntax) {
		return refuse(XMLSyntax, "the end of %s in %s", quoted(e.Name.Local), quoted(g.top.Tag))
	}
	g.scope = g.scope.leave(g.depth)
	g.depth--
	g.top = g.top.Parent()
	return nil
}

// stable tells whether a token reads the same after it was written again. The validator makes an encoder and a decoder for each
// token, which is nine tenths of all memory that a message takes; a token of plain characters only is stable by itself, and a
// property test holds the two together. Today's decoder gives no token that is not stable: it was not so (CVE-2020-29509 to 29511).
func stable(token xml.Token) bool {
	return plain(token) || validator.CheckToken(token) == nil
}

// plain tells whether a token has only characters that stand for themselves everywhere in XML.
func plain(token xml.Token) bool {
	switch t := token.(type) {
	case xml.StartElement:
		for _, a := range t.Attr {
			if !plainName(a.Name) || !plainText(a.Value) {
				return false
			}
		}
		return plainName(t.Name)
	case xml.EndElement:
		return plainName(t.Name)
	case xml.CharData:
		return plainText(string(t))
	}
	return false
}

// plainName tells whether a name is of letters, digits, hyphens and underscores, each part beginning with a letter.
func plainName(name xml.Name) bool {
	return plainPart(name.Local) && (name.Space == "" || plainPart(name.Space))
}

func plainPart(part string) bool {
	if part == "" || !isLetter(part[0]) {
		return false
	}
	for n := range len(part) {
		if c := part[n]; !isLetter(c) && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// plainText tells whether a text is of printable ASCII and line feeds, without what is escaped in XML.
func plainText(text string) bool {
	for n := range len(text) {
		if c := text[n]; c != '\n' && (c < ' ' || c > '~' || strings.IndexByte(`<>&"'`, c) >= 0) {
			return false
		}
	}
	return true
}
