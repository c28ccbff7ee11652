package domainproof

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/domainname"
)

// Slip is the likely mistake behind a record that was not found; its words are stable.
type Slip string

// The slips.
const (
	QuotesPasted  Slip = "quotes-pasted"   // the value stands in quotes that are part of it
	OtherToken    Slip = "other-token"     // the value of an earlier registration, or of another organization's
	ValueAltered  Slip = "value-altered"   // something before, after, or other than in the value
	OtherValue    Slip = "other-value"     // other TXT records, none like ours
	HostDoubled   Slip = "host-doubled"    // the DNS console put the domain behind a name that ended in it already
	OtherHost     Slip = "other-host"      // the record stands at another name
	AliasWithout  Slip = "alias-without"   // the name is a CNAME, and there is no record where it leads
	NoHost        Slip = "no-host"         // the challenge host does not exist
	NoDomain      Slip = "no-domain"       // neither does the domain
	NoRecord      Slip = "no-record"       // the name exists, and has no TXT record
	ResolverFails Slip = "resolver-failed" // SERVFAIL and the like: nothing can be said
	NoAnswer      Slip = "no-answer"       // no answer in time: nothing can be said
)

// Finding is a look in words.
type Finding struct {
	Outcome Outcome
	Slip    Slip   // empty with Found
	Hint    string // what is likely wrong and what to do, a sentence or two for people; empty with Found
	Seen    []Seen // what was found, ours or not
}

// Seen is a TXT record that was found, at most mostSeen of them, the value cut to longestSeen bytes.
type Seen struct{ Host, Value string }

const (
	mostSeen    = 10
	longestSeen = 255
)

// Explain says what a look found and what is likely wrong. Where the record is in neither place, it looks for it at the names
// where such records end up by mistake.
func Explain(ctx context.Context, r Resolver, l Look) Finding {
	f := Finding{Outcome: l.Outcome(), Seen: seen(l.Sights)}
	switch f.Outcome {
	case Failed:
		f.Slip, f.Hint = l.explainFailure()
	case NotFound:
		if f.Slip, f.Hint = l.explainValues(); f.Slip != "" && f.Slip != OtherValue {
			return f
		}
		strays := seeAll(ctx, r, l.strayHosts())
		if slip, hint := l.explainStrays(strays); slip != "" {
			f.Slip, f.Hint = slip, hint
			f.Seen = append(seen(strays), f.Seen...)
			f.Seen = f.Seen[:min(len(f.Seen), mostSeen)]
		}
		if f.Slip == "" {
			f.Slip, f.Hint = l.explainNothing()
		}
	}
	return f
}

// Note is Explain without a further look, for those whom nobody waits for.
func Note(l Look) Finding {
	f := Finding{Outcome: l.Outcome(), Seen: seen(l.Sights)}
	switch f.Outcome {
	case Failed:
		f.Slip, f.Hint = l.explainFailure()
	case NotFound:
		if f.Slip, f.Hint = l.explainValues(); f.Slip == "" {
			f.Slip, f.Hint = l.explainNothing()
		}
	}
	return f
}

func seen(sights []Sight) []Seen {
	list := []Seen{}
	for _, sight := range sights {
		for _, one := range sight.Values {
			if len(list) < mostSeen {
				list = append(list, Seen{Host: sight.Host, Value: readable(one)})
			}
		}
	}
	return list
}

// readable bounds what a stranger's DNS holds to what can be shown.
func readable(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), longestSeen)], "\uFFFD")
}

func (l Look) explainFailure() (Slip, string) {
	for _, sight := range l.Sights {
		switch {
		case sight.Failure == nil:
		case sight.Failure.Kind == TimedOut:
			return NoAnswer, fmt.Sprintf("The name servers of %s did not answer in time, so nothing can be said about the record. Try again in some minutes; if it stays so, look at the domain's name servers.", l.Name)
		case sight.Failure.Kind == AliasLoops:
			return ResolverFails, fmt.Sprintf("The CNAME records of %s lead in a circle, so nothing can be found there. Correct them, then try again.", sight.Host)
		default:
			return ResolverFails, fmt.Sprintf("The name servers of %s failed to answer (SERVFAIL or alike), so nothing can be said about the record. Try again in some minutes; if it stays so, look at the domain's name servers and its DNSSEC.", l.Name)
		}
	}
	return "", ""
}

