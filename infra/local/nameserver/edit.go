package nameserver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// ErrInvalid says that a name, type, value or failure is none; it is wrapped in the sentence that tells which.
var ErrInvalid = errors.New("not something that DNS can hold")

// Records are those of one name and type.
type Records struct {
	Name   string  `json:"name"` // without a dot at the end
	Type   string  `json:"type"`
	Values []Value `json:"values"`
}

// Snapshot is all that the server knows, by name.
type Snapshot struct {
	Records  []Records          `json:"records"`
	Failures map[string]Failure `json:"failures"`
	Queries  map[string]int     `json:"queries"` // how often each name was asked for
}

// Set gives names their records of a type, in place of those they had. It errs with ErrInvalid and changes nothing where one of
// them is wrong: a CNAME stands alone at its name (RFC 1034, section 3.6.2).
func (s *Server) Set(all ...Records) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	entries := make([]entry, len(all))
	for i, one := range all {
		one.Type = strings.ToUpper(one.Type)
		if err := s.check(one); err != nil {
			return err
		}
		entries[i] = entry{Name: canonical(one.Name), Type: one.Type, Values: one.Values}
	}
	return s.keep(entries...)
}

func (s *Server) check(r Records) error {
	name := canonical(r.Name)
	if _, known := dns.StringToType[r.Type]; !known {
		return fmt.Errorf("%q is no type of records: %w", r.Type, ErrInvalid)
	}
	if labels, valid := dns.IsDomainName(name); !valid || labels == 0 || name == "." || len(name) > 254 {
		return fmt.Errorf("%q is no name: %w", r.Name, ErrInvalid)
	}
	if len(r.Values) == 0 {
		return fmt.Errorf("no values, where DELETE takes records away: %w", ErrInvalid)
	}
	for _, value := range r.Values {
		if _, err := parse(name, r.Type, value); err != nil {
			return fmt.Errorf("%s: %w: %w", r.Name, err, ErrInvalid)
		}
	}
	for kind := range s.zones.records[name] {
		if kind != r.Type && (kind == "CNAME" || r.Type == "CNAME") {
			return fmt.Errorf("%s has a record of type %s, and a CNAME stands alone: %w", r.Name, kind, ErrInvalid)
		}
	}
	if r.Type == "CNAME" && len(r.Values) > 1 {
		return fmt.Errorf("%s can have one CNAME: %w", r.Name, ErrInvalid)
	}
	return nil
}

// Remove takes the records of a name and type away.
func (s *Server) Remove(name, kind string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.keep(entry{Name: canonical(name), Type: strings.ToUpper(kind)})
}

// Fail has a name and all below it fail; an empty failure takes that back.
func (s *Server) Fail(name string, failure Failure) error {
	if failure != "" && failure != ServFail && failure != Timeout {
		return fmt.Errorf("%q is no failure, such as %s or %s: %w", failure, ServFail, Timeout, ErrInvalid)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.keep(entry{Name: canonical(name), Failing: true, Failure: failure})
}

// keep writes entries down and lets them hold. The mutex is held.
func (s *Server) keep(entries ...entry) error {
	if err := s.file.write(entries); err != nil {
		return err
	}
	for _, e := range entries {
		s.zones.apply(e)
	}
	return nil
}

// Get gives the records of a name and type; found is false where there are none.
func (s *Server) Get(name, kind string) (records Records, found bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	kind = strings.ToUpper(kind)
	values := s.zones.records[canonical(name)][kind]
	return Records{Name: plain(name), Type: kind, Values: values}, len(values) > 0
}

// Queries is how often a name was asked for. A question that was sent again, since no answer came, counts once.
func (s *Server) Queries(name string) int {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return len(s.queries[canonical(name)])
}

// Forget begins to count anew.
func (s *Server) Forget() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	clear(s.queries)
}

// Snapshot gives all that the server knows.
func (s *Server) Snapshot() Snapshot {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	all := Snapshot{Records: []Records{}, Failures: map[string]Failure{}, Queries: map[string]int{}}
	for _, name := range slices.Sorted(maps.Keys(s.zones.records)) {
		for _, kind := range slices.Sorted(maps.Keys(s.zones.records[name])) {
			all.Records = append(all.Records, Records{Name: plain(name), Type: kind, Values: s.zones.records[name][kind]})
		}
	}
	for name, failure := range s.zones.failures {
		all.Failures[plain(name)] = failure
	}
	for name, questions := range s.queries {
		all.Queries[plain(name)] = len(questions)
	}
	return all
}

// plain is a name without the dot at its end.
func plain(name string) string { return strings.TrimSuffix(canonical(name), ".") }
