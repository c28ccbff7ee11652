package main

import (
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
	"github.com/tenantry/tenantry/shared/start/starttest"
	"github.com/tenantry/tenantry/shared/start/web"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// house is the function on a table of its own, with a clock that the test moves.
type house struct {
	*door
	*starttest.House
	t *testing.T
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{House: starttest.New(t), t: t}
	s := h.House.Services
	h.door = &door{Services: s, server: web.NewServer(s), rates: &access.Rates{Table: s.Table, Clock: h.Time, PublicPerMinute: 1e6}}
	h.mount()
	return h
}

func (h *house) commit(fill func(*table.Tx)) {
	h.t.Helper()
	tx := table.NewTx()
	fill(tx)
	h.Commit(h.t, tx)
}

// office is an organization with its two roles and an IdP whose connection is active.
type office struct {
	house               *house
	root, org           string
	administrator, user *people.Role
	connection          *connection.Connection
	domain              string
	key                 samlsptest.KeyPair
	issuer              string
}

// client makes a client with a connection for its domain.
func (h *house) client(name string) *office {
	h.t.Helper()
	o := &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	h.commit(func(tx *table.Tx) { tenant.Create(tx, o, audit.System("test"), h.Time()) })
	return h.office(o.ID, o.ID, name, "idp")
}

// office furnishes an organization of the tree.
func (h *house) office(root, org, name, key string) *office {
	h.t.Helper()
	o := &office{house: h, root: root, org: org, domain: name, key: samlsptest.Key(key), issuer: "https://idp.example/" + org}
	trusted, err := samlsp.ParseCertificates([]byte(o.key.Base64()))
	if err != nil {
		h.t.Fatal(err)
	}
	c := connection.New(root, org, "Okta", connection.Okta, h.Config.PublicURL, audit.Made(audit.System("test"), clock.Format(h.Time())))
	c.Settings.EntityID, c.Settings.SignOn = o.issuer, map[string]string{samlsp.BindingRedirect: "https://idp.example/sso"}
	c.Settings.Certificates = []connection.Certificate{connection.NewCertificate(trusted[0], connection.ByHand, clock.Format(h.Time()))}
	c.Active, c.ActivatedAt, c.Domains, c.Leads, c.Used = true, clock.Format(h.Time()), []string{name}, []string{name}, map[string]string{}
	o.connection = c
	h.commit(func(tx *table.Tx) {
		o.administrator, o.user = people.NewRoles(tx, org, audit.System("test"), h.Time())
		tx.Put(c.Key(), c)
		tx.Put(table.DomainClaimKey(name), struct {
			domain.Claim
			Connection string `dynamodbav:"connection"`
		}{domain.Claim{Root: root, Organization: org, Domain: "dom_1"}, c.ID})
		tx.Put(table.DomainNameKey(root, name), tenant.Standing{Organization: org, Domain: "dom_1", Verified: true, Was: true, Connection: c.ID})
	})
	return o
}

// change writes the connection anew.
func (o *office) change(change func(*connection.Connection)) {
	o.house.t.Helper()
	change(o.connection)
	o.house.commit(func(tx *table.Tx) { tx.Put(o.connection.Key(), o.connection) })
}

// member makes an active user with the role.
func (o *office) member(role *people.Role, address string) *people.User {
	o.house.t.Helper()
	var u *people.User
	o.house.commit(func(tx *table.Tx) {
		u = people.Join(tx, o.root, role, people.Person{Name: "Pat Doe", Email: address}, nil, audit.System("test"), o.house.Time())
	})
	return u
}

// browser keeps cookies as browsers do, and follows nothing.
type browser struct {
	house   *house
	cookies map[string]string
}

func (h *house) browser() *browser { return &browser{h, map[string]string{}} }

// page is what a browser got.
type page struct {
	t *testing.T
	*httptest.ResponseRecorder
}

// get asks for a page of ours, by a link here.
func (b *browser) get(path string) page {
	return b.send(httptest.NewRequest(http.MethodGet, path, nil), nil)
}

// post sends a form from the page of another site: a browser sends no cookie then but those that are meant for it.
func (b *browser) post(path string, form url.Values) page {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://idp.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return b.send(r, func(name string) bool {
		return strings.HasPrefix(name, "__Host-"+requestCookie) && !strings.HasSuffix(name, "-test")
	})
}

