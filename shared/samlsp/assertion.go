package samlsp

import "time"

// Assertion is what an IdP says of a person, verified and held against the connection and its request. It says who somebody is
// there; whom it means here is LOG-3.
type Assertion struct {
	ID         string
	Issuer     string
	NameID     NameID
	Attributes []Attribute

	Issued      time.Time // when the IdP made the assertion
	Session     string    // SessionIndex, empty where the IdP gives none
	SignedIn    time.Time // when the person signed in at the IdP
	SessionEnds time.Time // when the IdP wants the session to end at the latest; zero where it does not say
	Contexts    []string  // the authentication context classes, such as a password or a second factor

	RequestID string // the request that it answers, to be consumed with it; empty for a sign-in that began at the IdP
	// UsableUntil is when the assertion is accepted for the last time: until then its ID must be remembered as used.
	UsableUntil time.Time

	Signed    Signed
	Encrypted Encryption
}

// NameID is the IdP's name for a person, within its own namespace.
type NameID struct {
	Value           string
	Format          string // FormatUnspecified where the IdP does not say (core 2.2.2)
	NameQualifier   string
	SPNameQualifier string
}

// Lasting tells whether the name id means the same person next time. A transient one does not (core 8.3.8).
func (n NameID) Lasting() bool { return n.Format != FormatTransient }

// Attribute is an attribute with its values in the order of the message. Attributes of one name are one. A value that is no
// text, or no value at all (xsi:nil), is left out.
type Attribute struct {
	Name         string
	FriendlyName string
	Values       []string
}

// Attribute gives the values of an attribute by its exact name, nil where there is none.
func (a *Assertion) Attribute(name string) []string {
	for _, attribute := range a.Attributes {
		if attribute.Name == name {
			return attribute.Values
		}
	}
	return nil
}
