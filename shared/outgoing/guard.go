package outgoing

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
)

// guard is what every request passes, those of redirects included: it sends to where it may be sent, and bounds what comes
// back.
type guard struct {
	client    *Client
	dialer    *dialer
	transport *http.Transport
}

func newGuard(client *Client) *guard {
	dialer, protocols := newDialer(client.loopback), new(http.Protocols)
	protocols.SetHTTP1(true)
	return &guard{client: client, dialer: dialer, transport: &http.Transport{
		DialContext:            dialer.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    limit,
		MaxResponseHeaderBytes: largestHead,
		DisableKeepAlives:      true, // no connection, and no goroutine that holds it, outlives its request
		Protocols:              protocols,
	}}
}

// RoundTrip is http.RoundTripper's.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	target, err := g.client.check(r.URL)
	if err != nil {
		if r.Body != nil {
			err = errors.Join(err, r.Body.Close())
		}
		return nil, err
	}
	sent := r.Clone(r.Context())
	sent.URL, sent.Host = target, ""
	sent.Header.Set("User-Agent", agent)
	sent.Header.Del("Referer") // net/http tells it after a redirect
	answer, err := g.transport.RoundTrip(sent)
	if err != nil {
		return nil, explain(target.Hostname(), err)
	}
	answer.Body = &body{ReadCloser: answer.Body, host: target.Hostname(), left: largestBody, over: r.Context().Err}
	return answer, nil
}

// redirect decides whether a redirect is followed. What is sent goes where it was sent and nowhere else.
func (c *Client) redirect(to *http.Request, via []*http.Request) error {
	first, from := via[0], via[len(via)-1].URL
	host := from.Hostname()
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return refuse(Redirected, nil, "%s redirects what is sent to it. Enter the address that it redirects to.", host)
	case len(via) > redirects:
		return refuse(Redirected, nil, "%s redirects more than %d times. Enter the address that it ends at.", first.URL.Hostname(), redirects)
	case from.Scheme == publicScheme && to.URL.Scheme != publicScheme:
		return refuse(Redirected, nil, "%s redirects to an address that does not begin with https://.", host)
	}
	if _, err := c.check(to.URL); err != nil {
		return refuse(As(err).Reason, err, "%s redirects to an address that is not asked. %s", host, As(err).Sentence)
	}
	return nil
}

// body bounds what is read of an answer, after decompression.
type body struct {
	io.ReadCloser
	host string
	left int
	over func() error // why the request ended before its answer
}

// Read reads up to the bound, and one byte more to tell an answer that ends there from a larger one.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		b.left = -1
		return 0, refuse(TooLarge, nil, "The answer of %s is larger than 1 MB.", b.host)
	}
	if over := b.over(); err == io.EOF && over != nil {
		err = over // the server ends properly what we broke off: that is not all of it
	}
	if err != nil && err != io.EOF {
		return n, explain(b.host, err)
	}
	return n, err
}
