// Package idn writes the names of hosts as DNS does, and as people read them: one reading of internationalised names for
// domains, addresses and hosts.
//
// It asks nobody, and does not say who may own a name: that is package domainname.
package idn

import (
	"fmt"
	"strings"

	"golang.org/x/net/idna"
)

// ToASCII gives a name as DNS writes it: mapped as browsers do (UTS 46, without transitional mapping), judged by the Bidi rule
// (RFC 5893) and by the rules given beside. With an error, the name is as far as it was read.
//
// What it gives is read once more, since idna judges the Bidi rule by the characters written and not by those that they are
// mapped to: ℶ, a symbol, becomes ב, a letter written from right to left.
func ToASCII(written string, rules ...idna.Option) (string, error) {
	reader := profile(rules)
	name, err := reader.ToASCII(written)
	if err != nil {
		return name, err
	}
	again, err := reader.ToASCII(name)
	if err == nil && again != name {
		err = fmt.Errorf("%q is read as %q", name, again)
	}
	return name, err
}

// ToUnicode gives a name as people read it, by the same rules; with an error, as far as it was read.
func ToUnicode(name string, rules ...idna.Option) (string, error) {
	return profile(rules).ToUnicode(name)
}

// EndsInNumber tells whether a name in ASCII may be an IP address to some program, in whichever notation: its last label begins
// with a digit, as that of no top-level domain does (RFC 1123, section 2.1).
func EndsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && last[0] >= '0' && last[0] <= '9'
}

func profile(rules []idna.Option) *idna.Profile {
	return idna.New(append([]idna.Option{idna.MapForLookup(), idna.Transitional(false), idna.BidiRule()}, rules...)...)
}
