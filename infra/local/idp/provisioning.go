package idp

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"
)

// Way is how a directory says by SCIM what changed: as which provider.
type Way string

// The ways there are.
const (
	EntraWay     Way = "entra"        // as Entra ID does by itself
	EntraNewWay  Way = "entra-2020"   // as Entra ID does with aadOptscim062020 in the tenant URL
	OktaWay      Way = "okta"         // as an application of one's own at Okta does: all by PUT
	OktaStoreWay Way = "okta-catalog" // as an application of Okta's catalog does: PUT for profiles, PATCH for the rest
)

// Ways are all of them.
func Ways() []Way { return []Way{EntraWay, EntraNewWay, OktaWay, OktaStoreWay} }

// Name is what the page calls it.
func (w Way) Name() string {
	return map[Way]string{
		EntraWay: "Entra ID", EntraNewWay: "Entra ID with aadOptscim062020",
		OktaWay: "Okta, an application of one's own: everything by PUT", OktaStoreWay: "Okta, an application of its catalog: PUT and PATCH",
	}[w]
}

// Provisioning is where a directory brings its people and groups by SCIM, and what it has brought.
type Provisioning struct {
	Endpoint string               `json:"endpoint"` // the base URL of the server
	Token    string               `json:"token"`
	Way      Way                  `json:"way"`
	People   map[string]sent      `json:"people,omitempty"` // by the person's id
	Groups   map[string]sentGroup `json:"groups,omitempty"` // by the group's id
}

// sent is somebody as the server was told last.
type sent struct {
	Remote string `json:"remoteId"`
	Person Person `json:"person"`
	Known  bool   `json:"known"` // false: the server had somebody of that name, and has not been told what is different
}

// sentGroup is a group as the server was told last; its members are those of them whom the server took.
type sentGroup struct {
	Remote string `json:"remoteId"`
	Group  Group  `json:"group"`
}

// Validate says what of it cannot be.
func (p *Provisioning) Validate() error {
	if p == nil {
		return nil
	}
	if at, err := url.Parse(p.Endpoint); err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.RawQuery != "" {
		return fmt.Errorf("provisioning.endpoint is %q: it must be the base URL of a SCIM server, without a query: %w", p.Endpoint, ErrInvalid)
	}
	if p.Token == "" {
		return fmt.Errorf("provisioning.token is missing: %w", ErrInvalid)
	}
	if !slices.Contains(Ways(), p.Way) {
		return fmt.Errorf("provisioning.way is %q: it must be one of %v: %w", p.Way, Ways(), ErrInvalid)
	}
	return nil
}

// replacing is the provisioning in place of an earlier one: what was brought to the same server is remembered, and its token where none is
// given.
func (p Provisioning) replacing(earlier *Provisioning) *Provisioning {
	p.People, p.Groups = nil, nil
	if p.Way == "" {
		p.Way = EntraWay
	}
	if earlier != nil && earlier.Endpoint == p.Endpoint {
		p.People, p.Groups = earlier.People, earlier.Groups
		if p.Token == "" {
			p.Token = earlier.Token
		}
	}
	return &p
}

func (p *Provisioning) copy() *Provisioning {
	if p == nil {
		return nil
	}
	next := *p
	next.People, next.Groups = maps.Clone(p.People), maps.Clone(p.Groups)
	return &next
}

// Call is a request to a SCIM server with its answer. It does not hold the token.
type Call struct {
	At       time.Time `json:"at"`
	Method   string    `json:"method"`
	Path     string    `json:"path"` // below the endpoint, with the query
	Sent     string    `json:"sent,omitempty"`
	Status   int       `json:"status"` // 0 where no answer came
	Answered string    `json:"answered,omitempty"`
}

// Failed tells whether the call did not do what it was for.
func (c Call) Failed() bool { return c.Status < 200 || c.Status > 299 }

// ProvisioningView is how provisioning is shown: without the token.
type ProvisioningView struct {
	Endpoint string `json:"endpoint"`
	Way      Way    `json:"way"`
	People   int    `json:"people"` // how many the server has
	Groups   int    `json:"groups"`
	Pending  int    `json:"pending"` // how many people and groups the server does not have as they are
	Calls    []Call `json:"calls"`   // the last, the newest first
}

func (p *IdP) provisioningView(d *directory) *ProvisioningView {
	to := d.Provisioning
	if to == nil {
		return nil
	}
	v := &ProvisioningView{Endpoint: to.Endpoint, Way: to.Way, People: len(to.People), Groups: len(to.Groups), Calls: slices.Clone(d.calls)}
	slices.Reverse(v.Calls)
	v.Pending = len(due(d.Directory))
	return v
}

// due is what the server does not have as the directory does, in the order in which it is brought: people before the groups that they are
// in, and what is no more before what is new, since its name may be used again.
func due(d Directory) (work []task) {
	to := d.Provisioning
	for _, id := range slices.Sorted(maps.Keys(to.People)) {
		if !slices.ContainsFunc(d.People, func(one Person) bool { return one.ID == id }) {
			work = append(work, task{person: &Person{ID: id}, gone: true})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(to.Groups)) {
		if !slices.ContainsFunc(d.Groups, func(one Group) bool { return one.ID == id }) {
			work = append(work, task{group: &Group{ID: id}, gone: true})
		}
	}
	for _, one := range d.People {
		was, there := to.People[one.ID]
		if !there && !one.Disabled || there && (!was.Known || was.Person.different(one)) {
			work = append(work, task{person: &one})
		}
	}
	for _, one := range d.Groups {
		was, there := to.Groups[one.ID]
		if !there || was.Group.Name != one.Name || !sameMembers(was.Group.Members, to.brought(one.Members)) {
			work = append(work, task{group: &one})
		}
	}
	return work
}

// task is a person or a group that is to be brought as it is now, or taken away.
type task struct {
	person *Person
	group  *Group
	gone   bool
}

// brought are those of the people whom the server has.
func (p *Provisioning) brought(people []string) []string {
	return slices.DeleteFunc(slices.Clone(people), func(id string) bool { return p.People[id].Remote == "" })
}

func sameMembers(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// different tells whether SCIM says anything else of the person.
func (p Person) different(now Person) bool {
	p.Attributes, now.Attributes = nil, nil
	return fmt.Sprint(p) != fmt.Sprint(now)
}
