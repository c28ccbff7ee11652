// Package outgoing is the one client for whatever the product fetches or sends where a customer says (SSO-2).
//
//	client, err := outgoing.New(outgoing.Config{})
//	page, err := client.Fetch(ctx, "https://idp.example.com/metadata", "application/samlmetadata+xml")
//	if refusal := outgoing.As(err); refusal != nil {
//		... refusal.Sentence
//	}
//
// It goes to the public Internet only, by https, and judges the address at the moment of dialling, so that neither a name
// that changes its address nor one with several can lead it elsewhere. Redirects are judged anew. An answer is bounded in
// time and size. The package refuses to keep anything: no cookies, no connections, no proxies of the environment, and
// nothing of a request goes on to where it is redirected. A test at the root of the module finds whoever else dials.
package outgoing

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// The bounds of a request, redirects included.
const (
	limit        = 5 * time.Second // all of it: DNS, connections, the last byte of the body
	redirects    = 3
	largestBody  = 1 << 20  // decompressed
	largestHead  = 32 << 10 // status line and headers of one answer
	largestWire  = 2 << 20  // what a connection may bring at all, the handshake included
	mostAnswers  = 16       // addresses of a name
	agent        = "Tenantry"
	publicScheme = "https"
	publicPort   = 443
)

// Config is what an installation decides; empty is the strictest.
type Config struct {
	// Ports are allowed beside 443.
	Ports []uint16
	// Loopback are the hosts with their ports, such as localhost:8090, that may also be asked by http, at addresses of this
	// machine only. It is for the local stack: New refuses it unless PublicURL is http on this machine.
	Loopback []string
	// PublicURL is where the product lives. It is looked at only with Loopback.
	PublicURL string
}

// Client fetches and sends. It may be used by several goroutines and is made once.
type Client struct {
	ports    []uint16
	loopback []string
	http     *http.Client
}

// New makes the client. It errs for a Loopback that is none or that the installation may not have.
func New(config Config) (*Client, error) {
	if len(config.Loopback) > 0 && !onThisMachine(config.PublicURL) {
		return nil, fmt.Errorf("outgoing: hosts on loopback are for a local stack, and the public URL is %q", config.PublicURL)
	}
	for _, host := range config.Loopback {
		if name, port, err := net.SplitHostPort(host); err != nil || name == "" || port == "" {
			return nil, fmt.Errorf("outgoing: %q is no host with a port, such as localhost:8090", host)
		}
	}
	c := &Client{ports: append([]uint16{publicPort}, config.Ports...), loopback: slices.Clone(config.Loopback)}
	c.http = &http.Client{Transport: newGuard(c), CheckRedirect: c.redirect, Timeout: limit}
	return c, nil
}

// HTTP is the client for libraries that speak a protocol over one. The same bounds hold, its errors hold a *Refusal, and a
// body that is too large or too slow errs while it is read.
func (c *Client) HTTP() *http.Client { return c.http }

// onThisMachine tells whether the URL is http on a loopback address, as only a local stack's is.
func onThisMachine(publicURL string) bool {
	u, err := url.Parse(publicURL)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}
