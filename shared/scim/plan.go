package scim

import (
	"slices"
	"strings"
)

// Lookup is an exact question that a server holds an item for: which resources have this value there. Attribute is in the schema's
// spelling, without URN (userName, emails.value, manager.value, members.value); Key is the value in the form in which it compares, so
// that an item by Keys and the question for it meet.
type Lookup struct {
	Attribute string
	Key       string
}

// Plan is how a filter is answered.
type Plan struct {
	// Lookups together find every resource that can match; each must still be asked by Match. Empty with Scan, which is the other way:
	// examining all, within a bound, and refusing by TooCostly beyond.
	Lookups []Lookup
	Scan    bool
	// Members are the ids of users of whom Match needs to know whether they are in the group: the group's values have those of them
	// as members that are. Nothing else of the members is ever needed.
	Members []string
}

// Plan tells how the filter is answered for resources of a type by a server that serves look-ups of these attributes, the most telling
// first. It refuses questions about members of groups that would need to read them all.
func (f *Filter) Plan(t *ResourceType, served ...string) (Plan, error) {
	e := f.asked[t]
	if e == nil {
		return Plan{}, nil
	}
	members, ok := asked(e)
	if !ok {
		return Plan{}, Bad(TooMany, `Groups are found by one member at a time, such as members.value eq "%s"; other questions about members would read them all.`, "usr_01")
	}
	lookups, covered := cover(e, "", served)
	return Plan{Lookups: unique(lookups), Scan: !covered, Members: unique(members)}, nil
}

// Asks tells whether the filter asks resources of the type about an attribute that is not of the resource itself, such as groups.
func (f *Filter) Asks(t *ResourceType, attribute string) bool { return about(f.asked[t], attribute) }

func about(e expression, attribute string) bool {
	switch e := e.(type) {
	case anyOf:
		return slices.ContainsFunc(e, func(one expression) bool { return about(one, attribute) })
	case allOf:
		return slices.ContainsFunc(e, func(one expression) bool { return about(one, attribute) })
	case negation:
		return about(e.of, attribute)
	case element:
		return !e.absent && e.at.attribute.Name == attribute
	case compare:
		return !e.absent && e.at.attribute.Name == attribute
	}
	return false
}

// TooCostly is the refusal of a filter or an order that no look-up serves, once the most that is examined were.
func TooCostly(examined int, served ...string) *Error {
	return Bad(TooMany, "%d were examined and there are more. Ask by one that is looked up directly: %s, with eq.", examined, strings.Join(served, ", "))
}

// TooLarge is the refusal where what is examined is more megabytes than that.
func TooLarge(megabytes int, served ...string) *Error {
	return Bad(TooMany, "What would be examined is larger than %d MB. Ask by one that is looked up directly: %s, with eq; or for all of them page by page, without filter and sortBy.", megabytes, strings.Join(served, ", "))
}

// cover gives look-ups that together find all that can match, where there are such. Prefix is the attribute whose value is asked about.
func cover(e expression, prefix string, served []string) ([]Lookup, bool) {
	switch e := e.(type) {
	case anyOf:
		var all []Lookup
		for _, one := range e {
			lookups, ok := cover(one, prefix, served)
			if !ok {
				return nil, false
			}
			all = append(all, lookups...)
		}
		return all, true
	case allOf:
		return cheapest(e, prefix, served)
	case element:
		if e.absent {
			return nil, true
		}
		return cover(e.inside, e.at.name()+".", served)
	case compare:
		return e.lookup(prefix, served)
	}
	return nil, false
}

// cheapest takes the part with the fewest look-ups, among these the one whose attribute is served first.
func cheapest(parts allOf, prefix string, served []string) (best []Lookup, covered bool) {
	for _, one := range parts {
		lookups, ok := cover(one, prefix, served)
		if ok && (!covered || cost(lookups, served) < cost(best, served)) {
			best, covered = lookups, true
		}
	}
	return best, covered
}

func cost(lookups []Lookup, served []string) int {
	sum := 0
	for _, one := range lookups {
		sum += len(served) + slices.Index(served, one.Attribute)
	}
	return sum
}

// lookup is the comparison as a look-up.
func (e compare) lookup(prefix string, served []string) ([]Lookup, bool) {
	switch name := prefix + e.at.name(); {
	case e.op != equal || e.null:
		return nil, false
	case e.absent:
		return nil, true
	case slices.Contains(served, name):
		return []Lookup{{name, e.text}}, true
	}
	return nil, false
}

// Keys are the look-ups by which the resource is found: what a server keeps for it.
func (r *Resource) Keys(served ...string) []Lookup {
	var all []Lookup
	for _, name := range served {
		at, wrong := r.Type.locate(name)
		if wrong != nil || at.attribute == nil {
			continue
		}
		for _, value := range at.values(r.Values) {
			if text, ok := value.(string); ok {
				all = append(all, Lookup{at.name(), at.last().key(text, equal)})
			}
		}
	}
	return unique(all)
}

// asked gives the members that are asked for one by one, and false where members are asked about in another way.
func asked(e expression) ([]string, bool) {
	switch e := e.(type) {
	case anyOf:
		return askedInAll(e)
	case allOf:
		return askedInAll(e)
	case negation:
		return asked(e.of)
	case element:
		if !e.at.attribute.Apart || e.absent {
			return nil, true
		}
		return covering(e.inside)
	case compare:
		if !e.at.attribute.Apart || e.absent {
			return nil, true
		}
		return []string{e.text}, e.at.sub != nil && e.at.sub.Name == "value" && e.op == equal && !e.null
	}
	return nil, true
}

func askedInAll(parts []expression) ([]string, bool) {
	var all []string
	for _, one := range parts {
		ids, ok := asked(one)
		if !ok {
			return nil, false
		}
		all = append(all, ids...)
	}
	return all, true
}

// covering gives the ids among which is every member that the inside of members[...] holds for, where it names them.
func covering(inside expression) ([]string, bool) {
	lookups, ok := cover(inside, "", []string{"value"})
	var ids []string
	for _, one := range lookups {
		ids = append(ids, one.Key)
	}
	return ids, ok
}

// unique gives each once, in the order in which they come.
func unique[T comparable](all []T) []T {
	seen := map[T]bool{}
	var once []T
	for _, one := range all {
		if !seen[one] {
			seen[one] = true
			once = append(once, one)
		}
	}
	return once
}
