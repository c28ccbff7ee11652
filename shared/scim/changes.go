package scim

import "maps"

// Changes is what an edit makes of a resource: what there is to write, and what there is to tell.
type Changes struct {
	Before     *Resource // nil where it is created
	After      *Resource
	Attributes []Change
	Members    Members
}

// Change is one attribute or part of one, with its values before and after; nil is none.
type Change struct {
	Path          string
	Before, After any
}

// None tells whether nothing changes: then nothing is written, no event, no version (RFC 7644 section 3.5.2.1).
func (c *Changes) None() bool { return c.Before != nil && len(c.Attributes) == 0 && c.Members.None() }

// Touches tells whether an attribute changes, by its path or that of a part of it: userName, emails, name.
func (c *Changes) Touches(path string) bool {
	for _, one := range c.Attributes {
		if one.Path == path || len(one.Path) > len(path) && one.Path[:len(path)+1] == path+"." {
			return true
		}
	}
	return false
}

// differences compares two states, in the order of the schema.
func differences(before, after *Resource) []Change {
	if before == nil {
		before = &Resource{after.Type, Object{}}
	}
	var all []Change
	compare := func(at place) {
		was, is := at.holder(before.Values)[at.attribute.Name], at.holder(after.Values)[at.attribute.Name]
		all = append(all, at.differences(was, is)...)
	}
	for _, a := range common {
		compare(place{attribute: a})
	}
	for _, a := range after.Type.Schema.Attributes {
		compare(place{attribute: a})
	}
	for _, s := range after.Type.Extensions {
		for _, a := range s.Attributes {
			compare(place{extension: s, attribute: a})
		}
	}
	return all
}

// differences compares the values of one attribute: by its parts where it has one value with parts.
func (p place) differences(was, is any) []Change {
	if same(was, is) || p.attribute.Mutability == readOnly {
		return nil
	}
	if p.attribute.Multi || p.attribute.kind() != Complex {
		return []Change{{p.String(), was, is}}
	}
	before, _ := was.(Object)
	after, _ := is.(Object)
	named := maps.Clone(after)
	if named == nil {
		named = Object{}
	}
	maps.Copy(named, before)
	var all []Change
	for _, sub := range p.attribute.Sub {
		if _, there := named[sub.Name]; there && !same(before[sub.Name], after[sub.Name]) {
			all = append(all, Change{place{p.extension, p.attribute, sub}.String(), before[sub.Name], after[sub.Name]})
		}
	}
	return all
}
