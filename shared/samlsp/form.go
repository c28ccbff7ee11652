package samlsp

import (
	"encoding/base64"
	"mime"
	"net/url"
	"strings"
)

// The bounds of what is read at all.
const (
	MaxForm       = 256 << 10 // bytes of the form
	MaxResponse   = 160 << 10 // bytes of the XML: what a form of that size can hold, base64 and escaping included
	MaxRelayState = 80        // bytes, bindings 3.4.3 and 3.5.3
)

// Post is what a browser sent to the ACS by HTTP POST, as the HTTP layer has it. ACS answers no other method.
type Post struct {
	switches
	ContentType string
	Query       string // of the URL, without the question mark
	Body        []byte // decoded, where the transport encoded it
}

// Form is what a Post holds.
type Form struct {
	Response string // base64, for Verify
	// RelayState is ours to read only as the name of something that we wrote down: it is never an address to go to. One that
	// is longer than the standard allows is none of ours, and is left out.
	RelayState string
}

// ReadForm reads the form (form.* refusals). Fields of others, such as an IdP's "client-request-id", are passed over.
func ReadForm(post Post) (Form, error) {
	media, _, err := mime.ParseMediaType(post.ContentType)
	if (err != nil || media != "application/x-www-form-urlencoded") && post.on(FormMediaType) {
		return Form{}, refuse(FormMediaType, "the content type %s", quoted(post.ContentType))
	}
	if len(post.Body) > MaxForm && post.on(FormSize) {
		return Form{}, refuse(FormSize, "%d bytes", len(post.Body))
	}
	fields, broken := url.ParseQuery(string(post.Body))
	if saw := oddFields(fields, post.Query, broken); saw != "" && post.on(FormFields) {
		return Form{}, refuse(FormFields, "%s", saw)
	}
	form := Form{Response: fields.Get("SAMLResponse"), RelayState: fields.Get("RelayState")}
	if len(form.RelayState) > MaxRelayState {
		form.RelayState = ""
	}
	return form, nil
}

// oddFields says what is wrong with the fields of a form, empty where nothing is.
func oddFields(fields url.Values, query string, broken error) string {
	inURL, oddQuery := url.ParseQuery(query)
	switch {
	case broken != nil || oddQuery != nil:
		return "a form that cannot be decoded"
	case inURL.Has("SAMLResponse") || inURL.Has("SAMLRequest") || inURL.Has("RelayState") || inURL.Has("SAMLart"):
		return "a field of SAML in the URL"
	case fields.Has("SAMLart") || fields.Has("SAMLRequest"):
		return "an artifact or a request instead of an answer"
	case len(fields["SAMLResponse"]) == 0:
		return "no SAMLResponse"
	case len(fields["SAMLResponse"]) > 1:
		return "more than one SAMLResponse"
	case len(fields["RelayState"]) > 1:
		return "more than one RelayState"
	}
	return ""
}

// decode undoes the base64 of a message. Line breaks are allowed, as RFC 2045 has them, and no other stranger.
func (s switches) decode(text string) ([]byte, error) {
	if base64.StdEncoding.DecodedLen(len(text)) > 2*MaxResponse && s.on(EncodingSize) {
		return nil, refuse(EncodingSize, "%d characters of base64", len(text))
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil && !s.on(EncodingBase64) {
		raw, err = base64.RawStdEncoding.DecodeString(lenient.Replace(text))
	}
	switch {
	case err != nil:
		return nil, refuse(EncodingBase64, "%d characters that are not base64", len(text))
	case len(raw) > MaxResponse && s.on(EncodingSize):
		return nil, refuse(EncodingSize, "%d bytes", len(raw))
	}
	return raw, nil
}

// lenient makes standard base64 of its variants: what the check refuses, and reads where it is switched off.
var lenient = strings.NewReplacer("-", "+", "_", "/", " ", "", "\t", "", "=", "")
