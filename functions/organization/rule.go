package main

import (
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/tenant"
)

// name sets the text of a name.
func name(location, value string, into *string) (err error) {
	*into, err = people.CheckName(location, value)
	return err
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
