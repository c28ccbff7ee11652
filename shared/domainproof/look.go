package domainproof

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Outcome is what came out of looking for a record.
type Outcome string

// The outcomes. A resolver's failure is neither of the first two (DOM-7).
const (
	Found    Outcome = "found"
	NotFound Outcome = "not_found"
	Failed   Outcome = "failed"
)

// Look is a look at the two places where the record of a domain may stand: at the challenge host and at the domain itself.
type Look struct {
	Name, Token string
	Sights      []Sight // the challenge host's first; one only where that was enough
}

// Sight is what was seen at one name.
type Sight struct {
	Host string
	Answer
	Failure *Failure // nil where there was an answer
}

// LookUp looks for the record of the domain with that token: at the challenge host first, and at the domain itself only
// where it is not there.
func LookUp(ctx context.Context, r Resolver, name, token string) Look {
	look := Look{Name: name, Token: token, Sights: []Sight{see(ctx, r, ChallengeHost(name))}}
	if look.Outcome() != Found && ChallengeHost(name) != name {
		look.Sights = append(look.Sights, see(ctx, r, name))
	}
	return look
}

// LookAround looks at both places at the same time, whatever it finds at one of them: for whoever asks about more than one
// token, or will explain what was seen.
func LookAround(ctx context.Context, r Resolver, name, token string) Look {
	return Look{Name: name, Token: token, Sights: seeAll(ctx, r, slices.Compact([]string{ChallengeHost(name), name}))}
}

// Outcome says whether the record was there. Where it was not, and one of the names could not be looked up, it may be there.
func (l Look) Outcome() Outcome { return l.OutcomeFor(l.Token) }

// OutcomeFor is Outcome for another token of the same domain.
func (l Look) OutcomeFor(token string) Outcome {
	failed := false
	for _, sight := range l.Sights {
		if slices.ContainsFunc(sight.Values, func(seen string) bool { return strings.TrimSpace(seen) == value(token) }) {
			return Found
		}
		failed = failed || sight.Failure != nil
	}
	if failed {
		return Failed
	}
	return NotFound
}

func see(ctx context.Context, r Resolver, host string) Sight {
	answer, err := r.TXT(ctx, host)
	return Sight{Host: host, Answer: answer, Failure: failureOf(err, host)}
}

func seeAll(ctx context.Context, r Resolver, hosts []string) []Sight {
	sights := make([]Sight, len(hosts))
	var looking sync.WaitGroup
	for i, host := range hosts {
		looking.Go(func() { sights[i] = see(ctx, r, host) })
	}
	looking.Wait()
	return sights
}
