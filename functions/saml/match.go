package main

import (
	"slices"

	"github.com/tenantry/tenantry/shared/people"
)

// Ground is what tells whom an assertion means (LOG-3).
type ground string

// The grounds, in the order in which they are asked: the first that names somebody decides, however the later ones would.
const (
	byNameID   ground = "nameId"      // somebody signed in by the connection with this name id before
	byObject   ground = "objectId"    // the IdP's own id of the person is the externalId that its directory sent
	byAddress  ground = "address"     // the address is somebody's sign-in address
	byWork     ground = "workAddress" // or one of the work addresses that the directory sent
	byCreation ground = "created"     // nobody is meant, and the connection lets people in that it does not know
)

var grounds = []ground{byNameID, byObject, byAddress, byWork}

// known is what the tree knows of an assertion: whom each ground names. A user who is gone stands there with an id alone.
type known struct {
	named map[ground][]*people.User // nobody, one, or where it is ambiguous several
	// lasting says that the name id means the same person for ever. One that is an address means whoever has the address.
	lasting bool
	// organization is the one whose members the connection signs in, empty for those of the whole tree.
	organization string
	gone         bool // somebody with the address was deleted by the IdP's directory
	creates      bool // the connection lets people in that nobody knows
}

// decision is whom an assertion means: a user, somebody to be created, or nobody.
type decision struct {
	user    *people.User
	by      ground
	creates bool
	why     string // of nobody: the code of the refusal
}

// The codes of refusals that say who may not come in. They are for the SAML log: whoever signs in learns that there is no access.
const (
	nobodyMeant  = "person.unknown"
	severalMeant = "person.several"
	otherMeant   = "person.other"
	goneMeant    = "person.removed"
	inactive     = "person.inactive"
	withoutRole  = "person.no-role"
	elsewhere    = "person.elsewhere"
	outside      = "person.outsider"
)

// decide says whom an assertion means. It is a pure function of what is known, so that its order is a table of cases.
func (k known) decide() decision {
	for _, by := range grounds {
		switch named := k.named[by]; {
		case len(named) > 1:
			return decision{by: by, why: severalMeant}
		case len(named) == 1:
			return k.admit(named[0], by)
		}
	}
	if !k.creates {
		return decision{why: nobodyMeant}
	}
	if k.gone {
		return decision{why: goneMeant}
	}
	return decision{by: byCreation, creates: true}
}

// admit says whether the one who is meant may come in.
func (k known) admit(u *people.User, by ground) decision {
	switch {
	case u.Status == "":
		return k.replace(by)
	case by == byNameID && !k.lasting && k.contradicted(u):
		return decision{by: by, why: otherMeant}
	case u.Status == people.Inactive:
		return decision{user: u, by: by, why: inactive}
	case (u.Outsider || u.Status == people.Invited) && !k.addressed(u): // whose own address nobody has proved
		return decision{user: u, by: by, why: outside}
	case u.Role == "":
		return decision{user: u, by: by, why: withoutRole}
	case k.organization != "" && u.Organization != k.organization:
		return decision{user: u, by: by, why: elsewhere}
	}
	return decision{user: u, by: by}
}

// replace decides where the name id is that of a user who was removed: somebody who is there by another ground is meant, and
// nobody is created, since who was removed does not come back by signing in.
func (k known) replace(by ground) decision {
	rest := k
	rest.named, rest.creates = map[ground][]*people.User{}, false
	for _, other := range grounds {
		if other != by {
			rest.named[other] = k.named[other]
		}
	}
	if found := rest.decide(); found.why != nobodyMeant {
		return found
	}
	return decision{by: by, why: goneMeant}
}

// addressed tells whether the address, which is of a verified domain, is the user's. Whoever came in by it before and was given one of
// another domain since is an outsider, whose own address no assertion proves (SCI-8, LOG-10).
func (k known) addressed(u *people.User) bool {
	for _, named := range k.named[byAddress] {
		if named.ID == u.ID {
			return true
		}
	}
	return false
}

// contradicted tells whether the first of the other grounds that names somebody names others than the name id's: a name id that is an
// address is given to somebody else together with it, and would sign that one in as whoever had it before.
func (k known) contradicted(u *people.User) bool {
	for _, by := range grounds {
		living := slices.DeleteFunc(slices.Clone(k.named[by]), func(other *people.User) bool { return other.Status == "" })
		if by != byNameID && len(living) > 0 {
			return !slices.ContainsFunc(living, func(other *people.User) bool { return other.ID == u.ID })
		}
	}
	return false
}
