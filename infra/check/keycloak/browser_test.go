package keycloak

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser goes where pages lead: it keeps cookies, follows redirects, and posts forms.
type browser struct {
	client *http.Client
	jar    http.CookieJar
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar}, jar}
}

// shown is what a browser shows: a page, and where it is.
type shown struct {
	status int
	at     *url.URL
	text   string
	header http.Header
}

// open goes to an address.
func (b *browser) open(t testing.TB, address string) shown {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return b.visit(t, request)
}

func (b *browser) visit(t testing.TB, request *http.Request) shown {
	t.Helper()
	request.Header.Set("Accept", "text/html")
	answer, err := b.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return shown{answer.StatusCode, answer.Request.URL, string(text), answer.Header}
}

// submit fills fields of the page's form and posts it.
func (b *browser) submit(t testing.TB, page shown, fields map[string]string) shown {
	t.Helper()
	action, all := page.form(t)
	for name, value := range fields {
		all.Set(name, value)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, action, strings.NewReader(all.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", page.at.Scheme+"://"+page.at.Host)
	return b.visit(t, request)
}

// json reads the page as JSON.
func (s shown) json(t testing.TB, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.text), into); err != nil {
		t.Fatalf("%s shows no JSON: %d %.2000s", s.at, s.status, s.text)
	}
}

// form is the first form of a page: where it goes, and the fields that it has.
func (s shown) form(t testing.TB) (action string, fields url.Values) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(s.text))
	if err != nil {
		t.Fatal(err)
	}
	fields = url.Values{}
	for node := range root.Descendants() {
		attributes := map[string]string{}
		for _, a := range node.Attr {
			attributes[a.Key] = a.Val
		}
		switch {
		case node.Type != html.ElementNode:
		case node.Data == "form" && action == "":
			action = attributes["action"]
		case node.Data == "input" && attributes["name"] != "":
			fields.Set(attributes["name"], attributes["value"])
		}
	}
	to, err := s.at.Parse(action)
	if err != nil || action == "" {
		t.Fatalf("%s shows no form: %d %.2000s", s.at, s.status, s.text)
	}
	return to.String(), fields
}
