package samlsp

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/mattermost/xml-roundtrip-validator"
	"pgregory.net/rapid"
)

// script is a decoder that gives what it is told to: what an older or a later Go may make of a document.
type script struct {
	tokens []xml.Token
	given  int
	repeat bool
}

func (s *script) RawToken() (xml.Token, error) {
	if s.given >= len(s.tokens) && !s.repeat {
		return nil, io.EOF
	}
	s.given++
	return s.tokens[(s.given-1)%len(s.tokens)], nil
}

func (s *script) InputOffset() int64 { return 0 }

// TestTheGateAsksTheValidator gives the gate tokens that today's decoder does not make, as decoders did to which the advisories
// CVE-2020-29509 to CVE-2020-29511 apply.
func TestTheGateAsksTheValidator(t *testing.T) {
	t.Parallel()
	name := func(local string) xml.Name { return xml.Name{Local: local} }
	for what, token := range map[string]xml.Token{
		"a name with two colons":      xml.StartElement{Name: name("x::Root")},
		"an attribute with a space":   xml.StartElement{Name: name("a"), Attr: []xml.Attr{{Name: name("b c"), Value: "d"}}},
		"a null character":            xml.CharData("\x00"),
		"a directive that is not one": xml.Directive("x>y"),
	} {
		g := &gate{grammar: responses, source: &script{tokens: []xml.Token{xml.StartElement{Name: name("a")}, token}}}
		if _, err := g.run(); AsRefusal(err) == nil || AsRefusal(err).Check != XMLRoundTrip {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestPlainTokensAreStable holds the short way of the gate against the validator: what is plain needs no asking.
func TestPlainTokensAreStable(t *testing.T) {
	t.Parallel()
	part := rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_-]{0,8}|xmlns|xml|_x|[-0-9:.]{1,3}`)
	value := rapid.OneOf(rapid.StringMatching(`[ -~\n]{0,20}`), rapid.String())
	name := rapid.Custom(func(t *rapid.T) xml.Name {
		return xml.Name{Space: rapid.OneOf(rapid.Just(""), part).Draw(t, "prefix"), Local: part.Draw(t, "local")}
	})
	rapid.Check(t, func(t *rapid.T) {
		var token xml.Token
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			e := xml.StartElement{Name: name.Draw(t, "name")}
			for range rapid.IntRange(0, 4).Draw(t, "attributes") {
				e.Attr = append(e.Attr, xml.Attr{Name: name.Draw(t, "attribute"), Value: value.Draw(t, "value")})
			}
			token = e
		case 1:
			token = xml.EndElement{Name: name.Draw(t, "name")}
		default:
			token = xml.CharData(value.Draw(t, "text"))
		}
		if text, ok := token.(xml.CharData); plain(token) && !(ok && len(text) == 0) { // no text is nothing to read again
			if err := validator.CheckToken(token); err != nil {
				t.Fatalf("%#v: %v", token, err)
			}
		}
	})
}

// TestPlainIsWhatIdPsSend sees to it that the short way is the way of nearly everything: else a sign-in costs four times as much.
func TestPlainIsWhatIdPsSend(t *testing.T) {
	t.Parallel()
	decoder := xml.NewDecoder(strings.NewReader(fixtures[0].attempt().tamper("")))
	var asked, all int
	for {
		token, err := decoder.RawToken()
		if err == io.EOF {
			break
		}
		if all++; !plain(token) {
			asked++
		}
	}
	if asked > 3 || all < 100 {
		t.Errorf("%d of %d", asked, all)
	}
}
