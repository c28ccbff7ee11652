package idp

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Form is what a browser is to post: Action is where, Fields are SAMLResponse and RelayState.
type Form struct {
	Action string            `json:"action"`
	Fields map[string]string `json:"fields"`
}

// Seen is a request that a directory received, for tests and people who look what happens.
type Seen struct {
	At              time.Time `json:"at"`
	ServiceProvider string    `json:"serviceProvider"`
	RequestID       string    `json:"requestId,omitempty"` // empty: the sign-in began here
	Binding         string    `json:"binding,omitempty"`
	Signed          bool      `json:"signed"`
	ForceAuthn      bool      `json:"forceAuthn"`
	Person          string    `json:"person,omitempty"` // who was chosen, by id
	Misbehaviour    []string  `json:"misbehaviours,omitempty"`
}

// mostSeen is how many requests a directory remembers.
const mostSeen = 50

// plan is an answer before it is written. Misbehaviours change it.
type plan struct {
	id, assertionID            string
	issuer, responseIssuer     string
	destination, recipient     string
	audience, inResponseTo     string
	issued, from, until        time.Time
	signedIn                   time.Time
	nameID, format             string
	attributes                 []attribute
	status, subStatus          string // empty is success
	key                        Key
	hash                       crypto.Hash
	signAssertion, signMessage bool
	encryptTo                  []byte              // DER; nil leaves the assertion readable
	after                      func([]byte) []byte // changes what was written
	again                      bool                // the last answer once more in place of this one
}

// Times of an answer, as Entra ID has them: valid from five minutes before to an hour after.
const (
	validBefore = 5 * time.Minute
	validAfter  = time.Hour
)

// Statuses of answers (core 3.2.2.2).
const (
	statusSuccess   = "urn:oasis:names:tc:SAML:2.0:status:Success"
	statusResponder = "urn:oasis:names:tc:SAML:2.0:status:Responder"
	statusNoPassive = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
	statusDenied    = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
)

// Answer receives a request and answers it at once for somebody, by id, user name or address: the way of scripts. The error is
// ErrInvalid or ErrNotFound where the request or the person is at fault.
func (p *IdP) Answer(ctx context.Context, name string, asked Asked, person string) (Form, error) {
	waiting, err := p.receive(ctx, name, asked)
	if err != nil {
		return Form{}, err
	}
	return p.answer(waiting, person)
}

// Begin signs somebody in without having been asked: the sign-in begins at the IdP.
func (p *IdP) Begin(ctx context.Context, name, entityID, person, relayState string) (Form, error) {
	now := p.config.Now()
	sp, err := p.serviceProvider(ctx, name, entityID, now.Add(-learnedFor))
	if err != nil {
		return Form{}, err
	}
	return p.answer(pending{directory: name, provider: sp, acs: sp.ACS[0], request: request{relayState: relayState}, at: now}, person)
}

// answer makes the answer to a request for somebody. Nobody at all is refused to a request that must not ask.
func (p *IdP) answer(to pending, named string) (Form, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d, err := p.directory(to.directory)
	if err != nil {
		return Form{}, err
	}
	draft, err := p.draft(d, to, named)
	if err != nil {
		return Form{}, err
	}
	kinds, err := p.misbehave(d, &draft)
	if err != nil {
		return Form{}, err
	}
	d.see(Seen{At: to.at, ServiceProvider: to.provider.EntityID, RequestID: to.request.id, Binding: to.request.binding, Signed: to.signed,
		ForceAuthn: to.request.force, Person: named, Misbehaviour: kinds})
	p.config.Log(fmt.Sprintf("idp: %s answers %s %v", d.Name, to.provider.EntityID, kinds)) // without the person: logs have no addresses
	if last, answered := d.last[to.provider.EntityID]; draft.again && answered {
		return last, nil
	}
	message, err := draft.message()
	if err != nil {
		return Form{}, err
	}
	form := Form{Action: to.acs, Fields: map[string]string{"SAMLResponse": encoded(message)}}
	if to.request.relayState != "" {
		form.Fields["RelayState"] = to.request.relayState
	}
	d.last[to.provider.EntityID] = form
	return form, nil
}

func (d *directory) see(one Seen) {
	d.seen = append(d.seen, one)
	d.seen = slices.Clone(d.seen[max(0, len(d.seen)-mostSeen):])
}

// draft plans the proper answer.
func (p *IdP) draft(d *directory, to pending, named string) (plan, error) {
	now := p.config.Now()
	key, err := d.signing()
	if err != nil {
		return plan{}, err
	}
	draft := plan{id: newID(), assertionID: newID(), issuer: p.entityID(d.Name), responseIssuer: p.entityID(d.Name), destination: to.acs, recipient: to.acs,
		audience: to.provider.EntityID, inResponseTo: to.request.id, issued: now, from: now.Add(-validBefore), until: now.Add(validAfter), signedIn: now,
		key: key, hash: crypto.SHA256, signAssertion: d.Settings.Sign != SignResponse, signMessage: d.Settings.Sign != SignAssertion}
	if to.request.passive {
		draft.deny(statusNoPassive)
		return draft, nil
	}
	person, err := d.person(named)
	if err != nil {
		return plan{}, err
	}
	if person.Disabled {
		draft.deny(statusDenied)
		return draft, nil
	}
	draft.nameID, draft.format = d.nameIDOf(person)
	draft.attributes = d.attributesOf(person)
	if d.Settings.Encrypt {
		if len(to.provider.Encryption) == 0 {
			return plan{}, fmt.Errorf("the service provider %s has no certificate for encryption: %w", to.provider.EntityID, ErrInvalid)
		}
		draft.encryptTo = to.provider.Encryption[0]
	}
	return draft, nil
}

// deny has the answer say no. A message without assertion is signed as a whole.
func (a *plan) deny(why string) { a.status, a.subStatus, a.signMessage = statusResponder, why, true }

// newID is an id as SAML has them: a name in XML of 160 random bits.
func newID() string {
	id := make([]byte, 20)
	rand.Read(id) // never fails, crypto/rand
	return "_" + hex.EncodeToString(id)
}
