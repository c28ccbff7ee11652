package outgoing

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// internet is a client in a world of its own: names lead to addresses that look public, and connections to these end at
// servers of the test. Everything else is real, the judgement before the connection included.
type internet struct {
	*Client
	mu     sync.Mutex
	names  map[string][][]string // the answers of the DNS, in turn; the last one stays
	places map[string]string     // address and port, as the client dials them, to a listener's
	dialed []string              // in order
}

const somewhere = "93.184.215.14" // a public address

// newInternet makes a world in which example.com and all below it lead to the server, whose certificate is for them.
func newInternet(t *testing.T, handler http.HandlerFunc) *internet {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that break off are what is tested
	server.StartTLS()
	t.Cleanup(server.Close)
	client, err := New(Config{Ports: []uint16{8443}})
	if err != nil {
		t.Fatal(err)
	}
	world := &internet{Client: client, names: map[string][][]string{}, places: map[string]string{
		somewhere + ":443": server.Listener.Addr().String(),
	}}
	for _, name := range []string{"example.com", "idp.example.com", "other.example.com"} {
		world.names[name] = [][]string{{somewhere}}
	}
	guard := client.http.Transport.(*guard)
	client.http.Timeout, guard.transport.TLSHandshakeTimeout = time.Minute, time.Minute // a slow machine refuses nothing
	guard.transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	guard.dialer.resolver, guard.dialer.connect = world, world.connect
	return world
}

// LookupNetIP answers as the DNS of this world.
func (w *internet) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := strings.TrimSuffix(host, ".")
	answers := w.names[name]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if len(answers) > 1 {
		w.names[name] = answers[1:]
	}
	var addresses []netip.Addr
	for _, one := range answers[0] {
		addresses = append(addresses, netip.MustParseAddr(one))
	}
	return addresses, nil
}

// connect is what the kernel does: the control has the last word, then the connection is made.
func (w *internet) connect(ctx context.Context, control control, address string) (net.Conn, error) {
	if err := control("tcp", address, nil); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialed = append(w.dialed, address)
	place, found := w.places[address]
	if !found {
		return nil, fmt.Errorf("dial %s: %w", address, syscall.ECONNREFUSED)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", place)
}

// refused fetches the address and wants the refusal.
func (w *internet) refused(t *testing.T, address string, reason Reason) *Refusal {
	t.Helper()
	page, err := w.Fetch(t.Context(), address, "*/*")
	if err == nil {
		t.Fatalf("%s was fetched: %d bytes", address, len(page.Body))
	}
	refusal := As(err)
	if refusal == nil || refusal.Reason != reason {
		t.Fatalf("%s: %v, want %s", address, err, reason)
	}
	if !sentence.MatchString(refusal.Sentence) {
		t.Errorf("no sentence: %q", refusal.Sentence)
	}
	return refusal
}
