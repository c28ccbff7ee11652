package oidc

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLOG4_AnAddressCountsWhereTheProviderProvesIt(t *testing.T) {
	t.Parallel()
	google, microsoft := newGoogle(t), newMicrosoft(t)
	for name, c := range map[string]struct {
		world   *world
		changed map[string]any
		want    string // the address
		doubt   Doubt
	}{
		"Google: a Workspace":               {google, nil, "ana@acme.example", ""},
		"Google: its own":                   {google, map[string]any{"email": "Ana@Gmail.com", "hd": nil}, "Ana@Gmail.com", ""},
		"Google: an address of elsewhere":   {google, map[string]any{"hd": nil}, "", Outdated},
		"Google: a name like its own":       {google, map[string]any{"email": "ana@gmail.com.evil.example", "hd": nil}, "", Outdated},
		"Google: a domain like its own":     {google, map[string]any{"email": "ana@notgmail.com", "hd": nil}, "", Outdated},
		"Google: not verified":              {google, map[string]any{"email_verified": false}, "", Unverified},
		"Google: verified, in words":        {google, map[string]any{"email_verified": "true"}, "ana@acme.example", ""},
		"Google: verified, in other words":  {google, map[string]any{"email_verified": "yes"}, "", Unverified},
		"Google: says nothing":              {google, map[string]any{"email_verified": nil}, "", Unverified},
		"Google: no address":                {google, map[string]any{"email": nil}, "", Untold},
		"Microsoft: a verified domain":      {microsoft, nil, "eva@contoso.example", ""},
		"Microsoft: verified, as a number":  {microsoft, map[string]any{"xms_edov": 1}, "eva@contoso.example", ""},
		"Microsoft: verified, as a text":    {microsoft, map[string]any{"xms_edov": "1"}, "eva@contoso.example", ""},
		"Microsoft: not verified":           {microsoft, map[string]any{"xms_edov": false}, "", Unverified},
		"Microsoft: not verified, a number": {microsoft, map[string]any{"xms_edov": 0}, "", Unverified},
		"Microsoft: not verified, a text":   {microsoft, map[string]any{"xms_edov": "false"}, "", Unverified},
		"Microsoft: says nothing":           {microsoft, map[string]any{"xms_edov": nil}, "", Unverified},
		"Microsoft: a claim of another":     {microsoft, map[string]any{"xms_edov": nil, "email_verified": true}, "", Unverified},
		"Microsoft: a stranger's address":   {microsoft, map[string]any{"xms_edov": nil, "email": "admin@victim.example"}, "", Unverified},
		"Microsoft: no address":             {microsoft, map[string]any{"email": nil}, "", Untold},
		"Microsoft: no address, verified":   {microsoft, map[string]any{"email": ""}, "", Untold},
		"two addresses in one":              {microsoft, map[string]any{"email": "a@b.example,eva@contoso.example"}, "", Untold},
		"no domain":                         {microsoft, map[string]any{"email": "eva@"}, "", Untold},
		"a character that does not show":    {microsoft, map[string]any{"email": "eva\u200b@contoso.example"}, "", Untold},
		"too long":                          {microsoft, map[string]any{"email": strings.Repeat("e", 250) + "@contoso.example"}, "", Untold},
	} {
		person := ana
		if c.world == microsoft {
			person = eva
		}
		c.world.idp.SignIn(person(c.changed))
		who := c.world.signedIn()
		if who.Address != c.want || who.Doubt != c.doubt {
			t.Errorf("%s: %q, %q, want %q, %q", name, who.Address, who.Doubt, c.want, c.doubt)
		}
		if (who.Address == "") == (who.Doubt == "") || who.Doubt != "" && who.Doubt.Sentence("Google") == "" {
			t.Errorf("%s: %+v has no doubt, or no sentence", name, who)
		}
	}
}

func TestLOG4_AnAddressThatChangesIsTheSamePerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		world  *world
		before func(*world)
		after  func(*world)
		same   bool
	}{
		"Google: another address":       {newGoogle(t), nil, func(w *world) { w.idp.SignIn(ana(map[string]any{"email": "ana.perez@acme.example", "name": "Ana"})) }, true},
		"Microsoft: another address":    {newMicrosoft(t), nil, func(w *world) { w.idp.SignIn(eva(map[string]any{"email": "eva@victim.example"})) }, true},
		"Microsoft: another sub":        {newMicrosoft(t), nil, func(w *world) { p := eva(nil); p.Subject = "other"; w.idp.SignIn(p) }, true},
		"Google: the address is reused": {newGoogle(t), nil, func(w *world) { p := ana(nil); p.Subject = "2"; w.idp.SignIn(p) }, false},
		"Microsoft: another tenant":     {newMicrosoft(t), nil, func(w *world) { p := eva(map[string]any{"tid": other}); p.Tenant = other; w.idp.SignIn(p) }, false},
	} {
		before := c.world.signedIn()
		c.after(c.world)
		after := c.world.signedIn()
		if (before.Key() == after.Key()) != c.same {
			t.Errorf("%s: %+v and %+v", name, before, after)
		}
	}
}

func TestAKeyDependsOnAllThatIdentifies(t *testing.T) {
	t.Parallel()
	seen := map[string]Identity{}
	for _, who := range []Identity{
		{Provider: "a", Issuer: "b", Subject: "c"}, {Provider: "a", Issuer: "c", Subject: "b"}, {Provider: "ab", Issuer: "", Subject: "c"},
		{Provider: "a", Issuer: "bc"}, {Provider: "b", Issuer: "b", Subject: "c"},
	} {
		if twin, twice := seen[who.Key()]; twice || len(who.Key()) != 43 {
			t.Errorf("%+v and %+v: %s", who, twin, who.Key())
		}
		seen[who.Key()] = who
	}
	if (Identity{Provider: "a", Address: "x"}).Key() != (Identity{Provider: "a", Address: "y", Tenant: "z"}).Key() {
		t.Error("what changes is part of the key")
	}
}

func TestAFlagIsTrueInKnownWordsOnly(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{`true`: true, `1`: true, `"1"`: true, `"true"`: true, `"True"`: true,
		`false`: false, `0`: false, `2`: false, `"0"`: false, `""`: false, `null`: false, `[true]`: false, `{"a":true}`: false, `"yes"`: false} {
		var f flag
		if err := json.Unmarshal([]byte(raw), &f); err != nil || bool(f) != want {
			t.Errorf("%s: %t, %v", raw, f, err)
		}
	}
}

func TestANameIsShownWhereItCanBe(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]string{"Ana Pérez": "Ana Pérez", " Ana ": "Ana", "Ana\nPérez": "", "Ana\u202e": "", strings.Repeat("a", 201): ""} {
		if got := shown(told); got != want {
			t.Errorf("%q: %q", told, got)
		}
	}
}
