package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/tenantry/tenantry/shared/oidc/oidctest"
)

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// headerOf puts another header before what was signed.
func headerOf(header string) func(*testing.T, *world) func(string) string {
	return func(*testing.T, *world) func(string) string {
		return func(raw string) string { return part(header) + raw[strings.IndexByte(raw, '.'):] }
	}
}

func algNone(*testing.T, *world) func(string) string {
	return func(raw string) string { return part(`{"alg":"none"}`) + "." + strings.Split(raw, ".")[1] + "." }
}

// confused signs with HS256, where the secret is something of the public key, which everybody knows.
func confused(secret func(*rsa.PublicKey) []byte) func(*testing.T, *world) func(string) string {
	return func(t *testing.T, w *world) func(string) string {
		return func(raw string) string {
			id, private := w.idp.Key()
			return oidctest.Sign(t, oidctest.Claims(t, raw), jose.HS256, secret(&private.PublicKey), id)
		}
	}
}

func publicDER(key *rsa.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err)
	}
	return der
}

func publicPEM(key *rsa.PublicKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER(key)})
}

func modulus(key *rsa.PublicKey) []byte { return key.N.Bytes() }

func otherAlgorithm(t *testing.T, w *world) func(string) string {
	return func(raw string) string {
		id, private := w.idp.Key()
		return oidctest.Sign(t, oidctest.Claims(t, raw), jose.PS256, private, id)
	}
}

// newKey is a key of somebody else.
var newKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func otherKey(t *testing.T, w *world) func(string) string {
	return func(raw string) string {
		id, _ := w.idp.Key()
		return oidctest.Sign(t, oidctest.Claims(t, raw), jose.RS256, newKey(), id)
	}
}

func ownKey(t *testing.T, w *world) func(string) string {
	return func(raw string) string {
		id, _ := w.idp.Key()
		options := (&jose.SignerOptions{EmbedJWK: true}).WithHeader("kid", id)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: newKey()}, options)
		return serialized(t, signer, err, raw).compact
	}
}

func noKeyID(t *testing.T, w *world) func(string) string {
	return func(raw string) string {
		_, private := w.idp.Key()
		return oidctest.Sign(t, oidctest.Claims(t, raw), jose.RS256, private, "")
	}
}

func changedAfter(t *testing.T, _ *world) func(string) string {
	return func(raw string) string {
		claims := oidctest.Claims(t, raw)
		claims["sub"] = "somebody else"
		changed, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(raw, ".")
		return parts[0] + "." + part(string(changed)) + "." + parts[2]
	}
}

func cut(*testing.T, *world) func(string) string {
	return func(raw string) string { return raw[:strings.LastIndexByte(raw, '.')+1] }
}

func flattened(*testing.T, *world) func(string) string {
	return func(raw string) string {
		parts := strings.Split(raw, ".")
		return `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`
	}
}

func twoSignatures(t *testing.T, w *world) func(string) string {
	return func(raw string) string {
		id, private := w.idp.Key()
		signer, err := jose.NewMultiSigner([]jose.SigningKey{
			{Algorithm: jose.RS256, Key: &jose.JSONWebKey{Key: private, KeyID: id}},
			{Algorithm: jose.RS256, Key: newKey()},
		}, nil)
		return serialized(t, signer, err, raw).full
	}
}

type forms struct{ compact, full string }

func serialized(t *testing.T, signer jose.Signer, err error, raw string) forms {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(oidctest.Claims(t, raw))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	compact, _ := signed.CompactSerialize()
	return forms{compact, signed.FullSerialize()}
}
