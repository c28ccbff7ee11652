package samlsp

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"net/url"
	"strings"
)

func transportCases() []sample {
	return append(formFieldCases(), encodingCases()...)
}

func formFieldCases() []sample {
	field := func(name, value string) func(*attempt) {
		return func(a *attempt) { a.form.Add(name, value) }
	}
	return []sample{
		bent(transport, "JSON", FormMediaType, func(a *attempt) { a.contentType = "application/json" }),
		bent(transport, "multipart", FormMediaType, func(a *attempt) { a.contentType = "multipart/form-data; boundary=x" }),
		bent(transport, "no content type", FormMediaType, func(a *attempt) { a.contentType = "" }),
		bent(transport, "a character set beside the content type", accepted, func(a *attempt) { a.contentType += "; charset=UTF-8" }),
		bent(transport, "a form over 256 KiB", FormSize, field("more", strings.Repeat("x", MaxForm))),
		bent(transport, "two answers", FormFields, field("SAMLResponse", "PHg+")),
		bent(transport, "two RelayStates", FormFields, field("RelayState", "another")),
		bent(transport, "an artifact", FormFields, field("SAMLart", "AAQA")),
		bent(transport, "a request of the IdP", FormFields, field("SAMLRequest", "PHg+")),
		bent(transport, "an answer in the URL as well", FormFields, func(a *attempt) { a.query = "SAMLResponse=PHg%2B" }),
		bent(transport, "a RelayState in the URL", FormFields, func(a *attempt) { a.query = "RelayState=x" }),
		bent(transport, "a field of the IdP's own", accepted, field("client-request-id", "1")),
		bent(transport, "no answer", FormFields, func(a *attempt) { a.body = func(url.Values) string { return "RelayState=x" } }),
		bent(transport, "the name of the field in lower case", FormFields, func(a *attempt) {
			a.body = func(form url.Values) string { return "samlresponse=" + url.QueryEscape(form.Get("SAMLResponse")) }
		}),
		bent(transport, "a form that is cut off in an escape", FormFields, func(a *attempt) { a.body = func(form url.Values) string { return form.Encode() + "&x=%" } }),
		bent(transport, "semicolons between fields", FormFields, func(a *attempt) { a.body = func(form url.Values) string { return form.Encode() + ";SAMLResponse=x" } }),
		bent(transport, "no RelayState", accepted, func(a *attempt) { a.form.Del("RelayState") }),
	}
}

func encodingCases() []sample {
	encoded := func(name string, want Check, encode func(string) string) sample {
		return bent(transport, name, want, func(a *attempt) { a.encode = encode })
	}
	standard := func(document string) string { return base64.StdEncoding.EncodeToString([]byte(document)) }
	deflated := func(document string) []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		w.Write([]byte(document))
		w.Close()
		return b.Bytes()
	}
	padded := func(document string) string { return document + strings.Repeat(" ", 3-len(document)%3+1) }
	return []sample{
		encoded("lines of 76 characters", accepted, func(d string) string { return strings.ReplaceAll(wrapped(standard(d)), "\n", "\r\n") }),
		encoded("spaces in the base64", EncodingBase64, func(d string) string { return strings.Replace(standard(d), "A", " A", 1) }),
		encoded("base64 without padding", EncodingBase64, func(d string) string { return strings.TrimRight(standard(padded(d)), "=") }),
		encoded("base64 for URLs", EncodingBase64, func(d string) string {
			return strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(extensions("???>>>")(d))), "=") + "_"
		}),
		encoded("bits left over at the end of the base64", EncodingBase64, func(d string) string {
			text := standard(padded(d))
			return text[:len(text)-3] + "B=="
		}),
		encoded("no base64", EncodingBase64, func(d string) string { return d }),
		encoded("base64 twice", XMLOutside, func(d string) string { return standard(standard(d)) }),
		encoded("compressed", XMLEncoding, func(d string) string { return base64.StdEncoding.EncodeToString(deflated(d)) }),
		encoded("a compressed bomb", XMLEncoding, func(d string) string {
			return base64.StdEncoding.EncodeToString(deflated(d + strings.Repeat(" ", 5<<20)))
		}),
		encoded("160 KiB", accepted, func(d string) string { return standard(d + strings.Repeat("\n", MaxResponse-len(d))) }),
		encoded("160 KiB and a byte", EncodingSize, func(d string) string { return standard(d + strings.Repeat("\n", MaxResponse-len(d)+1)) }),
		encoded("an answer that is nothing", XMLSyntax, func(string) string { return "" }),
		encoded("HTML", XMLSyntax, func(string) string { return standard("<html><body><p>Sign in</body></html>") }),
		encoded("JSON within", XMLOutside, func(string) string { return standard(`{"a": 1}`) }),
	}
}