func (b *browser) send(r *http.Request, goes func(name string) bool) page {
	b.house.t.Helper()
	for name, value := range b.cookies {
		if goes == nil || goes(name) {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	got := page{b.house.t, httptest.NewRecorder()}
	b.house.server.ServeHTTP(got.ResponseRecorder, r.WithContext(b.house.t.Context()))
	for _, cookie := range got.Result().Cookies() {
		if b.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return got
}

// clone is a browser with the same cookies.
func (b *browser) clone() *browser { return &browser{b.house, maps.Clone(b.cookies)} }

// session is the cookie of the session, empty where there is none.
func (b *browser) session() string { return b.cookies["__Host-tenantry"] }

func (p page) expect(status int) page {
	p.t.Helper()
	if p.Code != status {
		p.t.Fatalf("status %d, not %d: %s", p.Code, status, p.Body)
	}
	return p
}

var codeOnPage = regexp.MustCompile(`<code id="code">([^<]*)</code>`)

// code is that of the sentence on a page.
func (p page) code() string {
	if found := codeOnPage.FindStringSubmatch(p.Body.String()); found != nil {
		return html.UnescapeString(found[1])
	}
	return ""
}

// login begins a sign-in and gives the request as the IdP sees it.
func (o *office) login(b *browser, query string) string {
	o.house.t.Helper()
	path := "/saml/" + o.connection.ID + "/login" + query
	to, err := url.Parse(b.get(path).expect(http.StatusSeeOther).Header().Get("Location"))
	if err != nil || to.Host != "idp.example" {
		o.house.t.Fatalf("sent to %s, %v", to, err)
	}
	return requestIn(o.house.t, to.Query().Get("SAMLRequest"))
}

var serial atomic.Int64

// answer is what the IdP answers to a request, signing in the address; bend changes it before it is signed.
func (o *office) answer(request, address string, bend ...func(*samlsptest.Response)) url.Values {
	now, n := o.house.Time(), serial.Add(1)
	at, end := samlsptest.At(now), samlsptest.At(now.Add(5*time.Minute))
	r := samlsptest.Response{ID: fmt.Sprint("_r", n), Issuer: o.issuer, Destination: o.connection.SP.ACS, InResponseTo: request, IssueInstant: at, Version: "2.0",
		Assertion: &samlsptest.Assertion{ID: fmt.Sprint("_a", n), Issuer: o.issuer, IssueInstant: at, Version: "2.0",
			NameID: "id of " + address, Format: samlsp.FormatPersistent,
			Confirmations: []samlsptest.Confirmation{{Method: samlsptest.Bearer, InResponseTo: request, NotOnOrAfter: end, Recipient: o.connection.SP.ACS}},
			NotBefore:     at, NotOnOrAfter: end, Audiences: []string{o.connection.SP.EntityID}, AuthnInstant: at,
			Attributes: []samlsptest.Attribute{{Name: "email", Values: []string{address}}},
			Sign:       &samlsptest.Signature{Key: o.key}}}
	for _, change := range bend {
		change(&r)
	}
	return url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString([]byte(r.XML()))}}
}

// arrive brings an answer to the ACS.
func (o *office) arrive(b *browser, answer url.Values) page {
	o.house.t.Helper()
	return b.post("/saml/"+o.connection.ID+"/acs", answer)
}

// signIn goes the whole way.
func (o *office) signIn(b *browser, address string, bend ...func(*samlsptest.Response)) page {
	o.house.t.Helper()
	return o.arrive(b, o.answer(o.login(b, ""), address, bend...))
}

// refusals are the codes in the connection's log, the oldest first.
func (o *office) refusals() (codes []string) {
	o.house.t.Helper()
	page, err := table.List[connection.Event](o.house.t.Context(), o.house.Table, table.Question{PK: table.ConnectionLogPartition(o.connection.ID)})
	if err != nil {
		o.house.t.Fatal(err)
	}
	for _, event := range page.Items {
		if event.Outcome == connection.Refused {
			codes = append(codes, event.Code)
		}
	}
	return codes
}

// who is whose session the browser has.
func (b *browser) who() *access.Caller {
	b.house.t.Helper()
	gate := &access.Gate{Table: b.house.Table, Lifetimes: b.house.Config.Lifetimes(), Clock: b.house.Time}
	caller, err := gate.Identify(b.house.t.Context(), access.Request{Token: b.session()})
	if err != nil {
		b.house.t.Fatalf("the session %q: %v", b.session(), err)
	}
	return caller
}

// sessions is how many a user has.
func (h *house) sessions(u *people.User) int {
	h.t.Helper()
	page, err := table.List[people.Session](h.t.Context(), h.Table, table.Question{PK: table.UserPartition(u.ID), Prefix: "SESSION#", Limit: 200})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(page.Items)
}

// nameIDOf is the name id that answer sends of an address.
func nameIDOf(address string) samlsp.NameID {
	return samlsp.NameID{Value: "id of " + address, Format: samlsp.FormatPersistent}
}
