package samlsp

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/tenantry/tenantry/shared/idn"
)

// Identity is what an assertion says of a person in the product's words. Only the address is sure to be there.
type Identity struct {
	Address string // its domain in lower case and ASCII
	Domain  string
	// Values has what was received for the other fields that have exactly one value. A role in there is what the IdP says; it
	// gives nobody a role here.
	Values map[Field]string
	Groups []string
	// From says for each field which attribute it came from, or "NameID".
	From map[Field]string
}

// Identify reads who somebody is by the connection's mapping. Verified are the domains of the connection, in lower case and
// ASCII; an address in any other, or in a subdomain, is refused. What fails is a *Refusal that names what was received.
func (a *Assertion) Identify(mapping Mapping, verified []string) (*Identity, error) {
	return a.identify(switches{}, mapping, verified)
}

func (a *Assertion) identify(s switches, mapping Mapping, verified []string) (*Identity, error) {
	identity := &Identity{Values: map[Field]string{}, From: map[Field]string{}, Groups: a.first(mapping[Groups])}
	addresses, from := a.addresses(mapping[Email])
	if len(addresses) != 1 && s.on(IdentityAddress) || len(addresses) == 0 {
		refusal := refuse(IdentityAddress, "%s", a.received(addresses))
		refusal.Wanted, refusal.Covered = "one of the attributes "+listed(mapping[Email]), true
		return nil, refusal
	}
	identity.Address, identity.From[Email] = addresses[0], from
	_, identity.Domain, _ = strings.Cut(addresses[0], "@")
	if !slices.Contains(verified, identity.Domain) && s.on(IdentityDomain) {
		refusal := refuse(IdentityDomain, "the address %s", quoted(identity.Address))
		refusal.Wanted, refusal.Covered = "an address in "+listed(verified), true
		return nil, refusal
	}
	for field, names := range mapping {
		if value, from := a.single(names); value != "" && field != Email && field != Groups {
			identity.Values[field], identity.From[field] = value, from
		}
	}
	return identity, nil
}

// addresses gives the different addresses of the first attribute that has a value, and of the name id where no attribute does. The
// values that are none count as they are, so that they are seen and not passed over.
func (a *Assertion) addresses(names []string) (addresses []string, from string) {
	for _, name := range names {
		if found := distinctAddresses(a.Attribute(name)); len(found) > 0 {
			return found, name
		}
	}
	if a.NameID.Format == FormatEmail || a.NameID.Format == FormatUnspecified {
		return distinctAddresses([]string{a.NameID.Value}), "NameID"
	}
	return nil, ""
}

// distinctAddresses gives what is different among values, apart from case, if each is an address; values that are none are dropped
// only where all are.
func distinctAddresses(values []string) []string {
	var found, odd []string
	for _, value := range values {
		address, ok := ParseAddress(value)
		switch {
		case value == "":
		case !ok:
			odd = append(odd, value)
		case !slices.ContainsFunc(found, func(other string) bool { return strings.EqualFold(other, address) }):
			found = append(found, address)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return append(found, odd...)
}

// received describes what an administrator needs to see who looks for a missing address.
func (a *Assertion) received(addresses []string) string {
	if len(addresses) > 1 {
		return "the addresses " + listed(addresses)
	}
	var names []string
	for _, attribute := range a.Attributes {
		names = append(names, attribute.Name)
	}
	return "no address among the attributes " + listed(names) + ", and the name id " + quoted(a.NameID.Value) + " of the format " + quoted(a.NameID.Format)
}

// single gives the value of the first attribute that has exactly one, apart from repetitions. One that has several is passed over:
// which one is meant cannot be told.
func (a *Assertion) single(names []string) (value, from string) {
	for _, name := range names {
		values := a.Attribute(name)
		if len(values) > 0 && values[0] != "" && !slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			return values[0], name
		}
	}
	return "", ""
}

// first gives all values of the first attribute that has any.
func (a *Assertion) first(names []string) []string {
	for _, name := range names {
		if values := a.Attribute(name); len(values) > 0 {
			return values
		}
	}
	return nil
}

// ParseAddress reads an email address: one @, nothing hidden, quoted or spaced before it, and a domain of two labels or more, which
// is given in lower case and ASCII (IDNA 2008).
func ParseAddress(said string) (address string, ok bool) {
	local, domain, found := strings.Cut(strings.TrimSpace(said), "@")
	if !found || local == "" || len(local) > 64 || strings.ContainsFunc(local, notInAddress) {
		return "", false
	}
	ascii, err := idn.ToASCII(domain, idna.StrictDomainName(true), idna.VerifyDNSLength(true))
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") {
		return "", false
	}
	return local + "@" + ascii, true
}

func notInAddress(r rune) bool {
	return !unicode.IsPrint(r) || r == ' ' || strings.ContainsRune(`"(),:;<>@[\]`, r)
}
