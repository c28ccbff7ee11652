package outgoing

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestSSO2_FollowsThreeRedirectsAndJudgesEach(t *testing.T) {
	t.Parallel()
	world := newInternet(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["Referer"])+len(r.Header["Cookie"]) > 0 {
			t.Errorf("%s gets %v", r.URL, r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "of", Value: "theirs"})
		var left int
		if _, err := fmt.Sscanf(r.URL.Path, "/times/%d", &left); err == nil && left > 0 {
			http.Redirect(w, r, fmt.Sprintf("/times/%d", left-1), http.StatusFound)
		} else if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		} else {
			hello(w, r)
		}
	})
	for _, followed := range []string{"/times/1", "/times/3", "/?to=https://other.example.com/", "/?to=//other.example.com:443/"} {
		if _, err := world.Fetch(t.Context(), "https://idp.example.com"+followed, "*/*"); err != nil {
			t.Errorf("%s: %v", followed, err)
		}
	}
	world.names["inside.example.com"] = [][]string{{"10.0.0.1"}}
	world.names["rebound.example.com"] = [][]string{{somewhere}, {"127.0.0.1"}}
	for to, reason := range map[string]Reason{
		"/times/4":                                     Redirected,
		"/?to=http://idp.example.com/":                 Redirected,
		"/?to=https://127.0.0.1/":                      NotPublic,
		"/?to=https://169.254.169.254/latest/meta":     NotPublic,
		"/?to=https://[::ffff:169.254.169.254]/":       Malformed,
		"/?to=https://2852039166/":                     Malformed,
		"/?to=https://[fd00:ec2::254]/":                NotPublic,
		"/?to=https://inside.example.com/":             NotPublic,
		"/?to=https://idp.example.com:22/":             Malformed,
		"/?to=https://user:password@other.example.com": Malformed,
		"/?to=file:///etc/passwd":                      Redirected,
		"/?to=https://localhost/":                      Malformed,
		"/?to=https://nowhere.example.com/":            NotFound,
	} {
		refusal := world.refused(t, "https://idp.example.com"+to, reason)
		if !strings.Contains(refusal.Sentence, "redirects") && !strings.Contains(to, "inside") && !strings.Contains(to, "nowhere") {
			t.Errorf("%s: the sentence does not tell of a redirect: %s", to, refusal.Sentence)
		}
	}
	world.refused(t, "https://rebound.example.com/?to=https://rebound.example.com/", NotPublic)
	for _, address := range world.dialed {
		if address != somewhere+":443" {
			t.Errorf("dialled %s", address)
		}
	}
}

func TestSSO2_TheHostThatIsAskedIsTheOneThatIsNamed(t *testing.T) {
	t.Parallel()
	var host string
	world := newInternet(t, func(w http.ResponseWriter, r *http.Request) { host = r.Host })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://IDP.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "inside.example.com"
	answer, err := world.HTTP().Do(request)
	if err != nil || answer.Body.Close() != nil || host != "idp.example.com" {
		t.Errorf("%v, asked for %s", err, host)
	}
}

func TestSSO2_WhatIsSentIsNotRedirected(t *testing.T) {
	t.Parallel()
	asked := 0
	world := newInternet(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "https://other.example.com/", http.StatusPermanentRedirect)
	})
	answer, err := world.HTTP().Post("https://idp.example.com/", "text/plain", strings.NewReader("a secret"))
	if refusal := As(err); refusal == nil || refusal.Reason != Redirected || asked != 1 {
		t.Errorf("%v after %d requests: %v", err, asked, answer)
	}
	if _, err := world.HTTP().Post("https://10.0.0.1/", "text/plain", strings.NewReader("a secret")); As(err) == nil {
		t.Errorf("sent inside: %v", err)
	}
}
