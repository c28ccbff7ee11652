package idp

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// Asked is an AuthnRequest as it came: the raw query of HTTP-Redirect, or the fields of HTTP-POST.
type Asked struct {
	Query string     // without the question mark; empty for a form
	Form  url.Values // nil for a query
}

// request is an AuthnRequest that was read (core 3.4.1).
type request struct {
	id, issuer, destination, acs, version string
	issued                                time.Time
	force, passive                        bool
	element                               *etree.Element
	relayState                            string
	binding                               string
}

// pending is a request whose person is to be chosen. Without a request it is a sign-in that begins here.
type pending struct {
	directory string
	provider  ServiceProvider
	acs       string
	request   request
	signed    bool
	at        time.Time
}

// The bounds of what is read and kept.
const (
	largestRequest = 128 << 10
	requestSkew    = 5 * time.Minute
	chosenWithin   = 10 * time.Minute
	mostWaiting    = 1000
)

// receive reads a request, finds out who asks, and judges it as an IdP does.
func (p *IdP) receive(ctx context.Context, name string, asked Asked) (pending, error) {
	r, err := read(asked)
	if err != nil {
		return pending{}, err
	}
	now := p.config.Now()
	sp, err := p.serviceProvider(ctx, name, r.issuer, now.Add(-learnedFor))
	if err != nil {
		return pending{}, err
	}
	to, err := r.judge(sp, p.ssoURL(name), now)
	if err != nil {
		return pending{}, err
	}
	signed, err := r.verify(asked, sp)
	if errors.Is(err, errSignature) { // its keys may be others now
		if sp, err = p.serviceProvider(ctx, name, r.issuer, now); err == nil {
			signed, err = r.verify(asked, sp)
		}
	}
	if err != nil {
		return pending{}, err
	}
	view, err := p.Get(name)
	if err == nil && !signed && (sp.Signs || view.Settings.SignedOnly) {
		err = fmt.Errorf("the request is not signed, and it must be: %w", ErrInvalid)
	}
	return pending{directory: name, provider: sp, acs: to, request: r, signed: signed, at: now}, err
}

// read reads a request in either binding.
func read(asked Asked) (request, error) {
	fields, binding := asked.Form, bindingPost
	if fields == nil {
		parsed, err := url.ParseQuery(asked.Query)
		if err != nil {
			return request{}, fmt.Errorf("the query cannot be read: %w", ErrInvalid)
		}
		fields, binding = parsed, bindingRedirect
	}
	if len(fields["SAMLRequest"]) != 1 {
		return request{}, fmt.Errorf("there must be one SAMLRequest: %w", ErrInvalid)
	}
	text, err := base64.StdEncoding.DecodeString(fields.Get("SAMLRequest"))
	if err != nil {
		return request{}, fmt.Errorf("the SAMLRequest is no base64: %w", ErrInvalid)
	}
	if binding == bindingRedirect {
		if text, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(text)), largestRequest+1)); err != nil {
			return request{}, fmt.Errorf("the SAMLRequest is not deflated: %w", ErrInvalid)
		}
	}
	if len(text) > largestRequest {
		return request{}, fmt.Errorf("the SAMLRequest is too large: %w", ErrInvalid)
	}
	r, err := parse(text)
	r.relayState, r.binding = fields.Get("RelayState"), binding
	return r, err
}

// parse reads the document.
func parse(text []byte) (request, error) {
	document := etree.NewDocument()
	if err := document.ReadFromBytes(text); err != nil {
		return request{}, fmt.Errorf("the SAMLRequest is no XML: %w", ErrInvalid)
	}
	e := document.Root()
	if e == nil || e.Tag != "AuthnRequest" || e.NamespaceURI() != nsProtocol {
		return request{}, fmt.Errorf("the SAMLRequest is no AuthnRequest: %w", ErrInvalid)
	}
	r := request{id: e.SelectAttrValue("ID", ""), destination: e.SelectAttrValue("Destination", ""), acs: e.SelectAttrValue("AssertionConsumerServiceURL", ""),
		version: e.SelectAttrValue("Version", ""), force: truth(e, "ForceAuthn"), passive: truth(e, "IsPassive"), element: e}
	if issuer := child(e, nsAssertion, "Issuer"); issuer != nil {
		r.issuer = issuer.Text()
	}
	r.issued, _ = time.Parse(time.RFC3339Nano, e.SelectAttrValue("IssueInstant", "")) // the zero time is refused
	return r, nil
}

func truth(e *etree.Element, name string) bool {
	return slices.Contains([]string{"true", "1"}, e.SelectAttrValue(name, ""))
}

// judge holds the request against who asks, and gives where the answer goes: an address of the service provider's metadata only.
func (r request) judge(sp ServiceProvider, here string, now time.Time) (acs string, err error) {
	switch {
	case r.id == "" || strings.ContainsAny(r.id[:1], "0123456789-."):
		return "", fmt.Errorf("the request's ID %q is no name in XML: %w", r.id, ErrInvalid)
	case r.version != "2.0":
		return "", fmt.Errorf("the request's version is %q: %w", r.version, ErrInvalid)
	case r.destination != "" && r.destination != here:
		return "", fmt.Errorf("the request is for %q: %w", r.destination, ErrInvalid)
	case r.issued.Before(now.Add(-requestSkew)) || r.issued.After(now.Add(requestSkew)):
		return "", fmt.Errorf("the request is of %s: %w", instant(r.issued), ErrInvalid)
	case r.acs == "":
		return sp.ACS[0], nil
	case !slices.Contains(sp.ACS, r.acs):
		return "", fmt.Errorf("the request wants the answer at %q, which is not in the metadata of %s: %w", r.acs, sp.EntityID, ErrInvalid)
	}
	return r.acs, nil
}
