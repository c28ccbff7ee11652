package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

// signingKey is a key of the provider.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.private }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

// publicKey is what is published of it.
type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.private.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

// firstKey is what every provider begins with: making one takes long.
var firstKey = sync.OnceValue(newKey)

func newKey() signingKey {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signingKey{rand.Text(), private}
}

// Rotate replaces the key: the old one is not published any more.
func (i *IdP) Rotate() {
	fresh := newKey()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key = fresh
}

// Key is the key that signs now, with its id.
func (i *IdP) Key() (string, *rsa.PrivateKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.key.id, i.key.private
}

// Resigned makes an alteration of claims, signed by the provider's own key: what a provider that errs would send.
func (i *IdP) Resigned(t testing.TB, change func(claims map[string]any)) func(raw string) string {
	return func(raw string) string {
		claims := Claims(t, raw)
		change(claims)
		id, private := i.Key()
		return Sign(t, claims, jose.RS256, private, id)
	}
}

// Claims reads a token without asking who signed it.
func Claims(t testing.TB, raw string) map[string]any {
	t.Helper()
	token, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(token.UnsafePayloadWithoutVerification())))
	decoder.UseNumber()
	if err := decoder.Decode(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// Sign makes a token of the claims.
func Sign(t testing.TB, claims map[string]any, algorithm jose.SignatureAlgorithm, key any, id string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", id).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
