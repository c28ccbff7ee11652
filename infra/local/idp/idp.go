// Package idp is the demonstration identity provider of the local stack: SAML 2.0 for as many directories as are asked for, each with
// people, groups, keys and an address of its own, as each customer has one at Okta or Entra ID. Whoever signs in is chosen on a page;
// nobody has a password. What changes in a directory it brings to a SCIM server when it is told to, request by request as Entra ID or Okta
// would. It lives on an origin of its own, so that a browser takes it for another site than the product.
//
// It reads requests as an IdP must: the service provider is known by its metadata, answers go to the address in there and nowhere
// else, and a signature holds or the request is refused. It answers properly unless a misbehaviour is asked for, which is for tests.
// Its signatures are made by goxmldsig; nothing in it is code of the product.
//
// The package refuses to be of use elsewhere: its directories are readable and changeable by everybody on this machine.
package idp

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Errors of what is asked. They are wrapped in the sentence that tells which.
var (
	ErrInvalid  = errors.New("not something that the IdP takes")
	ErrNotFound = errors.New("the IdP does not have it")
)

// Config is what an IdP stands on.
type Config struct {
	Origin string // where it answers, such as http://127.0.0.1:8081
	File   string // what it keeps; empty keeps nothing
	Now    func() time.Time
	// Product is where the local stack's product lives, and Reach where it answers. A service provider whose entity id is an address
	// below Product is known without being registered: its metadata is read there (SAML metadata, section 4.1).
	Product, Reach string
	Log            func(sentence string)
}

// IdP is the identity provider. It may be used by several goroutines.
type IdP struct {
	config Config
	client *http.Client

	mutex       sync.Mutex
	directories map[string]*directory
	waiting     map[string]pending // requests whose person was not chosen yet, by the id that the page has
}

// directory is a Directory with what is not kept.
type directory struct {
	Directory
	learned map[string]learned // service providers read from the product, by entity id
	last    map[string]Form    // the last answer to each service provider
	seen    []Seen
	calls   []Call // the last of its SCIM server
	pushing bool
}

// Open reads what an earlier IdP kept. Without a directory it makes the first: acme, with the people of the seed.
func Open(config Config) (*IdP, error) {
	p := &IdP{config: config, client: &http.Client{Timeout: 5 * time.Second}, directories: map[string]*directory{}, waiting: map[string]pending{}}
	kept, err := readKept(config.File)
	if err != nil {
		return nil, err
	}
	for _, one := range kept {
		p.directories[one.Name] = newDirectory(one)
	}
	if len(p.directories) > 0 {
		return p, nil
	}
	_, err = p.Put("acme", Change{People: acme(), Groups: acmeGroups()})
	return p, err
}

func newDirectory(kept Directory) *directory {
	return &directory{Directory: kept, learned: map[string]learned{}, last: map[string]Form{}}
}

// Origin is where the IdP answers.
func (p *IdP) Origin() string { return p.config.Origin }

// Put makes a directory, or changes what the change names of one that is there.
func (p *IdP) Put(name string, change Change) (View, error) {
	if !plainName(name) {
		return View{}, fmt.Errorf("%q is no name of a directory: 1 to 40 lower-case letters, digits and hyphens: %w", name, ErrInvalid)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d := p.directories[name]
	if d == nil {
		key, err := newKey(name, p.config.Now(), lifetime)
		if err != nil {
			return View{}, err
		}
		d = newDirectory(Directory{Name: name, Settings: Settings{Attributes: Plain, Sign: SignAssertion, NameID: ByEmail}, Keys: []Key{key}})
	}
	next := d.Directory
	change.apply(&next)
	return p.keep(d, next)
}

// edit changes a directory.
func (p *IdP) edit(name string, change func(*Directory) error) (View, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d, err := p.directory(name)
	if err != nil {
		return View{}, err
	}
	next := d.copy()
	if err := change(&next); err != nil {
		return View{}, err
	}
	return p.keep(d, next)
}

// keep lets a directory be as it is to be, and writes all of them down. The mutex is held.
func (p *IdP) keep(d *directory, next Directory) (View, error) {
	if err := next.Validate(); err != nil {
		return View{}, err
	}
	before := d.Directory
	_, known := p.directories[next.Name]
	d.Directory, p.directories[next.Name] = next, d
	if err := p.write(); err != nil {
		if d.Directory = before; !known {
			delete(p.directories, next.Name)
		}
		return View{}, err
	}
	return p.view(d), nil
}

// write writes all directories down. The mutex is held.
func (p *IdP) write() error {
	var all []Directory
	for _, name := range slices.Sorted(maps.Keys(p.directories)) {
		all = append(all, p.directories[name].Directory)
	}
	return writeKept(p.config.File, all)
}

// Remove takes a directory away.
func (p *IdP) Remove(name string) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, err := p.directory(name); err != nil {
		return err
	}
	delete(p.directories, name)
	return p.write()
}

// directory finds a directory. The mutex is held.
func (p *IdP) directory(name string) (*directory, error) {
	d, known := p.directories[name]
	if !known {
		return nil, fmt.Errorf("there is no directory %q: %w", name, ErrNotFound)
	}
	return d, nil
}

// Get gives a directory as it is.
func (p *IdP) Get(name string) (View, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d, err := p.directory(name)
	if err != nil {
		return View{}, err
	}
	return p.view(d), nil
}

// List gives all directories by name.
func (p *IdP) List() []View {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	views := []View{}
	for _, d := range p.directories {
		views = append(views, p.view(d))
	}
	slices.SortFunc(views, func(a, b View) int { return cmp.Compare(a.Name, b.Name) })
	return views
}

// plainName tells whether a name can stand in an address as it is.
func plainName(name string) bool {
	return name != "" && len(name) <= 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
