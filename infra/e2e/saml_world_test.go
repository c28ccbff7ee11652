package e2e

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// sso is an active connection of an organization, with the IdP that it leads to: one that says whatever a test wants.
type sso struct {
	tree   *Tree
	org    string
	id     string
	sp     connection.SP
	domain aDomain
	key    samlsptest.KeyPair
	issuer string
}

// sso makes a connection of the organization that is active for a domain of its own.
func (tree *Tree) sso(t testing.TB, org string, change ...func(*connection.Connection)) *sso {
	t.Helper()
	s := &sso{tree: tree, org: org, domain: tree.verified(t, org, someDomain()), key: samlsptest.Key("idp"), issuer: "https://idp.example/" + unique()}
	trusted, err := samlsp.ParseCertificates([]byte(s.key.Base64()))
	if err != nil {
		t.Fatal(err)
	}
	now := clock.Format(time.Now())
	c := connection.New(tree.Org, org, "Okta", connection.Okta, stack.URL, audit.Made(audit.System("test"), now))
	c.Settings.EntityID, c.Settings.SignOn = s.issuer, map[string]string{samlsp.BindingRedirect: "https://idp.example/sso"}
	c.Settings.Certificates = []connection.Certificate{connection.NewCertificate(trusted[0], connection.ByHand, now)}
	c.Active, c.ActivatedAt, c.Domains, c.Leads = true, now, []string{s.domain.Name}, []string{s.domain.Name}
	c.SSORequired = false
	for _, do := range change {
		do(c)
	}
	s.id, s.sp = c.ID, c.SP
	s.store(t, c)
	return s
}

// store writes the connection, and that its domain leads to it.
func (s *sso) store(t testing.TB, c *connection.Connection) {
	t.Helper()
	o := rawTable(t)
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]any(asRow(t, item))
	maps.Copy(stored, map[string]any{"pk": "CONNECTION#" + c.ID, "sk": "CONNECTION", "gsi1pk": "CONNECTIONS#" + c.Root, "gsi1sk": c.Organization + "#" + c.ID})
	claim, standing := o.item(t, "DOMAIN#"+s.domain.Name, "CLAIM"), o.item(t, "TREE#"+c.Root, "DOMAIN#"+s.domain.Name)
	claim["connection"], claim["ssoRequired"], standing["connection"] = c.ID, c.SSORequired, c.ID
	o.write(t, []map[string]any{stored, claim, standing})
}

// change changes the connection as it is stored.
func (s *sso) change(t testing.TB, change func(*connection.Connection)) {
	t.Helper()
	o, c := rawTable(t), connection.Connection{}
	out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &o.name, ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "CONNECTION#" + s.id}, "sk": &types.AttributeValueMemberS{Value: "CONNECTION"}}})
	if err != nil || attributevalue.UnmarshalMap(out.Item, &c) != nil {
		t.Fatalf("the connection %s: %v", s.id, err)
	}
	change(&c)
	s.store(t, &c)
}

// address is one of the connection's domain that nobody has.
func (s *sso) address() string { return "p-" + unique() + "@" + s.domain.Name }

// invite invites somebody of the domain into the user's role of the organization.
func (s *sso) invite(t testing.TB, role string) (address string) {
	t.Helper()
	address = s.address()
	s.tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+s.org+"/users", map[string]string{"email": address, "name": "Pat " + unique(), "roleId": role}).Expect(t, 201)
	return address
}

// browser keeps cookies as browsers do, and follows nothing.
type browser struct{ cookies map[string]string }

func newBrowser() *browser { return &browser{map[string]string{}} }

func (b *browser) clone() *browser { return &browser{maps.Clone(b.cookies)} }

// get asks for a page by a link of the product.
func (b *browser) get(t testing.TB, path string, headers ...string) Answer {
	t.Helper()
	return b.send(t, "GET", path, nil, nil, headers...)
}

