package samlsp

import (
	"encoding/xml"
	"strings"
)

// binding is a namespace declared by an element at a depth.
type binding struct {
	prefix, namespace string
	depth             int
}

// scope is the namespaces declared where the gate stands, the innermost last.
type scope []binding

// enter adds what an element at the depth declares.
func (s scope) enter(depth int, attributes []xml.Attr) scope {
	for _, a := range attributes {
		switch {
		case a.Name.Space == "xmlns":
			s = append(s, binding{a.Name.Local, a.Value, depth})
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			s = append(s, binding{"", a.Value, depth})
		}
	}
	return s
}

// leave drops what was declared at the depth or below it.
func (s scope) leave(depth int) scope {
	for len(s) > 0 && s[len(s)-1].depth >= depth {
		s = s[:len(s)-1]
	}
	return s
}

// lookup gives the namespace of a prefix, and whether it is declared. Without a default namespace a name has none.
func (s scope) lookup(prefix string) (string, bool) {
	for n := len(s) - 1; n >= 0; n-- {
		if s[n].prefix == prefix {
			return s[n].namespace, true
		}
	}
	switch prefix {
	case "":
		return "", true
	case "xml":
		return nsXML, true
	case "xmlns":
		return nsXMLNS, true
	}
	return "", false
}

// badName gives the first name of an element that is none. Go's decoder takes ":a", "a:" and "a:1" for names without a prefix
// or lets them pass, others do not.
func badName(e xml.StartElement) string {
	if !isName(e.Name) {
		return e.Name.Space + ":" + e.Name.Local
	}
	for _, a := range e.Attr {
		if !isName(a.Name) {
			return a.Name.Space + ":" + a.Name.Local
		}
	}
	return ""
}

// isName tells whether a name has one colon at most, with something on both sides (Namespaces in XML 3). That the parts are of
// characters of names is for the decoder and the round trip to say.
func isName(name xml.Name) bool {
	return name.Local != "" && !strings.Contains(name.Local, ":") && !strings.Contains(name.Space, ":")
}

// isNCName tells whether the text begins as a name does and has no colon.
func isNCName(text string) bool {
	return text != "" && !strings.Contains(text, ":") && !strings.ContainsRune("-.0123456789", rune(text[0]))
}

// badNamespace says what is wrong with the namespaces that an element declares or uses, empty where nothing is.
func (s scope) badNamespace(e xml.StartElement) string {
	for _, a := range e.Attr {
		if reason := badDeclaration(a); reason != "" {
			return reason
		}
	}
	if _, declared := s.lookup(e.Name.Space); !declared {
		return "the prefix " + quoted(e.Name.Space) + ", declared nowhere"
	}
	for _, a := range e.Attr {
		if _, declared := s.lookup(a.Name.Space); !declared {
			return "the prefix " + quoted(a.Name.Space) + ", declared nowhere"
		}
	}
	return ""
}

// badDeclaration says what is wrong with an attribute as the declaration of a namespace (Namespaces in XML 3 and 5).
func badDeclaration(a xml.Attr) string {
	byDefault := a.Name.Space == "" && a.Name.Local == "xmlns"
	switch {
	case a.Name.Space != "xmlns" && !byDefault:
		return ""
	case a.Name.Local == "xmlns" && !byDefault, a.Value == nsXMLNS, (a.Name.Local == "xml") != (a.Value == nsXML):
		return "a reserved namespace, declared anew"
	case !byDefault && a.Value == "":
		return "the prefix " + quoted(a.Name.Local) + ", declared as nothing"
	}
	return ""
}

// repeated gives the name of an attribute that stands twice: in the same spelling, or with two prefixes of one namespace.
func (s scope) repeated(attributes []xml.Attr) string {
	for n, a := range attributes {
		for _, b := range attributes[:n] {
			if a.Name.Local == b.Name.Local && s.same(a.Name.Space, b.Name.Space) {
				return a.Name.Local
			}
		}
	}
	return ""
}

// same tells whether two prefixes of attributes mean the same. An attribute without prefix is in no namespace.
func (s scope) same(a, b string) bool {
	if a == b {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	one, _ := s.lookup(a)
	other, _ := s.lookup(b)
	return one == other
}
