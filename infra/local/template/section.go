package template

import (
	"slices"
	"strconv"
	"time"
)

// section is a mapping being read. It knows which keys were asked for, so that end can refuse the others.
type section struct {
	r     *reader
	where string // such as "function WorkerFunction: event Work", opens every finding
	value *value
	asked []string
}

// open begins to read v; an absent one is read as empty, anything but a mapping is refused.
func (r *reader) open(v *value, where string, line int) *section {
	s := &section{r: r, where: where, value: v}
	switch v.kind {
	case object:
		return s
	case absent:
	default:
		r.refuse(v.line, "%s: a mapping is expected, not %s", where, v.kind)
	}
	s.value = &value{line: line, kind: object, fields: map[string]*value{}}
	return s
}

func (s *section) refuse(line int, format string, arguments ...any) {
	s.r.refuse(line, "%s: "+format, append([]any{s.where}, arguments...)...)
}

// get is the field of a key; absent where the template does not have it.
func (s *section) get(key string) *value {
	s.asked = append(s.asked, key)
	if v := s.value.fields[key]; v != nil {
		return v
	}
	return &value{line: s.value.line}
}

// open reads the mapping of a key, empty where there is none.
func (s *section) open(key string) *section {
	return s.r.open(s.get(key), s.where+": "+key, s.value.line)
}

// text is a scalar; fallback where there is none.
func (s *section) text(key, fallback string) string {
	v := s.get(key)
	switch v.kind {
	case scalar:
		return v.text
	case absent:
	default:
		s.refuse(v.line, "%s is %s, a scalar is expected", key, v.kind)
	}
	return fallback
}

// required is a scalar that must be there.
func (s *section) required(key string) string {
	if s.value.fields[key] == nil {
		s.refuse(s.value.line, "%s is missing", key)
	}
	return s.text(key, "")
}

// number is a whole number between low and high.
func (s *section) number(key string, fallback, low, high int) int {
	written := s.text(key, strconv.Itoa(fallback))
	n, err := strconv.Atoi(written)
	if err != nil || n < low || n > high {
		s.refuse(s.get(key).line, "%s is %s, a whole number from %d to %d is expected", key, written, low, high)
		return fallback
	}
	return n
}

// seconds is a number of seconds.
func (s *section) seconds(key string, fallback, low, high int) time.Duration {
	return time.Duration(s.number(key, fallback, low, high)) * time.Second
}

// truth is true or false.
func (s *section) truth(key string, fallback bool) bool {
	switch written := s.text(key, strconv.FormatBool(fallback)); written {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	default:
		s.refuse(s.get(key).line, "%s is %s, true or false is expected", key, written)
		return fallback
	}
}

// oneOf is a scalar out of a few; fallback where there is none.
func (s *section) oneOf(key, fallback string, allowed ...string) string {
	written := s.text(key, fallback)
	if !slices.Contains(allowed, written) {
		s.refuse(s.get(key).line, "%s %s is not one the local stack runs, it knows %q", key, written, allowed)
	}
	return written
}

// texts is a scalar or a list of scalars.
func (s *section) texts(key string) []string {
	v := s.get(key)
	all, ok := v.texts()
	if !ok {
		s.refuse(v.line, "%s is %s, a scalar or a list of scalars is expected", key, v.kind)
	}
	return all
}

// list opens every mapping of a list; one mapping alone is read as a list of one where CloudFormation does so too.
func (s *section) list(key string) []*section {
	v := s.get(key)
	switch v.kind {
	case list:
	case absent:
		return nil
	case object:
		v = &value{line: v.line, kind: list, items: []*value{v}}
	default:
		s.refuse(v.line, "%s is %s, a list is expected", key, v.kind)
	}
	var all []*section
	for _, item := range v.items {
		all = append(all, s.r.open(item, s.where+": "+key, item.line))
	}
	return all
}

// end refuses the keys that nobody asked for, save those that are known to have no effect here.
func (s *section) end(known map[string]string) {
	for _, key := range s.value.keys {
		if _, ok := known[key]; !ok && !slices.Contains(s.asked, key) {
			s.refuse(s.value.fields[key].line, "%s is not something the local stack models", key)
		}
	}
}
