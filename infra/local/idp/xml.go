package idp

import (
	"encoding/base64"
	"time"

	"github.com/beevik/etree"
)

// child is the first child of a name, nil where there is none.
func child(e *etree.Element, namespace, tag string) *etree.Element {
	for _, one := range children(e, namespace, tag) {
		return one
	}
	return nil
}

// children are the children of a name.
func children(e *etree.Element, namespace, tag string) (found []*etree.Element) {
	if e == nil {
		return nil
	}
	for _, one := range e.ChildElements() {
		if one.Tag == tag && one.NamespaceURI() == namespace {
			found = append(found, one)
		}
	}
	return found
}

// descendants are all elements of a name below e.
func descendants(e *etree.Element, namespace, tag string) (found []*etree.Element) {
	for _, one := range e.ChildElements() {
		if one.Tag == tag && one.NamespaceURI() == namespace {
			found = append(found, one)
		}
		found = append(found, descendants(one, namespace, tag)...)
	}
	return found
}

// set gives an element attributes, pairs of name and value; those without value are left out.
func set(e *etree.Element, pairs ...string) *etree.Element {
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			e.CreateAttr(pairs[n], pairs[n+1])
		}
	}
	return e
}

// add adds an element, with text where it has one.
func add(e *etree.Element, tag, text string, pairs ...string) *etree.Element {
	made := set(e.CreateElement(tag), pairs...)
	if text != "" {
		made.SetText(text)
	}
	return made
}

// written is an element as bytes.
func written(e *etree.Element) ([]byte, error) {
	document := etree.NewDocumentWithRoot(e)
	document.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	return document.WriteToBytes()
}

// instant is a time as documents have it.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func encoded(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
