package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

func TestOnlyWhatIsMountedForItTakesFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	h := open(t)
	here := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "here") })
	h.server.HandleFromOtherSites("POST /saml/{connection}/acs", here)
	h.server.Handle("POST /saml/{connection}/other", here)
	for path, status := range map[string]int{"/saml/con_1/acs": 200, "/saml/con_1/other": 403, "/saml/con_1/acs/": 403, "/saml/con_1/acs/../other": 403} {
		asked := httptest.NewRequest("POST", path, strings.NewReader("SAMLResponse=x"))
		asked.Header.Set("Sec-Fetch-Site", "cross-site")
		asked.Header.Set("Origin", "https://idp.example")
		got := httptest.NewRecorder()
		h.server.ServeHTTP(got, asked)
		if got.Code != status {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestACookieForOtherSitesIsSecureWhereverItIsSet(t *testing.T) {
	t.Parallel()
	for url, name := range map[string]string{"https://settings.example.com": "__Host-tenantry-saml-1", "http://localhost:8080": "tenantry-saml-1"} {
		h := open(t, func(c *httpapi.Config) { c.PublicURL = url })
		cookie := h.server.CrossSiteCookie("tenantry-saml-1", "tok", 10*time.Minute)
		if want := name + "=tok; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=None"; cookie.String() != want {
			t.Errorf("%s: %s", url, cookie.String())
		}
		if gone := h.server.CrossSiteCookie("tenantry-saml-1", "", 0); gone.MaxAge != -1 || gone.Name != name {
			t.Errorf("%s, taken away: %s", url, gone.String())
		}
	}
}

func TestTheLastOfTheCookiesOfAKindAreRead(t *testing.T) {
	t.Parallel()
	h := open(t)
	var got map[string]string
	h.server.Handle("GET /cookies", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = h.server.Cookies(httpapi.CallOf(r.Context()), "tenantry-saml-", 2)
	}))
	asked := httptest.NewRequest("GET", "/cookies", nil)
	asked.Header.Set("Cookie", "__Host-tenantry-saml-a=1; __Host-tenantry=ses; __Host-tenantry-saml-b=2; tenantry-saml-d=4; __Host-tenantry-saml-c=3")
	h.server.ServeHTTP(httptest.NewRecorder(), asked)
	if diff := cmp.Diff(map[string]string{"b": "2", "c": "3"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAPlainHandlersChangeIsMadeAnewWhereWhatItReadHasChanged(t *testing.T) {
	t.Parallel()
	h := open(t)
	runs := 0
	err := h.server.Commit(t.Context(), func(*table.Tx) error {
		if runs++; runs < 3 {
			return fmt.Errorf("read: %w", table.ErrChanged)
		}
		return nil
	})
	if err != nil || runs != 3 {
		t.Errorf("%d runs, %v", runs, err)
	}
	if err := h.server.Commit(t.Context(), func(*table.Tx) error { return table.ErrChanged }); err == nil || !strings.Contains(err.Error(), "Repeat the request") {
		t.Errorf("never done: %v", err)
	}
}