// explainValues explains by the records that stand where ours should.
func (l Look) explainValues() (Slip, string) {
	wanted, any := value(l.Token), Sight{}
	for _, sight := range l.Sights {
		for _, one := range sight.Values {
			plain := strings.TrimSpace(one)
			switch {
			case unquoted(plain) == wanted:
				return QuotesPasted, fmt.Sprintf("The record at %s has quotes as a part of its value. Enter the value without quotes: the DNS console adds what it needs.", sight.Host)
			case strings.HasPrefix(plain, prefix) && len(plain) == len(wanted) && !strings.EqualFold(plain, wanted):
				return OtherToken, fmt.Sprintf("The record at %s has the value of another registration, an earlier one or another organization's. Replace it with the value shown here.", sight.Host)
			case strings.Contains(strings.ToLower(plain), l.Token), strings.HasPrefix(unquoted(plain), prefix):
				return ValueAltered, fmt.Sprintf("The record at %s is not quite the value shown here: something is missing, or stands before or after it. Copy the value whole, and nothing else.", sight.Host)
			}
		}
		if len(sight.Values) > 0 && any.Host == "" {
			any = sight
		}
	}
	if any.Host == "" || any.Host != ChallengeHost(l.Name) {
		return "", "" // the domain itself has TXT records of all kinds, which say nothing
	}
	return OtherValue, fmt.Sprintf("There is a TXT record at %s, and it has another value. Add one with the value shown here; the other may stay.", any.Host)
}

// unquoted is a text without the quotes around it, of whatever kind.
func unquoted(text string) string {
	return strings.Trim(text, "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb\\ ")
}

// strayHosts are names where the record ends up by mistake.
func (l Look) strayHosts() []string {
	zone := domainname.Registrable(l.Name)
	hosts := []string{challenge + l.Name + "." + l.Name, challenge + l.Name + "." + zone, l.Name + "." + l.Name,
		strings.TrimPrefix(challenge, "_") + l.Name, "_tenantry_challenge." + l.Name, challenge + "www." + l.Name, "www." + l.Name,
		challenge + zone, zone}
	var fitting []string
	for _, host := range hosts {
		if host != l.Name && host != challenge+l.Name && len(host) <= domainname.Longest && !slices.Contains(fitting, host) {
			fitting = append(fitting, host)
		}
	}
	return fitting
}

func (l Look) explainStrays(strays []Sight) (Slip, string) {
	for _, sight := range strays {
		if !slices.ContainsFunc(sight.Values, func(one string) bool { return unquoted(one) == value(l.Token) }) {
			continue
		}
		if strings.HasPrefix(sight.Host, challenge+l.Name+".") || sight.Host == l.Name+"."+l.Name {
			return HostDoubled, fmt.Sprintf("The record stands at %s: the DNS console puts the domain behind what is entered. Enter the host without the domain, such as %s.", sight.Host, shortHost(l.Name))
		}
		return OtherHost, fmt.Sprintf("The record stands at %s. Move it to %s.", sight.Host, ChallengeHost(l.Name))
	}
	return "", ""
}

// shortHost is the host as consoles want it that put the registered domain behind it.
func shortHost(name string) string {
	return strings.TrimSuffix(ChallengeHost(name), "."+domainname.Registrable(name))
}

// explainNothing explains where there is no TXT record of ours or alike anywhere.
func (l Look) explainNothing() (Slip, string) {
	first, last := l.Sights[0], l.Sights[len(l.Sights)-1]
	switch {
	case first.Alias != "":
		return AliasWithout, fmt.Sprintf("%s is a CNAME of %s, and the record is not there. Make it there, or replace the CNAME with the record.", first.Host, first.Alias)
	case !last.Exists && !first.Exists:
		return NoDomain, fmt.Sprintf("DNS does not know %s at all (NXDOMAIN). Look whether the name is right, and whether its name servers are set at the registrar. A new record can take an hour to be seen.", l.Name)
	case !first.Exists:
		return NoHost, fmt.Sprintf("There is nothing at %s yet (NXDOMAIN). Make the record, or wait: a new one can take an hour to be seen.", first.Host)
	}
	return NoRecord, fmt.Sprintf("%s exists, and has no TXT record. Make the record, or wait: a new one can take an hour to be seen.", first.Host)
}
