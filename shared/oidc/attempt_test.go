package oidc

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/clock"
)

func TestLOG4_TheBrowserIsSentWithStateNonceAndChallenge(t *testing.T) {
	t.Parallel()
	party, err := New(Microsoft("client", "secret"), callback, http.DefaultClient, clock.System)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		wish Wish
		want url.Values
	}{
		"ordinary":        {Wish{}, url.Values{"prompt": {"select_account"}}},
		"with an address": {Wish{Address: "eva@contoso.example"}, url.Values{"login_hint": {"eva@contoso.example"}}},
		"fresh":           {Wish{Fresh: true}, url.Values{"prompt": {"login"}, "max_age": {"0"}}},
	} {
		attempt, address := party.Begin(c.wish)
		to, err := url.Parse(address)
		if err != nil || to.Scheme+"://"+to.Host+to.Path != "https://login.microsoftonline.com/common/oauth2/v2.0/authorize" {
			t.Errorf("%s: %s, %v", name, address, err)
		}
		query := to.Query()
		if challenge := query.Get("code_challenge"); len(challenge) != 43 || challenge == attempt.Verifier {
			t.Errorf("%s: the challenge is %q", name, challenge)
		}
		query.Del("code_challenge")
		for parameter, value := range map[string]string{"response_type": "code", "client_id": "client", "redirect_uri": callback,
			"scope": "openid profile email", "state": attempt.State, "nonce": attempt.Nonce, "code_challenge_method": "S256"} {
			c.want.Set(parameter, value)
		}
		if diff := cmp.Diff(c.want, query); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLOG4_AnAttemptIsOneValueAndNoTwoAreAlike(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	first, _ := w.Begin(Wish{})
	second, query := w.begin()
	for _, pair := range [][2]string{{first.State, second.State}, {first.Nonce, second.Nonce}, {first.Verifier, second.Verifier}, {first.State, first.Nonce}} {
		if pair[0] == pair[1] || len(pair[0]) < 26 {
			t.Errorf("%q and %q", pair[0], pair[1])
		}
	}
	kept, err := json.Marshal(second)
	if err != nil {
		t.Fatal(err)
	}
	var read Attempt
	if err := json.Unmarshal(kept, &read); err != nil || len(kept) > 300 {
		t.Fatalf("%s: %v", kept, err)
	}
	if _, err := w.Finish(t.Context(), read, query); err != nil {
		t.Error(err)
	}
}

func TestLOG4_OnlyTheBrowserThatBeganFinishes(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	attempt, query := w.begin()
	elsewhere, _ := w.Begin(Wish{})
	for name, c := range map[string]struct {
		attempt Attempt
		query   url.Values
	}{
		"another attempt":      {elsewhere, query},
		"no attempt":           {Attempt{}, query},
		"no state on both":     {Attempt{Provider: "google", Begun: w.time()}, url.Values{"code": query["code"]}},
		"no state":             {attempt, url.Values{"code": query["code"]}},
		"another state":        {attempt, url.Values{"code": query["code"], "state": {attempt.State + "x"}}},
		"two states":           {attempt, url.Values{"code": query["code"], "state": {attempt.State, attempt.State}}},
		"an error of no state": {attempt, url.Values{"error": {"access_denied"}}},
		"of another provider":  {changed(attempt, func(a *Attempt) { a.Provider = "microsoft" }), query},
	} {
		who, err := w.Finish(t.Context(), c.attempt, c.query)
		t.Log(name)
		wants(t, who, err, NotBegunHere)
	}
	if n := w.idp.Asked("/oauth/token"); n > 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func changed(a Attempt, change func(*Attempt)) Attempt {
	change(&a)
	return a
}

func TestLOG4_AnAttemptLastsTenMinutes(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	attempt, query := w.begin()
	w.pass(10*time.Minute + time.Second)
	who, err := w.Finish(t.Context(), attempt, query)
	wants(t, who, err, TookTooLong)
	attempt.Begun = w.time().Add(time.Hour)
	who, err = w.Finish(t.Context(), attempt, query)
	wants(t, who, err, TookTooLong)
	attempt.Begun = w.time().Add(-9 * time.Minute)
	if _, err := w.Finish(t.Context(), attempt, query); err != nil {
		t.Error(err)
	}
}

func TestLOG4_WhatTheProviderSaysInTheAddress(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	attempt, query := w.begin()
	state := query["state"]
	for name, c := range map[string]struct {
		query url.Values
		want  Code
	}{
		"cancelled":           {url.Values{"error": {"access_denied"}}, Cancelled},
		"no consent":          {url.Values{"error": {"consent_required"}}, Cancelled},
		"down":                {url.Values{"error": {"temporarily_unavailable"}}, Unreachable},
		"our request":         {url.Values{"error": {"invalid_request"}}, Misconfigured},
		"something else":      {url.Values{"error": {"<script>"}, "error_description": {"<b>"}}, Declined},
		"an error and a code": {url.Values{"error": {"access_denied"}, "code": query["code"]}, Cancelled},
		"nothing":             {url.Values{}, Unreadable},
		"no code":             {url.Values{"code": {""}}, Unreadable},
		"two codes":           {url.Values{"code": {"a", "b"}}, Unreadable},
		"a huge code":         {url.Values{"code": {string(make([]byte, longestCode+1))}}, Unreadable},
		"of somebody else":    {url.Values{"code": query["code"], "iss": {"https://evil.example"}}, WrongIssuer},
		"of two":              {url.Values{"code": query["code"], "iss": {w.idp.URL, "https://evil.example"}}, WrongIssuer},
	} {
		c.query["state"] = state
		who, err := w.Finish(t.Context(), attempt, c.query)
		t.Log(name)
		wants(t, who, err, c.want)
	}
	if n := w.idp.Asked("/oauth/token"); n > 0 {
		t.Errorf("the provider was asked %d times", n)
	}
	query.Set("iss", w.idp.URL) // RFC 9207
	if _, err := w.Finish(t.Context(), attempt, query); err != nil {
		t.Error(err)
	}
}

func TestLOG4_ATenantsIssuerMayStandInTheAddress(t *testing.T) {
	t.Parallel()
	w := newMicrosoft(t)
	for issuer, allowed := range map[string]bool{
		w.idp.URL + "/" + tenant + "/v2.0":      true,
		w.idp.URL + "/{tenantid}/v2.0":          false,
		w.idp.URL + "/" + tenant + "/v1.0":      false,
		w.idp.URL + "/a/../" + tenant + "/v2.0": false,
		"https://evil.example/" + tenant:        false,
	} {
		if w.mayAnswer(issuer) != allowed {
			t.Errorf("%s: %t", issuer, !allowed)
		}
	}
}
