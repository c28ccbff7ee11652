package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantry/tenantry/infra/local/trace"
)

// The stack's own headers, for tests. Functions never see those of a request.
const (
	faultHeader   = "X-Local-Fault"   // of a request: <kind>@<n>[x<times>], more of them after commas
	sourceHeader  = "X-Local-Source"  // of a request: the address that it shall come from
	requestHeader = "X-Local-Request" // of an answer: the request id, under which the trace is found
	callsHeader   = "X-Local-Calls"   // of an answer: how many calls the function made to services
)

// kinds are the faults that can be asked for.
var kinds = []string{trace.Throttle, trace.Conflict, trace.TimeoutBefore, trace.TimeoutAfter, trace.Hold, trace.Kill, trace.KillAfter}

// unhook returns the request as it would be without the stack's own headers, from the address that they give, and the
// faults that they ask for. It fails on a header that it cannot read: a test that asks in vain would prove nothing.
func unhook(r *http.Request) (*http.Request, []trace.Fault, error) {
	faults, err := Faults(r)
	if err != nil {
		return nil, nil, err
	}
	clean := r.Clone(r.Context())
	if source := r.Header.Get(sourceHeader); source != "" {
		address, err := netip.ParseAddr(source)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %q is not an IP address", sourceHeader, source)
		}
		clean.RemoteAddr = net.JoinHostPort(address.String(), "0")
	}
	for name := range clean.Header {
		if strings.HasPrefix(name, "X-Local-") {
			clean.Header.Del(name)
		}
	}
	return clean, faults, nil
}

// Faults are those that a request asks for.
func Faults(r *http.Request) ([]trace.Fault, error) { return parseFaults(r.Header.Get(faultHeader)) }

// parseFaults reads X-Local-Fault, such as "conflict@2x3,kill@7".
func parseFaults(header string) ([]trace.Fault, error) {
	if header == "" {
		return nil, nil
	}
	var faults []trace.Fault
	for text := range strings.SplitSeq(header, ",") {
		fault, ok := parseFault(strings.TrimSpace(text))
		if !ok {
			return nil, fmt.Errorf("%s: %q is not <kind>@<n>[x<times>] with a kind of %s", faultHeader, text, strings.Join(kinds, ", "))
		}
		faults = append(faults, fault)
	}
	return faults, nil
}

func parseFault(text string) (trace.Fault, bool) {
	kind, place, ok := strings.Cut(text, "@")
	at, times, repeated := strings.Cut(place, "x")
	if !repeated {
		times = "1"
	}
	n, err := strconv.Atoi(at)
	m, err2 := strconv.Atoi(times)
	if !ok || !slices.Contains(kinds, kind) || err != nil || err2 != nil || n < 1 || m < 1 {
		return trace.Fault{}, false
	}
	return trace.Fault{Kind: kind, At: n, Times: m}, true
}
