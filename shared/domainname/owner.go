package domainname

import (
	_ "embed"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// freeMail lists domains whose addresses anybody can have, sorted, between line breaks. It is taken from free.txt of the npm
// package freemail 1.7.0 (ISC, freemail.LICENSE), without the line in it that is no domain.
//
//go:embed freemail.txt
var freeMail string

// moreFreeMail are providers that the list has not yet.
var moreFreeMail = [...]string{"duck.com", "gmx.es", "hey.com", "mailbox.org", "pm.me", "posteo.de", "proton.me", "skiff.com", "tuta.com",
	"tuta.io", "tutamail.com", "tutanota.com", "tutanota.de"}

// ownable refuses names that no organization has to itself.
func ownable(name string) error {
	if !strings.Contains(name, ".") {
		return Refusal("is a single word, and must be a whole domain such as acme.com")
	}
	if suffix, icann := publicsuffix.PublicSuffix(name); suffix == name {
		if icann {
			return Refusal("is a public suffix: others have their domains under it. Register your own, such as acme." + name)
		}
		return Refusal("belongs to a service whose customers have their names under it, so it is not yours alone")
	}
	if isFreeMail(name) {
		return Refusal("belongs to a provider of mail for everybody, so its addresses are not yours alone")
	}
	return nil
}

func isFreeMail(name string) bool {
	return slices.Contains(moreFreeMail[:], name) || strings.Contains("\n"+freeMail, "\n"+name+"\n")
}

// Registrable is the part of a name that was registered with a registry: the public suffix and one label more. It is the name
// itself where there is none.
func Registrable(name string) string {
	registered, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name
	}
	return registered
}
