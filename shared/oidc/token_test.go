package oidc

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestLOG4_AWrongTokenSignsNobodyIn has a provider that signs whatever is claimed, and attackers without its key.
func TestLOG4_AWrongTokenSignsNobodyIn(t *testing.T) {
	t.Parallel()
	claim := func(changed map[string]any) func(*testing.T, *world) func(string) string {
		return func(t *testing.T, w *world) func(string) string {
			return w.idp.Resigned(t, func(claims map[string]any) { with(claims, changed) })
		}
	}
	for name, c := range map[string]struct {
		alter func(*testing.T, *world) func(raw string) string
		want  Code
	}{
		"another nonce":                {claim(map[string]any{"nonce": "another"}), WrongNonce},
		"no nonce":                     {claim(map[string]any{"nonce": nil}), WrongNonce},
		"another audience":             {claim(map[string]any{"aud": "somebody.else"}), WrongAudience},
		"no audience":                  {claim(map[string]any{"aud": nil}), WrongAudience},
		"one more audience":            {claim(map[string]any{"aud": []string{"us.apps.example", "somebody.else"}}), WrongAudience},
		"asked for by somebody else":   {claim(map[string]any{"azp": "somebody.else"}), WrongAudience},
		"another issuer":               {claim(map[string]any{"iss": "https://evil.example"}), WrongIssuer},
		"no issuer":                    {claim(map[string]any{"iss": nil}), WrongIssuer},
		"an issuer with more behind":   {claim(map[string]any{"iss": "https://accounts.google.com.evil.example"}), WrongIssuer},
		"expired":                      {claim(map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}), Expired},
		"without an end":               {claim(map[string]any{"exp": nil}), Expired},
		"from the future":              {claim(map[string]any{"iat": time.Now().Add(time.Hour).Unix()}), Expired},
		"not valid yet":                {claim(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), Expired},
		"nobody":                       {claim(map[string]any{"sub": nil}), NoSubject},
		"an empty somebody":            {claim(map[string]any{"sub": ""}), NoSubject},
		"a somebody too long":          {claim(map[string]any{"sub": strings.Repeat("1", longestSubject+1)}), NoSubject},
		"a name that is none":          {claim(map[string]any{"name": []string{"Ana"}}), Unreadable},
		"alg none":                     {algNone, Unsigned},
		"alg none, in other letters":   {headerOf(`{"alg":"nOnE"}`), Unsigned},
		"the public key as a secret":   {confused(publicPEM), Unsigned},
		"its DER as a secret":          {confused(publicDER), Unsigned},
		"its modulus as a secret":      {confused(modulus), Unsigned},
		"another algorithm":            {otherAlgorithm, Unsigned},
		"another key of the same id":   {otherKey, Unsigned},
		"a key that is in the token":   {ownKey, Unsigned},
		"a key without an id":          {noKeyID, Unsigned},
		"claims changed after signing": {changedAfter, Unsigned},
		"no signature":                 {cut, Unsigned},
		"JSON instead of compact":      {flattened, Unsigned},
		"two signatures":               {twoSignatures, Unsigned},
		"an encrypted one":             {headerOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`), Unsigned},
		"no token at all":              {func(*testing.T, *world) func(string) string { return func(string) string { return "hello" } }, Unsigned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newGoogle(t)
			w.idp.Alter(c.alter(t, w))
			who, err := w.signIn()
			wants(t, who, err, c.want)
			w.idp.Alter(nil)
			if _, err := w.signIn(); err != nil {
				t.Errorf("and afterwards: %v", err)
			}
		})
	}
}

func TestLOG4_ATenantSignsInItsOwnPeopleOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims map[string]any // URL stands for the provider's
		keys   string         // the issuer that the keys are published for
		want   Code           // empty: signed in
	}{
		"its own":                       {nil, "URL/{tenantid}/v2.0", ""},
		"its own, by a key of its own":  {nil, "URL/" + tenant + "/v2.0", ""},
		"another tenant's issuer":       {map[string]any{"iss": "URL/" + other + "/v2.0"}, "URL/{tenantid}/v2.0", WrongIssuer},
		"another tenant's id":           {map[string]any{"tid": other}, "URL/{tenantid}/v2.0", WrongIssuer},
		"no tenant":                     {map[string]any{"tid": nil}, "URL/{tenantid}/v2.0", WrongIssuer},
		"the place of a tenant":         {map[string]any{"tid": "{tenantid}", "iss": "URL/{tenantid}/v2.0"}, "URL/{tenantid}/v2.0", WrongIssuer},
		"a path for a tenant":           {map[string]any{"tid": tenant + "/x", "iss": "URL/" + tenant + "/x/v2.0"}, "URL/{tenantid}/v2.0", WrongIssuer},
		"another way to write a tenant": {map[string]any{"tid": strings.ToUpper(tenant), "iss": "URL/" + strings.ToUpper(tenant) + "/v2.0"}, "URL/{tenantid}/v2.0", WrongIssuer},
		"version 1":                     {map[string]any{"iss": "https://sts.windows.net/" + tenant + "/"}, "URL/{tenantid}/v2.0", WrongIssuer},
		"the key of personal accounts":  {nil, "URL/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", WrongIssuer},
		"the key of another cloud":      {nil, "https://login.partner.example/{tenantid}/v2.0", WrongIssuer},
		"no object":                     {map[string]any{"oid": nil}, "URL/{tenantid}/v2.0", NoSubject},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMicrosoft(t)
			w.idp.PublishKeysFor(strings.ReplaceAll(c.keys, "URL", w.idp.URL))
			w.idp.Alter(w.idp.Resigned(t, func(claims map[string]any) {
				with(claims, c.claims)
				if issuer, ok := claims["iss"].(string); ok {
					claims["iss"] = strings.ReplaceAll(issuer, "URL", w.idp.URL)
				}
			}))
			who, err := w.signIn()
			if c.want != "" {
				wants(t, who, err, c.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLOG4_GooglesIssuerHasTwoSpellingsAndOneMeaning(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	first := w.signedIn()
	w.provider.AlsoIssuer = "accounts.example"
	w.idp.Alter(w.idp.Resigned(t, func(claims map[string]any) { claims["iss"] = "accounts.example" }))
	if second := w.signedIn(); second.Key() != first.Key() || second.Issuer != first.Issuer {
		t.Errorf("%+v and %+v", first, second)
	}
	if google := Google("id", "secret"); !google.issues("accounts.google.com", "") || !google.issues("https://accounts.google.com", "") {
		t.Error("Google's own issuers are not taken")
	}
}

func TestLOG4_NothingSecretIsInALogAndNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	var token string
	w.idp.Alter(func(raw string) string {
		token = changedAfter(t, w)(raw)
		return token
	})
	attempt, query := w.begin()
	_, err := w.Finish(t.Context(), attempt, query)
	told := err.Error() + As(err).Sentence
	for what, secret := range map[string]string{"state": attempt.State, "nonce": attempt.Nonce, "verifier": attempt.Verifier,
		"code": query.Get("code"), "secret": "secret", "token": token, "signature": token[strings.LastIndexByte(token, '.')+1:]} {
		if strings.Contains(told, secret) {
			t.Errorf("the %s is told: %s", what, told)
		}
	}
	for _, code := range []Code{Unsigned, WrongIssuer, WrongAudience, Expired, WrongNonce, NoSubject, Unreadable} {
		if sentence(code, "Google") != sentence(Unsigned, "Google") {
			t.Errorf("%s has a sentence of its own: somebody who tries could tell how far a token gets", code)
		}
	}
	w.idp.Alter(w.idp.Resigned(t, func(claims map[string]any) { claims["iss"] = "https://evil.example/\n" + strings.Repeat("x", 10_000) }))
	if _, err := w.signIn(); len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n") {
		t.Errorf("%d bytes for the log: %s", len(err.Error()), err)
	}
	if told := w.refuse(Unsigned, errors.New(strings.Repeat("x", 10_000))).Error(); len(told) > 2*longestCause {
		t.Errorf("%d bytes for the log", len(told))
	}
}

func TestLOG4_AnAttemptWithoutANonceSignsNobodyIn(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	w.idp.Alter(w.idp.Resigned(t, func(claims map[string]any) { claims["nonce"] = "" }))
	attempt, query := w.begin()
	attempt.Nonce = ""
	who, err := w.Finish(t.Context(), attempt, query)
	wants(t, who, err, WrongNonce)
}
