package nameserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func listening(t *testing.T, path string, records ...Records) *Server {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(records...); err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func txt(name string, values ...Value) Records {
	return Records{Name: name, Type: "TXT", Values: values}
}

// ask gives the code of an answer and its records as text without name and TTL.
func ask(t *testing.T, s *Server, network, name string, kind uint16) (code string, records []string) {
	t.Helper()
	c := dns.Client{Net: network, Timeout: time.Minute}
	reply, _, err := c.Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(name), kind), s.Address())
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range reply.Answer {
		records = append(records, strings.TrimPrefix(strings.ReplaceAll(record.String()[len(record.Header().String()):], "\t", " "), " "))
	}
	return dns.RcodeToString[reply.Rcode], records
}

func TestItAnswersWhatItWasTold(t *testing.T) {
	t.Parallel()
	s := listening(t, "",
		txt("_tenantry-challenge.acme.example", Value{"one"}, Value{"spl", "it"}, Value{`qu"o\te`}),
		txt("Long.Example.", Value{strings.Repeat("x", 300)}),
		Records{Name: "acme.example", Type: "A", Values: []Value{{"192.0.2.1"}}},
		Records{Name: "acme.example", Type: "mx", Values: []Value{{"10 mx.acme.example."}}},
		Records{Name: "alias.example", Type: "CNAME", Values: []Value{{"_tenantry-challenge.acme.example"}}},
		Records{Name: "lost.example", Type: "CNAME", Values: []Value{{"nowhere.example"}}},
		Records{Name: "a.example", Type: "CNAME", Values: []Value{{"b.example"}}},
		Records{Name: "b.example", Type: "CNAME", Values: []Value{{"a.example"}}},
	)
	for _, c := range []struct {
		name    string
		kind    uint16
		code    string
		records []string
	}{
		{"_TENANTRY-challenge.acme.example", dns.TypeTXT, "NOERROR", []string{`"one"`, `"spl" "it"`, `"qu\"o\\te"`}},
		{"long.example", dns.TypeTXT, "NOERROR", []string{`"` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 45) + `"`}},
		{"acme.example", dns.TypeTXT, "NOERROR", nil},
		{"acme.example", dns.TypeA, "NOERROR", []string{"192.0.2.1"}},
		{"acme.example", dns.TypeMX, "NOERROR", []string{"10 mx.acme.example."}},
		{"example", dns.TypeTXT, "NOERROR", nil},
		{"other.example", dns.TypeTXT, "NXDOMAIN", nil},
		{"x.acme.example", dns.TypeTXT, "NXDOMAIN", nil},
		{"alias.example", dns.TypeTXT, "NOERROR", []string{"_tenantry-challenge.acme.example.", `"one"`, `"spl" "it"`, `"qu\"o\\te"`}},
		{"alias.example", dns.TypeCNAME, "NOERROR", []string{"_tenantry-challenge.acme.example."}},
		{"lost.example", dns.TypeTXT, "NXDOMAIN", []string{"nowhere.example."}},
		{"a.example", dns.TypeTXT, "SERVFAIL", nil},
	} {
		for _, network := range []string{"udp", "tcp"} {
			if code, records := ask(t, s, network, c.name, c.kind); code != c.code || !slices.Equal(records, c.records) {
				t.Errorf("%s by %s: %s %q", c.name, network, code, records)
			}
		}
	}
	if n := s.Queries("Acme.Example"); n != 6 {
		t.Errorf("asked for %d times", n)
	}
	s.Forget()
	if n := s.Queries("acme.example"); n != 0 {
		t.Errorf("after Forget: %d", n)
	}
}

func TestWhatFitsNoPacketComesByTCP(t *testing.T) {
	t.Parallel()
	var values []Value
	for i := range 40 {
		values = append(values, Value{fmt.Sprint(i, strings.Repeat("x", 100))})
	}
	s := listening(t, "", txt("many.example", values...))
	question := new(dns.Msg).SetQuestion("many.example.", dns.TypeTXT)
	question.SetEdns0(1232, false)
	packed, _, err := new(dns.Client).Exchange(question, s.Address())
	if err != nil || !packed.Truncated || len(packed.Answer) > 11 {
		t.Errorf("%d records by UDP, truncated %v, %v", len(packed.Answer), packed.Truncated, err)
	}
	if _, records := ask(t, s, "tcp", "many.example", dns.TypeTXT); len(records) != 40 {
		t.Errorf("%d records by TCP", len(records))
	}
}

