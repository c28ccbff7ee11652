package outgoing

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSSO2_LoopbackIsForTheLocalStackOnly(t *testing.T) {
	t.Parallel()
	for _, publicURL := range []string{"", "https://settings.example.com", "https://localhost", "http://settings.example.com", "http://10.0.0.1"} {
		if _, err := New(Config{Loopback: []string{"localhost:8090"}, PublicURL: publicURL}); err == nil {
			t.Errorf("%q may ask loopback", publicURL)
		}
	}
	for _, host := range []string{"localhost", ":8090", "localhost:", ""} {
		if _, err := New(Config{Loopback: []string{host}, PublicURL: "http://localhost:8080"}); err == nil {
			t.Errorf("%q is a host on loopback", host)
		}
	}
	for _, publicURL := range []string{"http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"} {
		if _, err := New(Config{Loopback: []string{"localhost:8090"}, PublicURL: publicURL}); err != nil {
			t.Error(err)
		}
	}
}

// TestSSO2_TheLocalStackAsksTheHostsItNames goes through the machine's own resolver and its real loopback.
func TestSSO2_TheLocalStackAsksTheHostsItNames(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		hello(w, r)
	}))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	client, err := New(Config{PublicURL: "http://localhost:8080", Loopback: []string{"127.0.0.1:" + port, "localhost:" + port, "idp.example.com:" + port}})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		if page, err := client.Fetch(t.Context(), "http://"+host+":"+port+"/", "*/*"); err != nil || string(page.Body) != "hello" {
			t.Errorf("%s: %v", host, err)
		}
	}
	world := &internet{names: map[string][][]string{"idp.example.com": {{somewhere}}}, places: map[string]string{}}
	guard := client.http.Transport.(*guard)
	guard.dialer.resolver = world
	for address, reason := range map[string]Reason{
		"http://127.0.0.2:" + port + "/":                   Malformed,
		"http://127.0.0.1:1/":                              Malformed,
		"http://127.0.0.1/":                                Malformed,
		"https://127.0.0.2/":                               NotPublic,
		"ftp://127.0.0.1:" + port + "/":                    Malformed,
		"http://user@127.0.0.1:" + port + "/":              Malformed,
		"http://127.0.0.1:" + port + "/?to=http://[::1]/":  Malformed,
		"http://127.0.0.1:" + port + "/?to=https://[::1]/": NotPublic,
		"http://idp.example.com:" + port + "/":             NotPublic, // a name that is not this machine's
	} {
		if _, err := client.Fetch(t.Context(), address, "*/*"); As(err) == nil || As(err).Reason != reason {
			t.Errorf("%s: %v, want %s", address, err, reason)
		}
	}
}
