package domainproof_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/domainproof"
)

// records is a resolver that knows what it was told.
type records map[string][]string

func (r records) TXT(_ context.Context, host string) (domainproof.Answer, error) {
	values, exists := r[host]
	return domainproof.Answer{Exists: exists, Values: values}, nil
}

func Example() {
	ctx, resolver := context.Background(), records{"_tenantry-challenge.acme.com.acme.com": {"tenantry-verification=abc"}, "acme.com": nil}
	look := domainproof.LookUp(ctx, resolver, "acme.com", "abc")
	finding := domainproof.Explain(ctx, resolver, look)
	fmt.Println(finding.Outcome, finding.Slip)
	fmt.Println(finding.Hint)
	state, event := domainproof.State{}.After(finding.Outcome, time.Now(), domainproof.Policy{})
	fmt.Println(state.Verified, event == domainproof.Nothing)
	// Output:
	// not_found host-doubled
	// The record stands at _tenantry-challenge.acme.com.acme.com: the DNS console puts the domain behind what is entered. Enter the host without the domain, such as _tenantry-challenge.
	// false true
}
