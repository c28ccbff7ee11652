package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/tenantry/tenantry/shared/oidc/oidctest"
)

func TestLOG4_AReplacedKeySignsAtOnce(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.signedIn()
	w.pass(pauseKeys)
	w.idp.Rotate()
	w.signedIn()
	w.signedIn()
	if n := w.idp.Asked("/keys"); n != 2 {
		t.Errorf("the keys were read %d times", n)
	}
}

func TestLOG4_AKeyThatWasTakenBackEnds(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.signedIn()
	id, private := w.idp.Key()
	w.idp.Rotate()
	w.idp.Alter(func(raw string) string { return oidctest.Sign(t, oidctest.Claims(t, raw), jose.RS256, private, id) })
	w.signedIn() // nobody has looked yet
	w.pass(freshKeys)
	attempt, query := w.begin()
	w.idp.Alter(func(raw string) string {
		claims := oidctest.Claims(t, raw)
		claims["exp"] = w.time().Add(time.Hour).Unix()
		return oidctest.Sign(t, claims, jose.RS256, private, id)
	})
	who, err := w.Finish(t.Context(), attempt, query)
	wants(t, who, err, Unsigned)
}

func TestLOG4_UnknownKeysAreLookedForOnceAMinute(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.signedIn()
	w.pass(pauseKeys)
	id := 0
	w.idp.Alter(func(raw string) string {
		id++
		return oidctest.Sign(t, oidctest.Claims(t, raw), jose.RS256, newKey(), fmt.Sprint(id))
	})
	for range 5 {
		who, err := w.signIn()
		wants(t, who, err, Unsigned)
	}
	if n := w.idp.Asked("/keys"); n != 2 {
		t.Errorf("the keys were read %d times", n)
	}
	w.pass(pauseKeys)
	who, err := w.signIn()
	wants(t, who, err, Unsigned)
	if n := w.idp.Asked("/keys"); n != 3 {
		t.Errorf("the keys were read %d times", n)
	}
	w.idp.Alter(nil)
	w.signedIn() // the keys that are known sign meanwhile
}

func TestLOG4_KeysOutlastAProviderThatIsDownForADay(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.signedIn()
	w.idp.Break("/keys", http.StatusServiceUnavailable)
	find := func() error {
		id, _ := w.idp.Key()
		_, err := w.keys.find(t.Context(), id)
		return err
	}
	w.pass(longestKeys - time.Second)
	if err := find(); err != nil {
		t.Errorf("within the day: %v", err)
	}
	w.pass(time.Second)
	if err := find(); err == nil {
		t.Error("after the day the keys still sign")
	}
	w.idp.Break("/keys", 0)
	w.pass(retryKeys)
	if err := find(); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}

func TestLOG4_AFailedReadingIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.idp.Break("/keys", http.StatusBadGateway)
	for range 3 {
		who, err := w.signIn()
		wants(t, who, err, Unreachable)
	}
	if n := w.idp.Asked("/keys"); n != 1 {
		t.Errorf("the keys were asked for %d times", n)
	}
	w.idp.Break("/keys", 0)
	w.pass(retryKeys)
	w.signedIn()
}

func TestLOG4_ManyAtOnceReadTheKeysOnce(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	id, _ := w.idp.Key()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := w.keys.find(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.idp.Asked("/keys"); n != 1 {
		t.Errorf("the keys were read %d times", n)
	}
}

func jwk(t testing.TB, key any, change map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: "1", Use: "sig", Algorithm: "RS256"})
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	raw, err = json.Marshal(with(members, change))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestLOG4_OnlyKeysThatMaySignAreKept(t *testing.T) {
	t.Parallel()
	good := &newKey().PublicKey
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key  string
		kept bool
	}{
		"one that signs":           {jwk(t, good, nil), true},
		"one without a use":        {jwk(t, good, map[string]any{"use": nil, "alg": nil}), true},
		"one that encrypts":        {jwk(t, good, map[string]any{"use": "enc"}), false},
		"one of another algorithm": {jwk(t, good, map[string]any{"alg": "RSA-OAEP"}), false},
		"one without an id":        {jwk(t, good, map[string]any{"kid": nil}), false},
		"one that is too short":    {jwk(t, &short.PublicKey, nil), false},
		"one of a curve":           {jwk(t, &curve.PublicKey, map[string]any{"alg": "ES256"}), false},
		"a secret":                 {`{"kty":"oct","kid":"1","k":"c2VjcmV0"}`, false},
		"a kind nobody knows":      {`{"kty":"AKP","kid":"1"}`, false},
		"no key":                   {`7`, false},
	} {
		all, err := parseKeys([]byte(`{"keys":[` + c.key + `]}`))
		if (err == nil) != c.kept || c.kept && all["1"] == nil {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
	many := strings.Repeat(jwk(t, good, map[string]any{"use": "enc"})+",", mostKeys) + jwk(t, good, nil)
	for name, set := range map[string]string{"nothing": ``, "no set": `[]`, "no keys": `{}`, "too many": `{"keys":[` + many + `]}`} {
		if all, err := parseKeys([]byte(set)); err == nil {
			t.Errorf("%s: %v", name, all)
		}
	}
}

// FuzzKeys looks for a set that breaks the reading, or has a key in it that must not sign.
func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[` + jwk(f, &newKey().PublicKey, nil) + `]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"1","n":"","e":""},{"kty":"oct","k":"AA"},null,7]}`))
	f.Add([]byte(`{"keys":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := parseKeys(raw)
		if err == nil && len(all) == 0 {
			t.Fatal("no keys and no error")
		}
		for id, one := range all {
			if id == "" || !one.usable() {
				t.Fatalf("%q: %+v", id, one)
			}
		}
	})
}