func TestItFailsAsItIsTold(t *testing.T) {
	t.Parallel()
	s := listening(t, "", txt("x.acme.example", Value{"one"}), Records{Name: "alias.example", Type: "CNAME", Values: []Value{{"x.acme.example"}}})
	if err := s.Fail("acme.example", ServFail); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"acme.example", "x.acme.example", "alias.example"} {
		if code, _ := ask(t, s, "udp", name, dns.TypeTXT); code != "SERVFAIL" {
			t.Errorf("%s: %s", name, code)
		}
	}
	if err := errors.Join(s.Fail("acme.example", ""), s.Fail("x.acme.example", Timeout)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (&dns.Client{Timeout: 50 * time.Millisecond}).Exchange(new(dns.Msg).SetQuestion("x.acme.example.", dns.TypeTXT), s.Address()); err == nil {
		t.Error("it answered")
	}
	if code, _ := ask(t, s, "udp", "acme.example", dns.TypeTXT); code != "NOERROR" {
		t.Errorf("healed: %s", code)
	}
	if err := s.Fail("acme.example", "sulk"); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestWhatItWasToldSurvives(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dns.jsonl")
	first, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(first.Set(txt("a.example", Value{"old"})), first.Set(txt("a.example", Value{"new"}, Value{"of", "two"}), txt("gone.example", Value{"x"})),
		first.Remove("gone.example", "txt"), first.Fail("a.example", Timeout), first.Fail("b.example", ServFail), first.Fail("b.example", ""))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"name": "cut.exa`) // as a stack that was killed leaves it
	file.Close()
	second, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Set(txt("later.example", Value{"x"})); err != nil {
		t.Fatal(err)
	}
	third, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Server{second, third} {
		if _, found := s.Get("later.example", "TXT"); !found {
			t.Error("what came behind a line that was cut off is lost")
		}
		s.Remove("later.example", "TXT")
	}
	want := Snapshot{Records: []Records{txt("a.example", Value{"new"}, Value{"of", "two"})}, Failures: map[string]Failure{"a.example": Timeout}, Queries: map[string]int{}}
	for _, s := range []*Server{first, second, third} {
		if diff := cmp.Diff(want, s.Snapshot()); diff != "" {
			t.Error(diff)
		}
	}
	if second.zones.exists("gone.example.") || !second.zones.exists("example.") {
		t.Error("names that are gone, or that names are below, are taken for what they are not")
	}
}

func TestWhatDNSCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	s := listening(t, "", Records{Name: "alias.example", Type: "CNAME", Values: []Value{{"x.example"}}}, txt("text.example", Value{"x"}))
	for _, wrong := range []Records{
		{Name: "a.example", Type: "NONE", Values: []Value{{"x"}}},
		{Name: "", Type: "TXT", Values: []Value{{"x"}}},
		{Name: strings.Repeat("a", 64) + ".example", Type: "TXT", Values: []Value{{"x"}}},
		{Name: "a.example", Type: "A", Values: []Value{{"not an address"}}},
		{Name: "a.example", Type: "A", Values: []Value{{"192.0.2.1", "192.0.2.2"}}},
		{Name: "a.example", Type: "TXT"},
		{Name: "text.example", Type: "CNAME", Values: []Value{{"x.example"}}},
		{Name: "alias.example", Type: "TXT", Values: []Value{{"x"}}},
		{Name: "b.example", Type: "CNAME", Values: []Value{{"x.example"}, {"y.example"}}},
	} {
		if err := s.Set(txt("fine.example", Value{"x"}), wrong); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if _, found := s.Get("fine.example", "TXT"); found {
		t.Error("a part of what was refused was kept")
	}
}

func TestAQuestionThatIsSentAgainCountsOnce(t *testing.T) {
	t.Parallel()
	s := listening(t, "")
	question := new(dns.Msg).SetQuestion("acme.example.", dns.TypeTXT)
	for range 2 {
		if _, err := dns.Exchange(question, s.Address()); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Queries("acme.example"); n != 1 {
		t.Errorf("counted %d times", n)
	}
	if _, err := dns.Exchange(new(dns.Msg).SetQuestion("acme.example.", dns.TypeTXT), s.Address()); err != nil || s.Queries("acme.example") != 2 {
		t.Errorf("another one: %v, counted %d times", err, s.Queries("acme.example"))
	}
}
