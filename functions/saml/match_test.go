package main

import (
	"testing"

	"github.com/tenantry/tenantry/shared/people"
)

func TestLOG3_WhomAnAssertionMeans(t *testing.T) {
	t.Parallel()
	ada := &people.User{ID: "usr_ada", Organization: "org_main", Role: "rol_1", Status: people.Active}
	bob := &people.User{ID: "usr_bob", Organization: "org_main", Role: "rol_1", Status: people.Active}
	sub := &people.User{ID: "usr_sub", Organization: "org_sub", Role: "rol_2", Status: people.Active}
	invited := &people.User{ID: "usr_inv", Organization: "org_main", Role: "rol_1", Status: people.Invited}
	left := &people.User{ID: "usr_left", Organization: "org_main", Role: "rol_1", Status: people.Inactive}
	idle := &people.User{ID: "usr_idle", Organization: "org_main", Status: people.Active}
	removed := &people.User{ID: "usr_removed"}
	guest := &people.User{ID: "usr_guest", Organization: "org_main", Role: "rol_1", Status: people.Invited, Outsider: true}
	type named = map[ground][]*people.User
	one := func(u *people.User) []*people.User { return []*people.User{u} }
	created := &people.User{ID: "somebody new"}
	for name, c := range map[string]struct {
		known known
		means *people.User
		by    ground
		why   string
	}{
		"nobody":                                    {known{}, nil, "", nobodyMeant},
		"nobody, who is created":                    {known{creates: true}, created, byCreation, ""},
		"by the name id":                            {known{named: named{byNameID: one(ada)}}, ada, byNameID, ""},
		"by the object id":                          {known{named: named{byObject: one(ada)}}, ada, byObject, ""},
		"by the address":                            {known{named: named{byAddress: one(ada)}}, ada, byAddress, ""},
		"by a work address":                         {known{named: named{byWork: one(ada)}}, ada, byWork, ""},
		"the object id before the address":          {known{named: named{byObject: one(ada), byAddress: one(bob)}}, ada, byObject, ""},
		"the sign-in address before a work one":     {known{named: named{byAddress: one(ada), byWork: one(bob)}}, ada, byAddress, ""},
		"a lasting name id before the address":      {known{named: named{byNameID: one(ada), byAddress: one(bob)}, lasting: true}, ada, byNameID, ""},
		"a name id that was given to somebody else": {known{named: named{byNameID: one(ada), byAddress: one(bob)}}, nil, byNameID, otherMeant},
		"nor where the directory knows somebody else's object id":                                     {known{named: named{byNameID: one(ada), byObject: one(bob)}}, nil, byNameID, otherMeant},
		"or the work address of somebody else":                                                        {known{named: named{byNameID: one(ada), byWork: one(bob)}}, nil, byNameID, otherMeant},
		"the same one by the object id, whoever else has the address":                                 {known{named: named{byNameID: one(ada), byObject: one(ada), byAddress: one(bob)}}, ada, byNameID, ""},
		"somebody invited by another address":                                                         {known{named: named{byObject: one(invited)}}, invited, byObject, outside},
		"whoever is known is not created":                                                             {known{named: named{byWork: one(ada)}, creates: true}, ada, byWork, ""},
		"Entra's first day: userName is one address, emailaddress another, the object id is the same": {known{named: named{byObject: one(ada)}, creates: true}, ada, byObject, ""},
		"Entra's first day without the object id: emailaddress is a work address of userName":         {known{named: named{byWork: one(ada)}, creates: true}, ada, byWork, ""},
		"a work address of two people":                                                                {known{named: named{byWork: {ada, bob}}, creates: true}, nil, byWork, severalMeant},
		"an object id of two people":                                                                  {known{named: named{byObject: {ada, bob}, byAddress: one(ada)}}, nil, byObject, severalMeant},
		"somebody invited":                                                                            {known{named: named{byAddress: one(invited)}}, invited, byAddress, ""},
		"somebody deactivated":                                                                        {known{named: named{byAddress: one(left)}}, left, byAddress, inactive},
		"somebody deactivated is not created anew":                                                    {known{named: named{byNameID: one(left)}, creates: true}, left, byNameID, inactive},
		"nor taken for whoever has the address":                                                       {known{named: named{byNameID: one(left), byAddress: one(ada)}, lasting: true}, left, byNameID, inactive},
		"somebody without a role":                                                                     {known{named: named{byAddress: one(idle)}}, idle, byAddress, withoutRole},
		"somebody removed":                                                                            {known{named: named{byNameID: one(removed)}}, nil, byNameID, goneMeant},
		"somebody removed is not created anew":                                                        {known{named: named{byNameID: one(removed)}, creates: true}, nil, byNameID, goneMeant},
		"somebody removed who was invited again":                                                      {known{named: named{byNameID: one(removed), byAddress: one(ada)}, creates: true}, ada, byAddress, ""},
		"whom the directory deleted":                                                                  {known{creates: true, gone: true}, nil, "", goneMeant},
		"and brought again":                                                                           {known{named: named{byAddress: one(ada)}, creates: true, gone: true}, ada, byAddress, ""},
		"an outsider who came in before":                                                              {known{named: named{byNameID: one(guest)}, lasting: true}, guest, byNameID, outside},
		"nor by the object id":                                                                        {known{named: named{byObject: one(guest)}, creates: true}, guest, byObject, outside},
		"whose domain was verified since":                                                             {known{named: named{byNameID: one(guest), byAddress: one(guest)}}, guest, byNameID, ""},
		"a suborganization's member":                                                                  {known{named: named{byAddress: one(sub)}, organization: "org_sub"}, sub, byAddress, ""},
		"not the main organization's":                                                                 {known{named: named{byAddress: one(ada)}, organization: "org_sub"}, ada, byAddress, elsewhere},
		"who was moved away since":                                                                    {known{named: named{byNameID: one(ada)}, organization: "org_sub"}, ada, byNameID, elsewhere},
		"the main connection, a suborganization's member":                                             {known{named: named{byAddress: one(sub)}}, sub, byAddress, ""},
	} {
		got := c.known.decide()
		means := got.user
		if got.creates {
			means = created
		}
		if means != c.means || got.by != c.by || got.why != c.why {
			t.Errorf("%s: %+v by %q, %q", name, means, got.by, got.why)
		}
		if (got.refusal() == nil) != (c.why == "") {
			t.Errorf("%s: %v", name, got.refusal())
		}
	}
	for _, code := range []string{nobodyMeant, severalMeant, otherMeant, goneMeant, inactive, withoutRole, elsewhere, outside} {
		if accounts[code].demand == "" || accounts[code].change == "" {
			t.Errorf("%s: the log does not say what to do", code)
		}
	}
}