// post brings a form of another site's page: a browser sends no cookie then but those that are meant for it.
func (b *browser) post(t testing.TB, path string, form url.Values, headers ...string) Answer {
	t.Helper()
	return b.send(t, "POST", path, form.Encode(), func(name string) bool {
		return strings.HasPrefix(name, "tenantry-saml-") && name != "tenantry-saml-test"
	},
		append(headers, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://idp.example", "Sec-Fetch-Site", "cross-site")...)
}

func (b *browser) send(t testing.TB, method, path string, body any, goes func(string) bool, headers ...string) Answer {
	t.Helper()
	var sent []string
	for name, value := range b.cookies {
		if goes == nil || goes(name) {
			sent = append(sent, name+"="+value)
		}
	}
	answer := stack.Do(t, method, path, body, append(headers, "Cookie", strings.Join(sent, "; "))...)
	for _, cookie := range (&http.Response{Header: answer.Header}).Cookies() {
		if b.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return answer
}

// who is whose session the browser has.
func (b *browser) who(t testing.TB) (me struct{ ID, Email, OrganizationID, MainOrganizationID string }) {
	t.Helper()
	b.get(t, "/v1/session").Expect(t, 200).JSON(t, &me)
	return me
}

// person is whoever is signed in in the browser.
func (b *browser) person(t testing.TB) Person {
	me := b.who(t)
	return Person{ID: me.ID, Email: me.Email, Root: me.MainOrganizationID, Org: me.OrganizationID, Cookie: "tenantry=" + b.cookies["tenantry"]}
}

// signedOut fails where the browser has a session.
func (b *browser) signedOut(t testing.TB) {
	t.Helper()
	if b.cookies["tenantry"] != "" {
		t.Errorf("the browser has a session")
	}
}

var (
	requestInText = regexp.MustCompile(` ID="([^"]+)"`)
	codeOfPage    = regexp.MustCompile(`<code id="code">([^<]*)</code>`)
)

// login begins a sign-in and gives the request as the IdP sees it.
func (s *sso) login(t testing.TB, b *browser, query string) string {
	t.Helper()
	return requestOf(t, b.get(t, "/saml/"+s.id+"/login"+query).Expect(t, 303))
}

// requestOf is the id of the request that a browser is sent to the IdP with.
func requestOf(t testing.TB, sent Answer) string {
	t.Helper()
	to, err := url.Parse(sent.Header.Get("Location"))
	if err != nil || to.Host != "idp.example" {
		t.Fatalf("sent to %s, %v", to, err)
	}
	raw, err := base64.StdEncoding.DecodeString(to.Query().Get("SAMLRequest"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return requestInText.FindStringSubmatch(string(text))[1]
}

// answer is what the IdP answers to a request, signing in the address; bend changes it before it is signed.
func (s *sso) answer(request, address string, bend ...func(*samlsptest.Response)) url.Values {
	now := time.Now()
	at, end := samlsptest.At(now), samlsptest.At(now.Add(5*time.Minute))
	r := samlsptest.Response{ID: "_r" + unique(), Issuer: s.issuer, Destination: s.sp.ACS, InResponseTo: request, IssueInstant: at, Version: "2.0",
		Assertion: &samlsptest.Assertion{ID: "_a" + unique(), Issuer: s.issuer, IssueInstant: at, Version: "2.0",
			NameID: "id of " + address, Format: samlsp.FormatPersistent,
			Confirmations: []samlsptest.Confirmation{{Method: samlsptest.Bearer, InResponseTo: request, NotOnOrAfter: end, Recipient: s.sp.ACS}},
			NotBefore:     at, NotOnOrAfter: end, Audiences: []string{s.sp.EntityID}, AuthnInstant: at,
			Attributes: []samlsptest.Attribute{{Name: "email", Values: []string{address}}},
			Sign:       &samlsptest.Signature{Key: s.key}}}
	for _, change := range bend {
		change(&r)
	}
	return url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString([]byte(r.XML()))}}
}

// arrive brings an answer to the ACS.
func (s *sso) arrive(t testing.TB, b *browser, answer url.Values, headers ...string) Answer {
	t.Helper()
	return b.post(t, "/saml/"+s.id+"/acs", answer, headers...)
}

// signIn goes the whole way.
func (s *sso) signIn(t testing.TB, b *browser, address string, bend ...func(*samlsptest.Response)) Answer {
	t.Helper()
	return s.arrive(t, b, s.answer(s.login(t, b, ""), address, bend...))
}

// code is that of the sentence on a page.
func (a Answer) code() string {
	if found := codeOfPage.FindSubmatch(a.Body); found != nil {
		return html.UnescapeString(string(found[1]))
	}
	return ""
}

// refuses expects that nobody is signed in, and that the SAML log says why; an empty code that it says nothing.
func (s *sso) refuses(t testing.TB, got Answer, sentence, code string) {
	t.Helper()
	if got.Status != 403 || got.code() != sentence {
		t.Errorf("%d %s, not %s: %s", got.Status, got.code(), sentence, got.Body)
	}
	said := ""
	for _, line := range rawTable(t).partition(t, "LOG#"+s.id+"#SAML") {
		if line.text("request") == got.Header.Get("X-Request-Id") {
			said = line.text("code")
		}
	}
	if said != code {
		t.Errorf("the log says %q, not %q", said, code)
	}
}

// sessionsOf is how many sessions somebody has.
func sessionsOf(t testing.TB, user string) (n int) {
	t.Helper()
	for sk := range rawTable(t).partition(t, "USER#"+user) {
		if strings.HasPrefix(sk, "SESSION#") {
			n++
		}
	}
	return n
}

// federations are the placeholders of sample events about signing in by SAML: the cookie is that of a request, which the answer in
// the same event answers.
func federations(t testing.TB, tree *Tree) map[string]func(testing.TB) string {
	s, request := tree.sso(t, tree.Org), ""
	address := s.invite(t, tree.Roles[tree.Org].User)
	return map[string]func(testing.TB) string{
		"connection": func(testing.TB) string { return s.id },
		"samlCookie": func(t testing.TB) string {
			b := newBrowser()
			request = s.login(t, b, "")
			for name, value := range b.cookies {
				return name + "=" + value
			}
			return ""
		},
		"samlAnswer": func(testing.TB) string { return s.answer(request, address).Encode() },
	}
}
