package domainproof_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/tenantry/tenantry/shared/domainproof"
)

func TestDOM3_TheRecordIsExact(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	record := domainproof.RecordOf("acme.com", token)
	if record != (domainproof.Record{Type: "TXT", Host: "_tenantry-challenge.acme.com", Value: "tenantry-verification=" + token, TTL: 300}) {
		t.Errorf("%+v", record)
	}
	if again := domainproof.NewToken(); again == token || len(token) != 32 || strings.ToLower(token) != token {
		t.Errorf("tokens %s, %s", token, again)
	}
	if long := strings.Repeat("a.", 120) + "example"; domainproof.RecordOf(long, token).Host != long {
		t.Errorf("the host of a long name is longer than DNS takes")
	}
}

// patience is how long a look may take at a server that answers, on a machine with much else to do.
const patience = time.Minute

// found makes a look at what a zone holds for acme.com.
func found(t *testing.T, name, token string, z *zone, within time.Duration) (domainproof.Look, domainproof.Finding) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	c := domainproof.NewClient(z.Addr)
	look := domainproof.LookUp(ctx, c, name, token)
	if around := domainproof.LookAround(ctx, c, name, token); around.Outcome() != look.Outcome() {
		t.Errorf("one look finds %s, the other %s", look.Outcome(), around.Outcome())
	}
	return look, domainproof.Explain(ctx, c, domainproof.LookAround(ctx, c, name, token))
}

