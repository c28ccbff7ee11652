package samlsp

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// grammar bounds a document.
type grammar struct {
	tokens, depth, width, scope int
	annotated                   bool // comments, instructions and CDATA are passed over: metadata is written by people
}

// responses is what an answer may be. An answer of an IdP is generated, some 3 to 10 KB, nests 8 deep and has 20 namespaces at most.
var responses = grammar{tokens: 20_000, depth: 32, width: 100, scope: 32}

// tokens is where a gate gets the parts of a document from: an xml.Decoder.
type tokens interface {
	RawToken() (xml.Token, error)
	InputOffset() int64
}

// gate judges the bytes of a document before anything else reads them, and builds the tree from the very tokens that it judged,
// so that there is no second reader to disagree. It reads with RawToken, which resolves no namespace and expands no entity.
type gate struct {
	switches
	grammar
	raw     []byte
	source  tokens
	scope   scope
	root    *etree.Element
	top     *etree.Element // the element that is open; nil outside the root
	depth   int
	count   int
	started bool // something came before
}

// open judges the document and gives its root. Outer is what is declared around it, for one that was decrypted.
func (s switches) open(g grammar, raw []byte, outer scope) (*etree.Element, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) && s.on(XMLEncoding) {
		return nil, refuse(XMLEncoding, "bytes that are not UTF-8")
	}
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	decoder.Strict = s.on(XMLSyntax)
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return (&gate{switches: s, grammar: g, raw: raw, source: decoder, scope: slices.Clip(outer)}).run()
}

// run judges token after token.
func (g *gate) run() (*etree.Element, error) {
	for {
		offset := g.source.InputOffset()
		token, err := g.source.RawToken()
		if err == io.EOF {
			return g.end()
		}
		if err != nil {
			return nil, refuse(XMLSyntax, "%s", g.explain(err))
		}
		if g.count++; g.count > g.tokens && g.on(XMLTokens) {
			return nil, refuse(XMLTokens, "more than %d parts", g.tokens)
		}
		if !stable(token) && g.on(XMLRoundTrip) {
			return nil, refuse(XMLRoundTrip, "a part at byte %d that reads differently when it is written again", offset)
		}
		if err := g.take(token, offset); err != nil {
			return nil, err
		}
		g.started = true
	}
}

// explain says what the decoder did not like, and what may have happened where the document is no XML from the start.
func (g *gate) explain(err error) string {
	if trimmed := bytes.TrimSpace(g.raw); len(trimmed) > 0 && trimmed[0] != '<' {
		return "something that does not begin as XML does; it may be compressed"
	}
	return quoted(err.Error())
}

// end is reached after the last token.
func (g *gate) end() (*etree.Element, error) {
	if g.root == nil || g.top != nil {
		return nil, refuse(XMLSyntax, "a document that ends too early")
	}
	return g.root, nil
}

// take judges a token and adds it to the tree.
func (g *gate) take(token xml.Token, offset int64) error {
	switch t := token.(type) {
	case xml.StartElement:
		return g.enter(t)
	case xml.EndElement:
		return g.leave(t)
	case xml.CharData:
		return g.text(t, bytes.HasPrefix(g.raw[min(int(offset), len(g.raw)):], []byte("<![CDATA[")))
	case xml.ProcInst:
		return g.instruction(t)
	case xml.Directive:
		if g.on(XMLDirective) {
			return refuse(XMLDirective, "a declaration that begins with %s", quoted("<!"+string(t)))
		}
	case xml.Comment:
		if g.on(XMLComment) && !g.annotated {
			return refuse(XMLComment, "a comment at byte %d", offset)
		}
	}
	return nil
}

// text judges text and adds it.
func (g *gate) text(t xml.CharData, cdata bool) error {
	if cdata && g.on(XMLCData) && !g.annotated {
		return refuse(XMLCData, "a CDATA section")
	}
	if g.top != nil {
		g.top.AddChild(etree.NewText(string(t)))
		return nil
	}
	if len(bytes.TrimSpace(t)) > 0 && g.on(XMLOutside) {
		return refuse(XMLOutside, "the text %s outside the root", quoted(string(t)))
	}
	return nil
}

// instruction judges a processing instruction. The XML declaration is one to the decoder.
func (g *gate) instruction(t xml.ProcInst) error {
	declaration := t.Target == "xml" && !g.started
	if !declaration && g.on(XMLInstruction) && !(g.annotated && t.Target != "xml") {
		return refuse(XMLInstruction, "the processing instruction %s", quoted(t.Target))
	}
	if encoding := encodingOf(string(t.Inst)); declaration && encoding != "" && !strings.EqualFold(encoding, "utf-8") && g.on(XMLEncoding) {
		return refuse(XMLEncoding, "a declaration that names the encoding %s", quoted(encoding))
	}
	return nil
}

// encodingOf gives the encoding that an XML declaration names, empty for none.
func encodingOf(declaration string) string {
	_, after, found := strings.Cut(declaration, "encoding")
	if !found {
		return ""
	}
	after = strings.TrimLeft(after, " \t\r\n=")
	if after == "" {
		return "?"
	}
	value, _, _ := strings.Cut(after[1:], after[:1])
	return value
}
