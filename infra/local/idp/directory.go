package idp

import (
	"fmt"
	"slices"
	"strings"
)

// Directory is one customer's IdP: who there is, and how it speaks.
type Directory struct {
	Name             string            `json:"name"`
	Settings         Settings          `json:"settings"`
	People           []Person          `json:"people"`
	Groups           []Group           `json:"groups"`
	Keys             []Key             `json:"keys"` // one of them signs
	ServiceProviders []ServiceProvider `json:"serviceProviders"`
	Misbehaviours    []Misbehaviour    `json:"misbehaviours"`
	Provisioning     *Provisioning     `json:"provisioning,omitempty"` // nil: people are not brought anywhere
}

// Settings are how a directory's IdP speaks.
type Settings struct {
	Attributes Style  `json:"attributes"`         // what attributes are named
	Sign       string `json:"sign"`               // SignAssertion, SignResponse or SignBoth
	NameID     string `json:"nameId"`             // ByEmail, ByUserName or ByID
	Encrypt    bool   `json:"encrypt"`            // assertions are encrypted for the service provider's key
	SignedOnly bool   `json:"wantSignedRequests"` // requests without a signature are refused, and the metadata says so
}

// What is signed.
const (
	SignAssertion = "assertion"
	SignResponse  = "response"
	SignBoth      = "both"
)

// What the name id is. The formats are emailAddress, unspecified and persistent.
const (
	ByEmail    = "email"
	ByUserName = "userName"
	ByID       = "id"
)

// Person is somebody of a directory.
type Person struct {
	ID         string              `json:"id"` // the IdP's own, which SCIM sends as externalId
	UserName   string              `json:"userName"`
	Email      string              `json:"email"`
	FirstName  string              `json:"firstName"`
	LastName   string              `json:"lastName"`
	Phone      string              `json:"phone,omitempty"`
	Department string              `json:"department,omitempty"`
	Disabled   bool                `json:"disabled,omitempty"`   // cannot sign in
	Attributes map[string][]string `json:"attributes,omitempty"` // further ones, or others in place of the usual
}

// DisplayName is how the person is shown.
func (p Person) DisplayName() string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

// Group is a group of people, by their ids.
type Group struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Members []string `json:"members"`
}

// Change is what is to be different in a directory; what is nil stays.
type Change struct {
	Settings     *Settings     `json:"settings"`
	People       []Person      `json:"people"`
	Groups       []Group       `json:"groups"`
	Provisioning *Provisioning `json:"provisioning"` // of which what was brought is left alone
}

func (c Change) apply(d *Directory) {
	if c.Settings != nil {
		d.Settings = *c.Settings
	}
	if c.People != nil {
		d.People = c.People
	}
	if c.Groups != nil {
		d.Groups = c.Groups
	}
	if c.Provisioning != nil {
		d.Provisioning = c.Provisioning.replacing(d.Provisioning)
	}
	for i, person := range d.People {
		d.People[i] = person.completed()
	}
	for i, group := range d.Groups {
		if group.ID == "" {
			d.Groups[i].ID = group.Name
		}
	}
}

// completed gives the person with what follows from the address: the user name and the id.
func (p Person) completed() Person {
	if p.UserName == "" {
		p.UserName = p.Email
	}
	if p.ID == "" {
		p.ID = p.UserName
	}
	return p
}

// copy gives a directory whose lists can be changed.
func (d Directory) copy() Directory {
	d.People, d.Groups, d.Keys = slices.Clone(d.People), slices.Clone(d.Groups), slices.Clone(d.Keys)
	d.ServiceProviders, d.Misbehaviours = slices.Clone(d.ServiceProviders), slices.Clone(d.Misbehaviours)
	d.Provisioning = d.Provisioning.copy()
	return d
}

// Validate says what of a directory cannot be.
func (d Directory) Validate() error {
	s := d.Settings
	switch {
	case !slices.Contains([]Style{Plain, Okta, Entra}, s.Attributes):
		return fmt.Errorf("settings.attributes is %q: it must be %s, %s or %s: %w", s.Attributes, Plain, Okta, Entra, ErrInvalid)
	case !slices.Contains([]string{SignAssertion, SignResponse, SignBoth}, s.Sign):
		return fmt.Errorf("settings.sign is %q: it must be %s, %s or %s: %w", s.Sign, SignAssertion, SignResponse, SignBoth, ErrInvalid)
	case !slices.Contains([]string{ByEmail, ByUserName, ByID}, s.NameID):
		return fmt.Errorf("settings.nameId is %q: it must be %s, %s or %s: %w", s.NameID, ByEmail, ByUserName, ByID, ErrInvalid)
	}
	if err := d.Provisioning.Validate(); err != nil {
		return err
	}
	for _, m := range d.Misbehaviours {
		if err := m.Validate(); err != nil {
			return err
		}
	}
	return d.validatePeople()
}

func (d Directory) validatePeople() error {
	ids := map[string]bool{}
	for _, person := range d.People {
		if person.UserName == "" || ids[person.ID] {
			return fmt.Errorf("the person %q has no email or userName, or another one has the id: %w", person.ID, ErrInvalid)
		}
		ids[person.ID] = true
	}
	names := map[string]bool{}
	for _, group := range d.Groups {
		if group.Name == "" || names[group.ID] {
			return fmt.Errorf("the group %q has no name, or another one has the id: %w", group.ID, ErrInvalid)
		}
		names[group.ID] = true
		for _, member := range group.Members {
			if !ids[member] {
				return fmt.Errorf("the group %q has the member %q, who is not in the directory: %w", group.Name, member, ErrInvalid)
			}
		}
	}
	return nil
}

// person finds somebody by id, user name or address.
func (d Directory) person(named string) (Person, error) {
	for _, person := range d.People {
		if named == person.ID || strings.EqualFold(named, person.UserName) || strings.EqualFold(named, person.Email) {
			return person, nil
		}
	}
	return Person{}, fmt.Errorf("the directory %s has nobody by %q: %w", d.Name, named, ErrNotFound)
}

// groupsOf are the groups that a person is in.
func (d Directory) groupsOf(person Person) []Group {
	var found []Group
	for _, group := range d.Groups {
		if slices.Contains(group.Members, person.ID) {
			found = append(found, group)
		}
	}
	return found
}

// acme are the people of the first directory: those that the seed makes in the product, and one whom it does not know.
func acme() []Person {
	names := [][3]string{
		{"admin", "Ada", "Admin"}, {"bruno", "Bruno", "Ferrer"}, {"carla", "Carla", "Osorio"}, {"derek", "Derek", "Hall"},
		{"gema", "Gema", "Luna"}, {"hugo", "Hugo", "Sanz"}, {"jack", "Jack", "Moore"}, {"kate", "Kate", "Lewis"}, {"zoe", "Zoe", "Newcomer"},
	}
	var people []Person
	for _, name := range names {
		people = append(people, Person{ID: "acme-" + name[0], Email: name[0] + "@acme.example", FirstName: name[1], LastName: name[2]})
	}
	return people
}

func acmeGroups() []Group {
	return []Group{
		{ID: "acme-it", Name: "IT administrators", Members: []string{"acme-admin", "acme-bruno"}},
		{ID: "acme-staff", Name: "Staff", Members: []string{"acme-carla", "acme-derek", "acme-hugo", "acme-kate"}},
		{ID: "acme-iberia", Name: "Iberia", Members: []string{"acme-gema", "acme-hugo"}}, // one of them is in two groups
		{ID: "acme-new", Name: "Newcomers", Members: []string{"acme-zoe"}},
	}
}