func TestDOM4_TheRecordIsFoundWhereverItMayStand(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	for name, records := range map[string][]string{
		"at the challenge host":                              {`_tenantry-challenge.acme.com. TXT "tenantry-verification=%s"`},
		"at the domain itself":                               {`acme.com. TXT "tenantry-verification=%s"`},
		"in split strings":                                   {`_tenantry-challenge.acme.com. TXT "tenantry-verif" "ication=%s"`},
		"behind a CNAME":                                     {`_tenantry-challenge.acme.com. CNAME acme.challenges.example.`, `acme.challenges.example. TXT "tenantry-verification=%s"`},
		"with space around it":                               {`_tenantry-challenge.acme.com. TXT " tenantry-verification=%s "`},
		"beside an old value":                                {`_tenantry-challenge.acme.com. TXT "tenantry-verification=old"`, `_tenantry-challenge.acme.com. TXT "tenantry-verification=%s"`},
		"among others of the domain":                         {`acme.com. TXT "v=spf1 -all"`, `acme.com. TXT "tenantry-verification=%s"`, `acme.com. TXT "ms=123"`},
		"at the domain, another value at the challenge host": {`_tenantry-challenge.acme.com. TXT "x"`, `acme.com. TXT "tenantry-verification=%s"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := newZone(t)
			for _, record := range records {
				if strings.Contains(record, "%s") {
					record = fmt.Sprintf(record, token)
				}
				z.add(t, record)
			}
			if look, finding := found(t, "acme.com", token, z, patience); look.Outcome() != domainproof.Found || finding.Slip != "" || finding.Hint != "" {
				t.Errorf("%+v", finding)
			}
		})
	}
}

func TestDOM4_AMissSaysWhatWasFoundAndTheLikelySlip(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	right := "tenantry-verification=" + token
	other := "tenantry-verification=" + domainproof.NewToken()
	for _, c := range []struct {
		name    string
		records []string
		slip    domainproof.Slip
		says    string // in the hint
		seen    string // host and value of the first record seen
	}{
		{"quotes", []string{`_tenantry-challenge.acme.com. TXT "\"` + right + `\""`}, domainproof.QuotesPasted, "without quotes", `_tenantry-challenge.acme.com "` + right + `"`},
		{"curly quotes", []string{`_tenantry-challenge.acme.com. TXT "“` + right + `”"`}, domainproof.QuotesPasted, "without quotes", ""},
		{"quotes at the domain", []string{`acme.com. TXT "'` + right + `'"`}, domainproof.QuotesPasted, "at acme.com", ""},
		{"old token", []string{`_tenantry-challenge.acme.com. TXT "` + other + `"`}, domainproof.OtherToken, "another registration", "_tenantry-challenge.acme.com " + other},
		{"old token at the domain", []string{`acme.com. TXT "` + other + `"`}, domainproof.OtherToken, "at acme.com", "acme.com " + other},
		{"token alone", []string{`_tenantry-challenge.acme.com. TXT "` + token + `"`}, domainproof.ValueAltered, "not quite", ""},
		{"host pasted along", []string{`_tenantry-challenge.acme.com. TXT "_tenantry-challenge.acme.com TXT ` + right + `"`}, domainproof.ValueAltered, "not quite", ""},
		{"cut off", []string{`_tenantry-challenge.acme.com. TXT "` + right[:40] + `"`}, domainproof.ValueAltered, "missing", ""},
		{"upper case", []string{`_tenantry-challenge.acme.com. TXT "` + strings.ToUpper(right) + `"`}, domainproof.ValueAltered, "not quite", ""},
		{"another value", []string{`_tenantry-challenge.acme.com. TXT "hello"`}, domainproof.OtherValue, "another value", "_tenantry-challenge.acme.com hello"},
		{"doubled", []string{`_tenantry-challenge.acme.com.acme.com. TXT "` + right + `"`}, domainproof.HostDoubled, "Enter the host without the domain, such as _tenantry-challenge.", "_tenantry-challenge.acme.com.acme.com " + right},
		{"doubled with quotes", []string{`_tenantry-challenge.acme.com.acme.com. TXT "\"` + right + `\""`}, domainproof.HostDoubled, "without the domain", ""},
		{"domain doubled", []string{`acme.com.acme.com. TXT "` + right + `"`}, domainproof.HostDoubled, "acme.com.acme.com", ""},
		{"doubled, with another value at the host", []string{`_tenantry-challenge.acme.com. TXT "hello"`, `_tenantry-challenge.acme.com.acme.com. TXT "` + right + `"`}, domainproof.HostDoubled, "without", ""},
		{"at www", []string{`www.acme.com. TXT "` + right + `"`}, domainproof.OtherHost, "stands at www.acme.com. Move it to _tenantry-challenge.acme.com.", "www.acme.com " + right},
		{"without the underscore", []string{`tenantry-challenge.acme.com. TXT "` + right + `"`}, domainproof.OtherHost, "stands at tenantry-challenge.acme.com", ""},
		{"alias", []string{`_tenantry-challenge.acme.com. CNAME x.example.`, `x.example. A 192.0.2.1`}, domainproof.AliasWithout, "CNAME of x.example", ""},
		{"alias to nowhere", []string{`acme.com. A 192.0.2.1`, `_tenantry-challenge.acme.com. CNAME nowhere.example.`}, domainproof.AliasWithout, "CNAME of nowhere.example", ""},
		{"nothing at the host", []string{`acme.com. TXT "v=spf1 -all"`}, domainproof.NoHost, "nothing at _tenantry-challenge.acme.com", "acme.com v=spf1 -all"},
		{"no such domain", nil, domainproof.NoDomain, "does not know acme.com at all (NXDOMAIN)", ""},
		{"no TXT", []string{`_tenantry-challenge.acme.com. A 192.0.2.1`}, domainproof.NoRecord, "has no TXT record", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			look, finding := found(t, "acme.com", token, newZone(t, c.records...), patience)
			if look.Outcome() != domainproof.NotFound || finding.Slip != c.slip || !strings.Contains(finding.Hint, c.says) {
				t.Errorf("%+v", finding)
			}
			if c.seen != "" && (len(finding.Seen) == 0 || finding.Seen[0].Host+" "+finding.Seen[0].Value != c.seen) {
				t.Errorf("saw %+v", finding.Seen)
			}
			if noted := domainproof.Note(look); noted.Outcome != domainproof.NotFound || noted.Slip == "" || noted.Hint == "" {
				t.Errorf("noted %+v", noted)
			}
		})
	}
}

func TestDOM4_ASubdomainsRecordIsLookedForInItsZone(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	for host, slip := range map[string]domainproof.Slip{
		"_tenantry-challenge.acme.co.uk":                 domainproof.OtherHost,
		"acme.co.uk":                                     domainproof.OtherHost,
		"_tenantry-challenge.mail.acme.co.uk.acme.co.uk": domainproof.HostDoubled,
	} {
		_, finding := found(t, "mail.acme.co.uk", token, newZone(t, host+`. TXT "tenantry-verification=`+token+`"`), patience)
		if finding.Slip != slip {
			t.Errorf("%s: %+v", host, finding)
		}
		if slip == domainproof.HostDoubled && !strings.Contains(finding.Hint, "such as _tenantry-challenge.mail.") {
			t.Errorf("%s: %s", host, finding.Hint)
		}
	}
}

func TestDOM7_WhereANameCannotBeLookedUpNothingIsSaidOfTheRecord(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	for _, c := range []struct {
		name    string
		prepare func(z *zone)
		outcome domainproof.Outcome
		slip    domainproof.Slip
	}{
		{"SERVFAIL at the challenge host", func(z *zone) { z.instead("_tenantry-challenge.acme.com", code(dns.RcodeServerFailure)) }, domainproof.Failed, domainproof.ResolverFails},
		{"SERVFAIL at the domain", func(z *zone) { z.instead("acme.com", code(dns.RcodeServerFailure)) }, domainproof.Failed, domainproof.ResolverFails},
		{"silence at the challenge host", func(z *zone) { z.instead("_tenantry-challenge.acme.com", silence) }, domainproof.Failed, domainproof.NoAnswer},
		{"a circle", func(z *zone) { z.add(t, "_tenantry-challenge.acme.com. CNAME _tenantry-challenge.acme.com.") }, domainproof.Failed, domainproof.ResolverFails},
		{"the record there and SERVFAIL at the domain", func(z *zone) {
			z.add(t, `_tenantry-challenge.acme.com. TXT "tenantry-verification=`+token+`"`)
			z.instead("acme.com", code(dns.RcodeServerFailure))
		}, domainproof.Found, ""},
		{"the record at the domain and SERVFAIL at the challenge host", func(z *zone) {
			z.add(t, `acme.com. TXT "tenantry-verification=`+token+`"`)
			z.instead("_tenantry-challenge.acme.com", code(dns.RcodeServerFailure))
		}, domainproof.Found, ""},
		{"SERVFAIL where strays are looked for", func(z *zone) { z.instead("_tenantry-challenge.acme.com.acme.com", code(dns.RcodeServerFailure)) }, domainproof.NotFound, domainproof.NoDomain},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			z := newZone(t)
			c.prepare(z)
			within := patience
			if c.slip == domainproof.NoAnswer {
				within = time.Second
			}
			look, finding := found(t, "acme.com", token, z, within)
			if look.Outcome() != c.outcome || finding.Outcome != c.outcome || finding.Slip != c.slip || (finding.Hint == "") != (c.slip == "") {
				t.Errorf("%s: %+v", look.Outcome(), finding)
			}
			if noted := domainproof.Note(look); noted.Outcome != c.outcome || noted.Slip != c.slip {
				t.Errorf("noted %+v", noted)
			}
		})
	}
}

func TestDOM8_ARecordAtTheChallengeHostTakesOneQuestion(t *testing.T) {
	t.Parallel()
	token := domainproof.NewToken()
	z := newZone(t, `_tenantry-challenge.acme.com. TXT "tenantry-verification=`+token+`"`)
	domainproof.LookUp(t.Context(), domainproof.NewClient(z.Addr), "acme.com", token)
	if z.times("") != 1 || z.times("_tenantry-challenge.acme.com") != 1 {
		t.Errorf("asked %d questions", z.times(""))
	}
}

func TestDOM4_WhatIsSeenIsBounded(t *testing.T) {
	t.Parallel()
	z := newZone(t)
	for i := range 150 {
		z.add(t, fmt.Sprintf(`_tenantry-challenge.acme.com. TXT "%d %s" "%s"`, i, strings.Repeat("x", 150), strings.Repeat("\\255", 150)))
	}
	_, finding := found(t, "acme.com", domainproof.NewToken(), z, patience)
	if len(finding.Seen) != 10 || len(finding.Seen[0].Value) > 300 || !strings.HasSuffix(finding.Seen[0].Value, "\uFFFD") {
		t.Errorf("%d seen, %q", len(finding.Seen), finding.Seen[0].Value)
	}
}
