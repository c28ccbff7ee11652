package idp

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Misbehaviour is something that the IdP is to do wrong in its next answers.
type Misbehaviour struct {
	Kind  string `json:"kind"`            // one of Kinds
	Times int    `json:"times,omitempty"` // in how many answers; 0 until it is taken back
	Value string `json:"value,omitempty"` // what to say instead, where the kind says something
}

// Validate says what is wrong with it.
func (m Misbehaviour) Validate() error {
	if _, known := misbehaviours[m.Kind]; !known {
		return fmt.Errorf("%q is no misbehaviour; these are: %s: %w", m.Kind, strings.Join(Kinds(), ", "), ErrInvalid)
	}
	if m.Times < 0 {
		return fmt.Errorf("a misbehaviour happens 0 times or more: %w", ErrInvalid)
	}
	return nil
}

// Kinds are the kinds of misbehaviours.
func Kinds() []string { return slices.Sorted(maps.Keys(misbehaviours)) }

// elsewhere is what is said where a misbehaviour says something else and no value is given.
const elsewhere = "https://elsewhere.example/saml"

// misbehaviours are what each kind changes in an answer.
var misbehaviours = map[string]func(a *plan, value string){
	"wrong-audience":    func(a *plan, value string) { a.audience = or(value, elsewhere) },
	"wrong-issuer":      func(a *plan, value string) { a.issuer = or(value, elsewhere); a.responseIssuer = a.issuer },
	"wrong-recipient":   func(a *plan, value string) { a.recipient = or(value, elsewhere) },
	"wrong-destination": func(a *plan, value string) { a.destination = or(value, elsewhere) },
	"wrong-request":     func(a *plan, value string) { a.inResponseTo = or(value, newID()) },
	"unsolicited":       func(a *plan, _ string) { a.inResponseTo = "" },
	"expired":           func(a *plan, _ string) { a.shift(-2 * validAfter) },
	"early":             func(a *plan, _ string) { a.shift(2 * validAfter) },
	"stale":             func(a *plan, _ string) { a.signedIn = a.signedIn.Add(-3 * time.Hour) },
	"unsigned":          func(a *plan, _ string) { a.signAssertion, a.signMessage = false, false },
	"weak-signature":    func(a *plan, _ string) { a.hash = weakHash },
	"wrong-certificate": func(a *plan, _ string) { a.key = Key{} }, // misbehave makes another
	"tampered":          func(a *plan, value string) { a.after = a.rename(or(value, "mallory@"+elsewhereHost)) },
	"replay":            func(a *plan, _ string) { a.again = true },
	"denied":            func(a *plan, _ string) { a.deny(statusDenied) },
	"no-address":        func(a *plan, _ string) { a.anonymous() },
	"other-address":     func(a *plan, value string) { a.as(or(value, "mallory@"+elsewhereHost)) },
	"other-name-id":     func(a *plan, value string) { a.nameID = or(value, "mallory") },
}

const elsewhereHost = "elsewhere.example"

// misbehave changes the plan as the directory's misbehaviours say, and counts them down. The mutex is held.
func (p *IdP) misbehave(d *directory, a *plan) (kinds []string, err error) {
	if len(d.Misbehaviours) == 0 {
		return nil, nil
	}
	next := d.copy()
	next.Misbehaviours = nil
	for _, m := range d.Misbehaviours {
		misbehaviours[m.Kind](a, m.Value)
		kinds = append(kinds, m.Kind)
		if m.Times == 0 {
			next.Misbehaviours = append(next.Misbehaviours, m)
		} else if m.Times > 1 {
			m.Times--
			next.Misbehaviours = append(next.Misbehaviours, m)
		}
	}
	if a.key.Private == nil {
		if a.key, err = newKey(d.Name, a.issued, lifetime); err != nil {
			return nil, err
		}
	}
	_, err = p.keep(d, next)
	return kinds, err
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// shift moves all times of the answer but that of the person's sign-in.
func (a *plan) shift(by time.Duration) {
	a.issued, a.from, a.until = a.issued.Add(by), a.from.Add(by), a.until.Add(by)
}

// anonymous leaves out whatever is an address.
func (a *plan) anonymous() {
	a.nameID, a.format = "anonymous", formatPersistent
	a.attributes = slices.DeleteFunc(a.attributes, func(one attribute) bool {
		return slices.ContainsFunc(one.values, func(value string) bool { return strings.Contains(value, "@") })
	})
}

// as says another address wherever one is said.
func (a *plan) as(address string) {
	if strings.Contains(a.nameID, "@") {
		a.nameID = address
	}
	for i, one := range a.attributes {
		if slices.ContainsFunc(one.values, func(value string) bool { return strings.Contains(value, "@") }) {
			a.attributes[i].values = []string{address}
		}
	}
}

// rename puts another name id into the document after it was signed.
func (a *plan) rename(to string) func([]byte) []byte {
	return func(document []byte) []byte {
		return bytes.ReplaceAll(document, []byte(">"+a.nameID+"<"), []byte(">"+to+"<"))
	}
}

// Misbehave has a directory's IdP do these things wrong from now on, in place of what it did wrong before; none is to behave.
func (p *IdP) Misbehave(name string, all ...Misbehaviour) error {
	_, err := p.edit(name, func(d *Directory) error {
		d.Misbehaviours = all
		return nil
	})
	return err
}
