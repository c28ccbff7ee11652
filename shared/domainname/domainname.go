// Package domainname is the names of domains as people write them: it gives each the one form in which it is stored and
// compared, shows it the way people read it, and refuses what nobody can own as an organization's domain.
//
//	name, err := domainname.Parse("BÜCHER.example.") // xn--bcher-kva.example
//	domainname.Shown(name)                           // bücher.example
//
// It asks nobody and knows no table. The lists that it goes by are part of the program: the public suffix list, as
// golang.org/x/net/publicsuffix has it, and a list of providers of free mail.
package domainname

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/tenantry/tenantry/shared/idn"
)

// Longest is how many characters a name has at most, without a trailing dot: RFC 1035, section 2.3.4, less the length octets
// of its first and last label.
const Longest = 253

// longestLabel is how many characters stand between two dots at most (RFC 1035, section 2.3.4).
const longestLabel = 63

// Parse gives the name in the form in which it is stored: without surrounding space and trailing dot, in lower case, with
// A-labels for what is not ASCII (RFC 5891, UTS 46 without transitional mapping). It refuses with a Refusal what is no
// name, and names that are no organization's own: IP addresses, single labels, public suffixes, providers of free mail.
func Parse(written string) (string, error) {
	trimmed := strings.TrimSpace(written)
	if err := plainMistake(trimmed); err != nil {
		return "", err
	}
	name, err := encode(strings.TrimSuffix(trimmed, "."))
	if err != nil {
		return "", err
	}
	if err := ownable(name); err != nil {
		return "", err
	}
	return name, nil
}

// Refusal says why a name is none that can be registered; it continues "the name ...".
type Refusal string

// Error gives the sentence.
func (r Refusal) Error() string { return string(r) }

// plainMistake refuses what was meant to be something else.
func plainMistake(written string) error {
	switch {
	case written == "":
		return Refusal("must not be empty")
	case !utf8.ValidString(written):
		return Refusal("must be text in UTF-8")
	case strings.ContainsAny(written, "/:?") && !isAddress(written):
		return Refusal("must be the domain alone, such as acme.com, without https:// and without what follows the name")
	case strings.Contains(written, "@"):
		return Refusal("must be the domain alone, without what stands before the @ of an address")
	case strings.HasPrefix(strings.ToLower(written), "_tenantry-challenge."):
		return Refusal("must be the domain itself; _tenantry-challenge. is put before it only where its record is made")
	case strings.HasPrefix(written, "*."):
		return Refusal("must be one domain, without *: each subdomain is registered for itself")
	}
	return nil
}

// strict lets letters, digits and hyphens alone be a name's ASCII characters.
var strict = idna.StrictDomainName(true)

// encode gives the A-label form of a name without trailing dot, or says which rule it breaks.
func encode(written string) (string, error) {
	if isAddress(written) {
		return "", Refusal("is an IP address, and must be the name of a domain")
	}
	name, err := idn.ToASCII(written, strict)
	labels := strings.Split(name, ".")
	if len(name) > Longest {
		return "", Refusal("has more than 253 characters, counted as DNS writes it")
	}
	for _, label := range labels {
		if broken := brokenLabel(label); broken != "" {
			return "", Refusal(broken)
		}
	}
	switch {
	case err != nil:
		return "", Refusal("has a part that is not allowed in an internationalised name")
	case isAddress(name), idn.EndsInNumber(name):
		return "", Refusal("ends as an IP address does, and must be the name of a domain")
	}
	return name, nil
}

// brokenLabel says which rule the part between two dots breaks; nothing where it breaks none, or one that only the profile
// knows.
func brokenLabel(label string) string {
	switch {
	case label == "":
		return "has two dots in a row, or begins with one"
	case len(label) > longestLabel:
		return "has a part of more than 63 characters, counted as DNS writes it"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "has a part that begins or ends with a hyphen"
	case strings.ContainsAny(label, " \t"):
		return "has a space in it"
	case strings.Contains(label, "_"):
		return "has an underscore in it, which names of hosts and mail domains cannot have"
	case strings.ContainsFunc(label, func(r rune) bool { return r < 0x80 && !hostCharacter(r) }):
		return "has a character that is no letter, digit or hyphen"
	}
	return ""
}

func hostCharacter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-'
}

// isAddress tells whether it is an IP address, in brackets too.
func isAddress(written string) bool {
	_, err := netip.ParseAddr(strings.Trim(written, "[]"))
	return err == nil
}

// Shown is a stored name as people read it, in Unicode; a part that is no valid A-label stays as it is.
func Shown(name string) string {
	shown, err := idn.ToUnicode(name, strict)
	if err != nil {
		return name
	}
	return shown
}

// Of gives the domain of an email address in the form of Parse, so that the two can be compared. It refuses nothing: what is
// no name is given in lower case, and what is no address is given empty.
func Of(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	domain := strings.TrimSuffix(strings.TrimSpace(address[at+1:]), ".")
	name, err := idn.ToASCII(domain, strict)
	if err != nil {
		return strings.ToLower(domain)
	}
	return name
}
