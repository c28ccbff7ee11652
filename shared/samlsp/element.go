package samlsp

import (
	"strings"

	"github.com/beevik/etree"
)

// is tells whether the element has the name.
func is(e *etree.Element, namespace, tag string) bool {
	return e.Tag == tag && e.NamespaceURI() == namespace
}

// children gives the child elements of a name.
func children(of *etree.Element, namespace, tag string) []*etree.Element {
	var found []*etree.Element
	for _, token := range of.Child {
		if e, ok := token.(*etree.Element); ok && is(e, namespace, tag) {
			found = append(found, e)
		}
	}
	return found
}

// child gives the first child element of a name, nil where there is none.
func child(of *etree.Element, namespace, tag string) *etree.Element {
	if of == nil {
		return nil
	}
	for _, token := range of.Child {
		if e, ok := token.(*etree.Element); ok && is(e, namespace, tag) {
			return e
		}
	}
	return nil
}

// attribute gives the value of an attribute without prefix, empty where it is missing or e is nil.
func attribute(e *etree.Element, key string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attr {
		if a.Space == "" && a.Key == key {
			return a.Value
		}
	}
	return ""
}

// white is the white space of XML. What only looks like it belongs to a text.
const white = " \t\r\n"

// text gives the text of an element without the white space around it, and whether there is nothing but text in it.
func text(e *etree.Element) (string, bool) {
	said, plain := verbatim(e)
	return strings.Trim(said, white), plain
}

// verbatim gives the text of an element as it is.
func verbatim(e *etree.Element) (string, bool) {
	if e == nil {
		return "", false
	}
	if len(e.Child) == 1 {
		data, ok := e.Child[0].(*etree.CharData)
		if ok {
			return data.Data, true
		}
		return "", false
	}
	var b strings.Builder
	for _, token := range e.Child {
		data, ok := token.(*etree.CharData)
		if !ok {
			return b.String(), false
		}
		b.WriteString(data.Data)
	}
	return b.String(), true
}

// walk visits an element and all below it, until visit says no.
func walk(e *etree.Element, visit func(*etree.Element) bool) bool {
	if !visit(e) {
		return false
	}
	for _, token := range e.Child {
		if below, ok := token.(*etree.Element); ok && !walk(below, visit) {
			return false
		}
	}
	return true
}

// count gives how many child elements there are.
func count(e *etree.Element) int {
	n := 0
	for _, token := range e.Child {
		if _, ok := token.(*etree.Element); ok {
			n++
		}
	}
	return n
}

// inherit copies the namespaces that are declared around an element into it, so that it reads the same by itself. goxmldsig
// copies what it verifies without what is around.
func inherit(e *etree.Element) {
	for above := e.Parent(); above != nil; above = above.Parent() {
		for _, a := range above.Attr {
			if isDeclaration(a) && !declares(e, a) {
				e.Attr = append(e.Attr, etree.Attr{Space: a.Space, Key: a.Key, Value: a.Value})
			}
		}
	}
}

func isDeclaration(a etree.Attr) bool { return a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" }

// declares tells whether the element declares the prefix that a declares.
func declares(e *etree.Element, a etree.Attr) bool {
	for _, own := range e.Attr {
		if own.Space == a.Space && own.Key == a.Key {
			return true
		}
	}
	return false
}

// around gives the namespaces that are declared at an element, as the scope of a document that stands there.
func around(e *etree.Element) scope {
	var found scope
	for at := e; at != nil; at = at.Parent() {
		for _, a := range at.Attr {
			if isDeclaration(a) {
				found = append(scope{{prefixOf(a), a.Value, 0}}, found...)
			}
		}
	}
	return found
}

// prefixOf gives the prefix that a declaration declares.
func prefixOf(a etree.Attr) string {
	if a.Space == "" {
		return ""
	}
	return a.Key
}
