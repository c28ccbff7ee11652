package secret

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

const recoveryCodes = 10

// crockford leaves out the letters that are read as others: https://www.crockford.com/base32.html
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewRecoveryCodes makes ten codes of 80 random bits, such as 7h2k-9mxd-04tq-w3ya, each of which replaces the second factor
// once, and the hashes under which they are stored, in the same order.
func NewRecoveryCodes() (codes, hashes []string) {
	encoding := base32.NewEncoding(crockford).WithPadding(base32.NoPadding)
	for range recoveryCodes {
		var random [10]byte
		rand.Read(random[:])
		text := encoding.EncodeToString(random[:])
		code := strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
		codes = append(codes, code)
		hashes = append(hashes, HashRecoveryCode(code))
	}
	return codes, hashes
}

// HashRecoveryCode gives the hash of a code as a person types it: upper or lower case, with or without hyphens and spaces,
// o for 0, i or l for 1.
func HashRecoveryCode(code string) string {
	plain := strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code))
	return hashOf("recovery:" + plain)
}
