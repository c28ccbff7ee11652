// Package secret holds what must stay secret and what proves it: tokens, the installation's keys, passwords, second
// factors and recovery codes.
//
//	token, hash := secret.New(secret.Session, treeID, userID) // the token goes to its owner, the hash into the table
//	parts, hash, err := secret.Parse(secret.Session, token)   // treeID and userID, and the hash to look up
//
// It refuses to know who the secrets belong to and where they are stored, and no error of it repeats what it was given.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"hash/crc32"
	"math/big"
	"strings"
)

// Kind is what a token is for; it stands in the token's prefix, so that a person and a secret scanner recognize it.
type Kind string

// The kinds of tokens.
const (
	Session     Kind = "ses" // a signed-in browser
	Key         Kind = "key" // an organization's API key
	SCIM        Kind = "scim"
	Invitation  Kind = "inv"
	Reset       Kind = "pwr" // a link to set a password
	Address     Kind = "adr" // a link to confirm a new address
	Recovery    Kind = "rec" // a link to a session that the platform gave an administrator
	Challenge   Kind = "2fa" // a sign-in that still needs its second factor
	Device      Kind = "dev" // a browser that its owner has signed in from before
	PartnerCode Kind = "par"
	SSO         Kind = "sso" // a browser that was sent to an identity provider
	SSOTest     Kind = "sst" // a browser that started a test of a connection
)

// What Parse answers for what is not a token. A token that parses may still be revoked, expired or made up.
var (
	ErrNotToken = errors.New("not a token of this kind")
	ErrMistyped = errors.New("the token's checksum is wrong: it was mistyped or cut off")
)

const (
	secretLength   = 43 // 256 bits in base 62
	checksumLength = 6  // 32 bits in base 62
	maxToken       = 512
)

// New makes a token `tnt_<kind>_<part>.<part>.<secret><checksum>` with 256 random bits, and the hash under which it is
// stored. Parts are public: ids that tell where to look the token up, of letters, digits, "_" and "-". Any other part is a
// programmer's mistake and panics.
func New(kind Kind, parts ...string) (token, hash string) {
	var random [32]byte
	rand.Read(random[:])
	body := prefix(kind)
	for _, part := range parts {
		if !validPart(part) {
			panic("secret: part of a token is empty or holds a character that tokens do not have")
		}
		body += part + "."
	}
	body += base62(new(big.Int).SetBytes(random[:]), secretLength)
	token = body + checksum(body)
	if len(token) > maxToken {
		panic("secret: the parts make the token too long")
	}
	return token, hashOf(token)
}

// Parse takes a token of the kind apart into its parts and the hash to look it up by. It answers ErrNotToken for anything
// of another form, kind or length, and ErrMistyped where only the checksum is wrong.
func Parse(kind Kind, token string) (parts []string, hash string, err error) {
	rest, found := strings.CutPrefix(token, prefix(kind))
	if !found || len(token) > maxToken {
		return nil, "", ErrNotToken
	}
	fields := strings.Split(rest, ".")
	last := len(fields) - 1
	for _, field := range fields {
		if !validPart(field) {
			return nil, "", ErrNotToken
		}
	}
	if len(fields[last]) != secretLength+checksumLength {
		return nil, "", ErrMistyped
	}
	body := token[:len(token)-checksumLength]
	if !Equal(checksum(body), token[len(body):]) {
		return nil, "", ErrMistyped
	}
	return fields[:last], hashOf(token), nil
}

// Equal compares two secrets, or hashes of secrets, in a time that depends on their lengths only.
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

func prefix(kind Kind) string { return "tnt_" + string(kind) + "_" }

// hashOf is enough for 256 random bits: nobody guesses them, so it needs no salt and no cost.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func checksum(body string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), checksumLength)
}

func base62(n *big.Int, length int) string {
	text := n.Text(62)
	return strings.Repeat("0", length-len(text)) + text
}

func validPart(part string) bool {
	for _, c := range []byte(part) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return part != ""
}
