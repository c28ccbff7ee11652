package main

import (
	"strings"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/tenant"
)

// name sets the text of a name without surrounding space; one that is nothing else is refused.
func name(location, value string, into *string) error {
	trimmed := strings.TrimSpace(value)
	if trimmed == "" || strings.ContainsFunc(trimmed, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return problem.Invalid(location, "is a name of 1 to 100 characters on one line", value)
	}
	*into = trimmed
	return nil
}

// address sets an email address.
func address(location, value string, into *string) (err error) {
	*into, err = people.CheckAddress(location, value)
	return err
}

// firstOf gives the first failure.
func firstOf(failures ...error) error {
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// only refuses what an organization of this type has not.
func only(of *tenant.Organization, kind tenant.Type, has string) error {
	if of.Type == kind {
		return nil
	}
	return problem.New(problem.Conflict, "wrong-type", "Only a %s has %s, and this is a %s.", kind, has, of.Type)
}
