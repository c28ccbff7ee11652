package domainproof_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/tenantry/tenantry/shared/domainproof"
)

func TestDOM4_TheResolverReadsWhatDNSHolds(t *testing.T) {
	t.Parallel()
	z := newZone(t,
		`plain.example. TXT "one"`, `plain.example. TXT "two"`, `plain.example. A 192.0.2.1`,
		`split.example. TXT "tenantry-" "verification=" "abc"`,
		`escaped.example. TXT "a\"b\\c\007\255"`,
		`above.below.example. TXT "x"`,
		`alias.example. CNAME there.example.`, `there.example. CNAME end.example.`, `end.example. TXT "end"`,
		`lost.example. CNAME nowhere.example.`,
		`mail.example. MX 10 mx.example.`,
		`UPPER.example. TXT "CaSe"`)
	for i := range 260 { // as large companies have them at the domain itself
		z.add(t, fmt.Sprintf(`many.example. TXT "%03d %s"`, i, strings.Repeat("x", 200)))
	}
	c := domainproof.NewClient(z.Addr)
	many, err := c.TXT(t.Context(), "many.example")
	slices.Sort(many.Values)
	if err != nil || len(many.Values) != 260 || len(many.Values[259]) != 204 {
		t.Errorf("an answer that fits no packet: %d values, %v", len(many.Values), err)
	}
	for host, want := range map[string]domainproof.Answer{
		"plain.example":                       {Exists: true, Values: []string{"one", "two"}},
		"Plain.Example.":                      {Exists: true, Values: []string{"one", "two"}},
		"split.example":                       {Exists: true, Values: []string{"tenantry-verification=abc"}},
		"escaped.example":                     {Exists: true, Values: []string{"a\"b\\c\a\xff"}},
		"below.example":                       {Exists: true},
		"mail.example":                        {Exists: true},
		"nothing.example":                     {},
		"alias.example":                       {Exists: true, Values: []string{"end"}, Alias: "end.example"},
		"lost.example":                        {Alias: "nowhere.example"},
		"upper.example":                       {Exists: true, Values: []string{"CaSe"}},
		strings.Repeat("a.", 127) + "example": {},
		strings.Repeat("a", 64) + ".example":  {},
	} {
		got, err := c.TXT(t.Context(), host)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", host, err, diff)
		}
	}
}

func TestDOM4_TheResolverFollowsAliasesThatAServerLeavesToIt(t *testing.T) {
	t.Parallel()
	z := newZone(t, `a.example. CNAME b.example.`, `b.example. CNAME c.example.`, `c.example. TXT "here"`, `lost.example. CNAME nowhere.example.`)
	z.follow(false)
	c := domainproof.NewClient(z.Addr)
	for host, want := range map[string]domainproof.Answer{
		"a.example":    {Exists: true, Values: []string{"here"}, Alias: "c.example"},
		"lost.example": {Alias: "nowhere.example"},
	} {
		got, err := c.TXT(t.Context(), host)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", host, err, diff)
		}
	}
}

func TestDOM4_TheResolverRefusesCirclesAndEndlessAliases(t *testing.T) {
	t.Parallel()
	for _, chases := range []bool{true, false} {
		z := newZone(t, `self.example. CNAME self.example.`, `a.example. CNAME b.example.`, `b.example. CNAME a.example.`)
		for i := range 30 {
			z.add(t, fmt.Sprintf("n%d.example. CNAME n%d.example.", i, i+1))
		}
		z.follow(chases)
		c := domainproof.NewClient(z.Addr)
		for _, host := range []string{"self.example", "a.example", "n0.example"} {
			if got, err := c.TXT(t.Context(), host); kind(err) != domainproof.AliasLoops {
				t.Errorf("%s (chased: %v): %+v, %v", host, chases, got, err)
			}
		}
		if asked := z.times("n0.example") + z.times("n20.example"); asked > 1 {
			t.Errorf("asked %d times", asked)
		}
		if got, err := c.TXT(t.Context(), "n25.example"); err != nil || got.Alias != "n30.example" {
			t.Errorf("a chain within the bound: %+v, %v", got, err)
		}
	}
}

func kind(err error) domainproof.FailureKind {
	var failure *domainproof.Failure
	if errors.As(err, &failure) {
		return failure.Kind
	}
	return ""
}

func TestDOM7_AResolversFailureIsNoAnswer(t *testing.T) {
	t.Parallel()
	z := newZone(t)
	z.instead("servfail.example", code(dns.RcodeServerFailure))
	z.instead("refused.example", code(dns.RcodeRefused))
	z.instead("notimp.example", code(dns.RcodeNotImplemented))
	z.instead("other.example", func(w dns.ResponseWriter, question *dns.Msg) {
		reply := new(dns.Msg).SetReply(question)
		reply.Question[0].Name = "else.example."
		w.WriteMsg(reply)
	})
	z.instead("query.example", func(w dns.ResponseWriter, question *dns.Msg) {
		echo := question.Copy()
		w.WriteMsg(echo)
	})
	z.instead("garbage.example", func(w dns.ResponseWriter, question *dns.Msg) {
		packed, _ := question.Pack()
		w.Write(append(packed[:12], 0xff, 0xff, 0xff))
	})
	z.instead("silent.example", silence)
	c := domainproof.NewClient(z.Addr)
	for host, want := range map[string]domainproof.FailureKind{
		"servfail.example": domainproof.ServerFailed, "refused.example": domainproof.ServerFailed, "notimp.example": domainproof.ServerFailed,
		"other.example": domainproof.AnswerUnclear, "query.example": domainproof.AnswerUnclear, "garbage.example": domainproof.AnswerUnclear,
	} {
		if got, err := c.TXT(t.Context(), host); kind(err) != want {
			t.Errorf("%s: %+v, %v, not %s", host, got, err, want)
		}
	}
	if n := z.times("servfail.example"); n != 1 {
		t.Errorf("a server that said no was asked %d times", n)
	}
	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := c.TXT(brief, "silent.example"); kind(err) != domainproof.TimedOut {
		t.Errorf("silence: %+v, %v", got, err)
	}
	if got, err := domainproof.NewClient("127.0.0.1:1").TXT(t.Context(), "x.example"); err == nil {
		t.Errorf("no server: %+v", got)
	}
}

func TestDOM7_ALostPacketIsAskedForAgain(t *testing.T) {
	t.Parallel()
	z := newZone(t)
	lost := false
	z.instead("flaky.example", func(w dns.ResponseWriter, question *dns.Msg) {
		if !lost {
			lost = true
			return
		}
		code(dns.RcodeNameError)(w, question)
	})
	if got, err := domainproof.NewClient(z.Addr).TXT(t.Context(), "flaky.example"); err != nil || got.Exists {
		t.Errorf("%+v, %v", got, err)
	}
}
