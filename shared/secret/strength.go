package secret

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tenantry/tenantry/shared/problem"
)

// The lengths of a password in code points (LOG-5; NIST SP 800-63B-4, section 3.1.1.2).
const (
	minAlone  = 15 // a password that is the only factor
	minBeside = 8  // where a second factor is asked as well
	maxLength = 128
)

// common lists passwords that attackers try first, in lower case, sorted, between line breaks, of at least minBeside characters.
// It is taken from zxcvbn for Python 4.5.0 (MIT, common_passwords.LICENSE).
//
//go:embed common_passwords.txt
var common string

// CheckPassword refuses a password that is too short, too long, common, or little more than what is known of its owner:
// about holds their address and name. secondFactor tells that the account also asks for a second factor. There are no rules of
// composition. The error is a problem of the field body.password that says the rule and does not repeat the password.
func CheckPassword(password string, secondFactor bool, about ...string) error {
	password = strings.ToLower(normalize(password))
	least := minAlone
	if secondFactor {
		least = minBeside
	}
	length := utf8.RuneCountInString(password)
	switch {
	case length < least:
		return refused(fmt.Sprintf("must have at least %d characters; a few words in a row are easy to remember", least))
	case length > maxLength:
		return refused(fmt.Sprintf("must have at most %d characters", maxLength))
	case isCommon(password) || isPattern(password):
		return refused("is one of the passwords that are tried first; choose one that nobody else would")
	case isAbout(password, append(about, "tenantry")):
		return refused("is little more than your name, your address or the name of this product; add words that have nothing to do with them")
	}
	return nil
}

func refused(message string) error { return problem.Invalid("body.password", message, nil) }

// isCommon looks the password up as it is, and without what people put around a common one to reach a length.
func isCommon(password string) bool {
	core := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	return listed(password) || listed(core)
}

func listed(password string) bool {
	return password != "" && !strings.Contains(password, "\n") && strings.Contains(common, "\n"+password+"\n")
}

// isPattern finds one short piece over and over (aaaa..., abcabc..., passwordpassword) and runs of neighbours (abcdef...,
// 987654...).
func isPattern(password string) bool {
	runes := []rune(password)
	for size := 1; size <= len(runes)/2; size++ {
		if repeats(runes, size) && (size < minBeside || listed(string(runes[:size]))) {
			return true
		}
	}
	return isRun(runes)
}

func repeats(runes []rune, size int) bool {
	for i := size; i < len(runes); i++ {
		if runes[i] != runes[i-size] {
			return false
		}
	}
	return true
}

func isRun(runes []rune) bool {
	for i := 2; i < len(runes); i++ {
		if runes[i]-runes[i-1] != runes[1]-runes[0] {
			return false
		}
	}
	return len(runes) > 1 && max(runes[1]-runes[0], runes[0]-runes[1]) == 1
}

// isAbout tells whether fewer than minBeside letters and digits are left without the words of about. A name inside a long
// password does no harm.
func isAbout(password string, about []string) bool {
	var words []string
	for _, text := range about {
		words = append(words, strings.FieldsFunc(strings.ToLower(normalize(text)), notAlphanumeric)...)
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	rest := password
	for _, word := range words {
		if utf8.RuneCountInString(word) >= 3 {
			rest = strings.ReplaceAll(rest, word, " ")
		}
	}
	left := strings.Join(strings.FieldsFunc(rest, notAlphanumeric), "")
	return rest != password && utf8.RuneCountInString(left) < minBeside
}

func notAlphanumeric(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
