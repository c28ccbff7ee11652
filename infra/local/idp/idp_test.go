package idp

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
)

const (
	entityID = "https://portal.example/saml/con_1/metadata"
	acs      = "https://portal.example/saml/con_1/acs"
)

// metadataOf is a service provider's, with a certificate of its own for both uses where there is one.
func metadataOf(entityID, acs string, key *Key) []byte {
	keys, signs := "", "false"
	if key != nil {
		keys = `<KeyDescriptor><KeyInfo xmlns="` + nsSignature + `"><X509Data><X509Certificate>` + encoded(key.Certificate) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`
		signs = "true"
	}
	return []byte(`<EntityDescriptor xmlns="` + nsMetadata + `" entityID="` + entityID + `"><SPSSODescriptor AuthnRequestsSigned="` + signs + `">` + keys +
		`<AssertionConsumerService Binding="` + bindingPost + `" Location="` + acs + `" index="0"/></SPSSODescriptor></EntityDescriptor>`)
}

// requestOf is an AuthnRequest, with changes of its text.
func requestOf(p *IdP, changes ...string) string {
	text := `<samlp:AuthnRequest xmlns:samlp="` + nsProtocol + `" ID="_1" Version="2.0" IssueInstant="` + instant(p.config.Now()) + `" Destination="` + p.ssoURL("acme") +
		`" AssertionConsumerServiceURL="` + acs + `"><Issuer xmlns="` + nsAssertion + `">` + entityID + `</Issuer></samlp:AuthnRequest>`
	return strings.NewReplacer(changes...).Replace(text)
}

// redirected is a request as HTTP-Redirect has it.
func redirected(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return "SAMLRequest=" + url.QueryEscape(encoded(b.Bytes())) + "&RelayState=here"
}

func opened(t *testing.T, file string) *IdP {
	t.Helper()
	p, err := Open(Config{Origin: "http://127.0.0.1:8081", File: file, Now: time.Now, Log: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestARequestIsJudgedAsAnIdPDoes(t *testing.T) {
	t.Parallel()
	p := opened(t, "")
	ask := func(changes ...string) error {
		_, err := p.Answer(t.Context(), "acme", Asked{Query: redirected(t, requestOf(p, changes...))}, "carla@acme.example")
		return err
	}
	if err := ask(); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown service provider: %v", err)
	}
	if _, err := p.Register("acme", metadataOf(entityID, acs, nil)); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil {
		t.Errorf("a proper request: %v", err)
	}
	for name, changes := range map[string][]string{
		"another address for the answer": {acs, "https://attacker.example/acs"},
		"for another IdP":                {p.ssoURL("acme"), "https://idp.example/sso"},
		"an id that is no name":          {`"_1"`, `"1"`},
		"without id":                     {`"_1"`, `""`},
		"old":                            {instant(p.config.Now())[:4], "2019"},
		"of another version":             {`Version="2.0"`, `Version="1.1"`},
		"of another kind":                {"AuthnRequest", "LogoutRequest"},
		"no XML":                         {"<", "&"},
	} {
		if err := ask(changes...); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, query := range map[string]string{"nothing": "", "no base64": "SAMLRequest=%25", "not deflated": "SAMLRequest=AAAA", "twice": "SAMLRequest=a&SAMLRequest=b", "no query": "%"} {
		if _, err := p.Answer(t.Context(), "acme", Asked{Query: query}, "carla@acme.example"); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoSignsRequestsMustSignThem(t *testing.T) {
	t.Parallel()
	p := opened(t, "")
	key, err := newKey("sp", p.config.Now(), lifetime)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Register("acme", metadataOf(entityID, acs, &key)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Answer(t.Context(), "acme", Asked{Query: redirected(t, requestOf(p))}, "carla@acme.example"); !errors.Is(err, ErrInvalid) || errors.Is(err, errSignature) {
		t.Errorf("unsigned: %v", err)
	}
	document := etree.NewDocument()
	if err := document.ReadFromString(requestOf(p)); err != nil {
		t.Fatal(err)
	}
	if err := (plan{key: key, hash: hashes["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]}).sign(document.Root()); err != nil {
		t.Fatal(err)
	}
	signed, err := written(document.Root())
	if err != nil {
		t.Fatal(err)
	}
	post := func(text string) error {
		_, err := p.Answer(t.Context(), "acme", Asked{Form: url.Values{"SAMLRequest": {encoded([]byte(text))}}}, "carla@acme.example")
		return err
	}
	if err := post(string(signed)); err != nil {
		t.Errorf("signed: %v", err)
	}
	if err := post(strings.Replace(string(signed), `Version="2.0"`, `Version="2.0" ForceAuthn="true"`, 1)); !errors.Is(err, errSignature) {
		t.Errorf("changed after signing: %v", err)
	}
}

func TestTheBrowsersWay(t *testing.T) {
	t.Parallel()
	p := opened(t, "")
	site := httptest.NewServer(p.Handler())
	t.Cleanup(site.Close)
	if _, err := p.Register("acme", metadataOf(entityID, acs, nil)); err != nil {
		t.Fatal(err)
	}
	get := func(path string) string { return fetched(t, http.MethodGet, site.URL+path, nil, http.StatusOK) }
	choose := get("/acme/sso?" + redirected(t, requestOf(p)))
	waiting := regexp.MustCompile(`name="request" value="(\w+)"`).FindStringSubmatch(choose)
	if waiting == nil || !strings.Contains(choose, "Carla Osorio") {
		t.Fatalf("the page: %s", choose)
	}
	form := url.Values{"request": {waiting[1]}, "person": {"acme-carla"}}
	posting := fetched(t, http.MethodPost, site.URL+"/acme/answer", form, http.StatusOK)
	if !strings.Contains(posting, `action="`+acs+`"`) || !strings.Contains(posting, `name="RelayState" value="here"`) {
		t.Errorf("the form: %s", posting)
	}
	fetched(t, http.MethodPost, site.URL+"/acme/answer", form, http.StatusNotFound) // once
	if begun := fetched(t, http.MethodPost, site.URL+"/acme/answer", url.Values{"serviceProvider": {entityID}, "person": {"acme-carla"}}, http.StatusOK); !strings.Contains(begun, acs) {
		t.Errorf("begun here: %s", begun)
	}
	for path, want := range map[string]string{"/": "acme", "/acme": "Ada Admin", "/acme/metadata": "SingleSignOnService"} {
		if page := get(path); !strings.Contains(page, want) {
			t.Errorf("%s: %s", path, page)
		}
	}
	fetched(t, http.MethodGet, site.URL+"/nobody", nil, http.StatusNotFound)
	fetched(t, http.MethodGet, site.URL+"/acme/sso?SAMLRequest=x", nil, http.StatusBadRequest)
	passive := get("/acme/sso?" + redirected(t, requestOf(p, "ID=", `IsPassive="true" ID=`)))
	answer := regexp.MustCompile(`name="SAMLResponse" value="([^"]+)"`).FindStringSubmatch(passive)
	if answer == nil {
		t.Fatalf("a request that must not ask: %s", passive)
	}
	if text, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(answer[1], "&#43;", "+")); !strings.Contains(string(text), statusNoPassive) {
		t.Errorf("a request that must not ask: %s", text)
	}
}

func fetched(t *testing.T, method, address string, form url.Values, status int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s %s: %d %s %v", method, address, answer.StatusCode, text, err)
	}
	return string(text)
}

func TestDirectoriesAndKeysSurviveAndChangesAreJudged(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "idp.json")
	p := opened(t, file)
	if _, err := p.Put("other", Change{People: []Person{{Email: "ana@other.example"}}, Groups: []Group{{Name: "All", Members: []string{"ana@other.example"}}}}); err != nil {
		t.Fatal(err)
	}
	key, err := p.AddKey("other", 0)
	if err != nil || key.Private != nil || key.Signs {
		t.Fatalf("a further key: %+v %v", key, err)
	}
	for name, change := range map[string]Change{
		"settings": {Settings: &Settings{}}, "nobody": {People: []Person{{FirstName: "Nobody"}}}, "twice": {People: []Person{{Email: "a@x.example"}, {Email: "a@x.example"}}},
		"a stranger in a group": {Groups: []Group{{Name: "All", Members: []string{"stranger"}}}}, "a group without name": {Groups: []Group{{}}},
	} {
		if _, err := p.Put("other", change); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Put("No Name", Change{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a name that is none: %v", err)
	}
	before, err := p.Get("other")
	if err != nil {
		t.Fatal(err)
	}
	p = opened(t, file)
	after, err := p.Get("other")
	if err != nil || len(after.People) != 1 || after.People[0].ID != "ana@other.example" || len(after.Certificates) != 2 || after.Certificates[1] != before.Certificates[1] {
		t.Fatalf("after a restart %+v, before %+v: %v", after, before, err)
	}
	if err := p.RemoveKey("other", after.Certificates[0].Fingerprint); !errors.Is(err, ErrInvalid) {
		t.Errorf("the key that signs is removed: %v", err)
	}
	if err := errors.Join(p.Sign("other", key.Fingerprint), p.RemoveKey("other", after.Certificates[0].Fingerprint), p.Remove("acme")); err != nil {
		t.Error(err)
	}
	for _, err := range []error{p.Sign("other", "none"), p.RemoveKey("other", "none"), p.Remove("acme")} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	if err := p.Misbehave("other", Misbehaviour{Kind: "sulk"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a misbehaviour that is none: %v", err)
	}
}
