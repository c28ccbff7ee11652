package people

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/tenantry/tenantry/shared/problem"
)

// longestAddress is the longest path that SMTP takes (RFC 5321, section 4.5.3.1.3), without its brackets.
const longestAddress = 254

// CheckAddress gives an email address as it is stored: as it was written, without surrounding space. What is none, or has
// anything beside the address itself, is refused as invalid at the location; so is one with a character that does not show,
// which would look like another address.
func CheckAddress(location, value string) (string, error) {
	address := strings.TrimSpace(value)
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > longestAddress || !plainDomain(address) || strings.ContainsFunc(address, hidden) {
		return "", problem.Invalid(location, "is not an email address, such as ana@example.com", cut(value))
	}
	return address, nil
}

// plainDomain tells whether the address ends in a domain name of two labels or more: no single label, no [192.0.2.1].
func plainDomain(address string) bool {
	at := strings.LastIndexByte(address, '@')
	labels := strings.Split(address[at+1:], ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsAny(label, "[]:\"\\ ") || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return len(labels) > 1 && at <= 64
}

// hidden tells whether the character does not show: controls, formats such as a zero-width space, and spaces of all kinds.
func hidden(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }

// cut bounds what is repeated to the sender.
func cut(value string) string {
	if len(value) > longestAddress {
		return ""
	}
	return value
}
