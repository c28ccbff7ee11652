package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// This file asks, after all tests, whether the functions were granted more than the tests made them use. It needs the whole
// run: what is selected by -run or -skip leaves out who uses the rest.

// grant is one statement of a function's policy.
type grant struct {
	Actions, Resources []string
	Conditions         map[string][]string
}

// use is what the wire tells of a permission that was used, or was denied.
type use struct {
	Function, Action, Resource, Key string
	Statement                       int
	Allowed                         bool
}

// nameless are the resources that a pattern stands for because no name does, with why.
var nameless = map[string]string{
	":identity/*": "the mail's sender is a parameter and may be an address or one of a domain that is verified",
	"/uploads/*":  "a folder of the bucket: a file's name is drawn when its upload begins",
	"/images/*":   "a folder of the bucket: an image is named after its organization and its content",
	"/exports/*":  "a folder of the bucket: a file is named after the job that writes it",
}

// whole tells whether the run is of all tests.
func whole() bool {
	return flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""
}

// checkGrants fails with every action, resource and kind of key that a function is granted and no test used, with every
// pattern where a name would do, and with what was denied.
func checkGrants() error {
	var template struct {
		Functions []struct {
			ID     string
			Grants []grant
		}
	}
	var uses []use
	for path, into := range map[string]any{"template": &template, "access": &uses} {
		answer, err := stack.send(context.Background(), "GET", "/_local/"+path, nil, nil)
		if err != nil {
			return err
		}
		if err := decode(answer, into); err != nil {
			return fmt.Errorf("read /_local/%s: %w", path, err)
		}
	}
	uses = append(uses, ownStacks.all()...)
	var found []error
	for _, one := range uses {
		if !one.Allowed {
			found = append(found, fmt.Errorf("%s was denied %s on %s", one.Function, one.Action, one.Resource))
		}
	}
	for _, function := range template.Functions {
		for n, g := range function.Grants {
			of := slices.DeleteFunc(slices.Clone(uses), func(u use) bool { return u.Function != function.ID || u.Statement != n })
			for _, excess := range g.excess(of) {
				found = append(found, fmt.Errorf("%s, statement %d of its policy (%s): %s", function.ID, n+1, strings.Join(g.Actions, ", "), excess))
			}
		}
	}
	return errors.Join(found...)
}

// excess is what of the grant nobody used, and what is a pattern without need.
func (g grant) excess(uses []use) (found []string) {
	for _, action := range g.Actions {
		if strings.Contains(action, "*") {
			found = append(found, "the action "+action+" is a pattern")
		}
		if !slices.ContainsFunc(uses, func(u use) bool { return strings.EqualFold(u.Action, action) }) {
			found = append(found, "the action "+action+" was not used")
		}
		for _, key := range slices.Concat(slices.Collect(maps.Values(g.Conditions))...) {
			if !slices.ContainsFunc(uses, func(u use) bool { return strings.EqualFold(u.Action, action) && u.Key == key }) {
				found = append(found, action+" of keys "+key+" was not used")
			}
		}
	}
	for _, resource := range g.Resources {
		start, pattern := strings.CutSuffix(resource, "*")
		if pattern && !named(resource) {
			found = append(found, "the resource "+resource+" is a pattern")
		}
		if !slices.ContainsFunc(uses, func(u use) bool {
			return u.Resource == resource || pattern && strings.HasPrefix(u.Resource, start)
		}) {
			found = append(found, "the resource "+resource+" was not used")
		}
	}
	return found
}

// named tells whether a pattern is known to stand for what has no name.
func named(resource string) bool {
	for ending := range nameless {
		if strings.HasSuffix(resource, ending) {
			return true
		}
	}
	return false
}
