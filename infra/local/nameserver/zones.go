package nameserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Value is one record of a name and type: the strings of a TXT record, or the one text of any other, as zone files have it
// behind the type. In JSON it is a text or a list of texts.
type Value []string

// UnmarshalJSON reads a text or a list of texts.
func (v *Value) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*v = Value{one}
		return nil
	}
	var several []string
	if err := json.Unmarshal(text, &several); err != nil {
		return errors.New("a value is a text, or a list of texts for a TXT record of several strings")
	}
	*v = several
	return nil
}

// MarshalJSON writes a value of one text as that text.
func (v Value) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// Failure is how a name fails.
type Failure string

// The failures; the empty one is none.
const (
	ServFail Failure = "servfail"
	Timeout  Failure = "timeout"
)

// timeToLive is that of all records, in seconds.
const timeToLive = 60

// longestText is how long one string of a TXT record is (RFC 1035, section 3.3).
const longestText = 255

// entry is one change of what the server knows: of the records of a name and type (no values take them away), or, where
// Failing is set, of the failure of a name.
type entry struct {
	Name    string  `json:"name"`
	Type    string  `json:"type,omitempty"`
	Values  []Value `json:"values,omitempty"`
	Failing bool    `json:"failing,omitempty"`
	Failure Failure `json:"failure,omitempty"`
}

// zones are all records and failures, by name in canonical form.
type zones struct {
	records  map[string]map[string][]Value // by name and type
	below    map[string]int                // how many names with records are below a name
	failures map[string]Failure
}

func newZones() zones {
	return zones{records: map[string]map[string][]Value{}, below: map[string]int{}, failures: map[string]Failure{}}
}

// canonical is the form in which names are compared: in lower case, with a dot at the end.
func canonical(name string) string { return dns.CanonicalName(name) }

func (z *zones) apply(e entry) {
	name := canonical(e.Name)
	switch {
	case e.Failing && e.Failure == "":
		delete(z.failures, name)
	case e.Failing:
		z.failures[name] = e.Failure
	case len(e.Values) > 0:
		if z.records[name] == nil {
			z.records[name] = map[string][]Value{}
			z.countAbove(name, +1)
		}
		z.records[name][e.Type] = e.Values
	case z.records[name] != nil:
		if delete(z.records[name], e.Type); len(z.records[name]) == 0 {
			delete(z.records, name)
			z.countAbove(name, -1)
		}
	}
}

func (z *zones) countAbove(name string, n int) {
	for above := range above(name) {
		if z.below[above] += n; z.below[above] == 0 {
			delete(z.below, above)
		}
	}
}

// above are the names above a name, the nearest first.
func above(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			_, rest, found := strings.Cut(name, ".")
			if !found || rest == "" || !yield(rest) {
				return
			}
			name = rest
		}
	}
}

// exists tells whether the name has records, or names below it do (RFC 8020).
func (z *zones) exists(name string) bool { return len(z.records[name]) > 0 || z.below[name] > 0 }

// failing is the failure of a name: its own, or that of a name above, as all of a zone fails with its servers.
func (z *zones) failing(name string) Failure {
	if failure := z.failures[name]; failure != "" {
		return failure
	}
	for above := range above(name) {
		if failure := z.failures[above]; failure != "" {
			return failure
		}
	}
	return ""
}

// of are the records of a type at a name.
func (z *zones) of(name string, kind uint16) []dns.RR {
	var records []dns.RR
	for _, value := range z.records[name][dns.TypeToString[kind]] {
		if record, err := parse(name, dns.TypeToString[kind], value); err == nil { // it was, when it was set
			records = append(records, record)
		}
	}
	return records
}

// parse makes a record of a value.
func parse(name, kind string, value Value) (dns.RR, error) {
	if kind == "TXT" {
		return &dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: timeToLive}, Txt: texts(value)}, nil
	}
	if len(value) != 1 {
		return nil, fmt.Errorf("a record of type %s has one text", kind)
	}
	text := value[0]
	if kind == "CNAME" {
		text = canonical(text)
	}
	record, err := dns.NewRR(fmt.Sprintf("%s %d IN %s %s", name, timeToLive, kind, text))
	if err != nil || record == nil {
		return nil, fmt.Errorf("%q is no value of type %s", value[0], kind)
	}
	return record, nil
}

// texts are the strings of a TXT record as the library takes them, each of at most longestText bytes.
func texts(value Value) []string {
	strs := []string{}
	for _, text := range value {
		for piece := range slices.Chunk([]byte(text), longestText) {
			strs = append(strs, strings.ReplaceAll(string(piece), `\`, `\\`))
		}
		if text == "" {
			strs = append(strs, "")
		}
	}
	return strs
}
