package idp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Push brings what changed in a directory to its SCIM server, as its provider would, and gives the calls. What the server refuses
// stays due: the next push tries it again.
func (p *IdP) Push(ctx context.Context, name string) ([]Call, error) {
	return p.speak(ctx, name, func(r *run) {
		r.all(ctx, func(work task) bool { return work.group == nil || work.gone })
		r.all(ctx, func(work task) bool { return work.group != nil && !work.gone }) // with those who came just now
	})
}

// Try calls the server as the provider does when an administrator tests what was entered.
func (p *IdP) Try(ctx context.Context, name string) ([]Call, error) {
	return p.speak(ctx, name, func(r *run) { r.provider.try(ctx, r.server) })
}

// Forget has the directory know no more what it brought: the next push looks all of it up by name, as after a restart of provisioning.
func (p *IdP) Forget(name string) error {
	_, err := p.edit(name, func(d *Directory) error {
		if d.Provisioning != nil {
			d.Provisioning.People, d.Provisioning.Groups = nil, nil
		}
		return nil
	})
	return err
}

// mostCalls is how many calls a directory remembers.
const mostCalls = 50

// speak has the directory call its server, one run at a time, and remembers the calls.
func (p *IdP) speak(ctx context.Context, name string, say func(*run)) ([]Call, error) {
	r, err := p.begin(name)
	if err != nil {
		return nil, err
	}
	say(r)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if d := p.directories[name]; d != nil {
		d.pushing = false
		d.calls = append(d.calls, r.server.calls...)
		d.calls = d.calls[max(0, len(d.calls)-mostCalls):]
	}
	return orEmpty(r.server.calls), ctx.Err()
}

func (p *IdP) begin(name string) (*run, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d, err := p.directory(name)
	if err != nil {
		return nil, err
	}
	if d.Provisioning == nil {
		return nil, fmt.Errorf("the directory %s has no SCIM server: give it an endpoint and a token: %w", name, ErrInvalid)
	}
	if d.pushing {
		return nil, fmt.Errorf("the directory %s is calling its SCIM server just now: %w", name, ErrInvalid)
	}
	d.pushing = true
	now := d.copy()
	server := &server{client: p.client, base: p.reach(now.Provisioning.Endpoint), token: now.Provisioning.Token, now: p.config.Now}
	return &run{idp: p, directory: now, server: server, provider: providerOf(now.Provisioning.Way, server)}, nil
}

// reach is where an address of the product answers.
func (p *IdP) reach(address string) string {
	if below, ours := strings.CutPrefix(address, p.config.Product+"/"); ours && p.config.Product != "" {
		return p.config.Reach + "/" + below
	}
	return address
}

// provider is how a provider says what changed. What it is given as was is nil where the server was not told yet.
type provider interface {
	// try calls the server as a test of what was entered does.
	try(ctx context.Context, s *server)
	// find is the query by which somebody or a group of the name is looked up.
	find(attribute, name string) (query string)
	// person and group are what is said of who, or what, is new.
	person(p Person) map[string]any
	group(g Group) map[string]any
	// update says how somebody differs, and dismiss that somebody is no more.
	update(ctx context.Context, s *server, was sent, now Person) error
	dismiss(ctx context.Context, s *server, was sent) error
	// regroup says how a group differs. The members are ids of the server.
	regroup(ctx context.Context, s *server, was, now members) error
}

func providerOf(way Way, s *server) provider {
	switch way {
	case OktaWay, OktaStoreWay:
		s.agent = "Okta SCIM Client 1.0.0"
		return okta{patches: way == OktaStoreWay}
	case EntraNewWay:
		s.query = "aadOptscim062020"
		return entra{merges: true}
	}
	return entra{}
}

// run is a push under way. Its directory is a copy, in which what was brought is written down as well.
type run struct {
	idp       *IdP
	directory Directory
	server    *server
	provider  provider
}

// all does what is due of a kind.
func (r *run) all(ctx context.Context, kind func(task) bool) {
	for _, work := range due(r.directory) {
		if kind(work) && ctx.Err() == nil {
			r.note(r.do(ctx, work))
		}
	}
}

// note says in the stack's log why something was not brought; the calls have the answer.
func (r *run) note(err error) {
	if err != nil {
		r.idp.config.Log(fmt.Sprintf("idp: %s: %v", r.directory.Name, err))
	}
}

func (r *run) do(ctx context.Context, work task) error {
	switch {
	case work.group != nil && work.gone:
		return r.dissolve(ctx, work.group.ID)
	case work.group != nil:
		return r.bringGroup(ctx, *work.group)
	case work.gone:
		return r.dismiss(ctx, work.person.ID)
	}
	return r.bring(ctx, *work.person)
}

// bring brings somebody: who was not yet is looked up by user name first, and created where nobody has it.
func (r *run) bring(ctx context.Context, now Person) error {
	was, there := r.directory.Provisioning.People[now.ID]
	if !there {
		remote, err := r.lookUp(ctx, "/Users", "userName", now.UserName)
		if err == nil && remote == "" {
			if remote, err = r.server.create(ctx, "/Users", r.provider.person(now)); err == nil {
				return r.keepPerson(now.ID, sent{remote, now, true})
			}
		}
		if err != nil {
			return fmt.Errorf("bring %s: %w", now.UserName, err)
		}
		was = sent{Remote: remote}
		if err := r.keepPerson(now.ID, was); err != nil {
			return err
		}
	}
	err := r.provider.update(ctx, r.server, was, now)
	if lost(err) {
		return errors.Join(err, r.dropPerson(now.ID))
	}
	if err != nil {
		return fmt.Errorf("bring %s: %w", now.UserName, err)
	}
	return r.keepPerson(now.ID, sent{was.Remote, now, true})
}

func (r *run) dismiss(ctx context.Context, id string) error {
	was := r.directory.Provisioning.People[id]
	if err := r.provider.dismiss(ctx, r.server, was); err != nil && !lost(err) {
		return fmt.Errorf("dismiss %s: %w", was.Person.UserName, err)
	}
	return r.dropPerson(id)
}

// lookUp gives the server's id of what has the name; empty where nothing has.
func (r *run) lookUp(ctx context.Context, path, attribute, name string) (string, error) {
	found, err := r.server.call(ctx, http.MethodGet, path, r.provider.find(attribute, name), nil)
	if err != nil {
		return "", err
	}
	all, _ := found["Resources"].([]any)
	for _, one := range all {
		if resource, ok := one.(map[string]any); ok {
			remote, _ := resource["id"].(string)
			return remote, nil
		}
	}
	return "", nil
}

// members are a group as the server knows it: its id, its name and the members by their ids there, with their names.
type members struct {
	remote, name string
	people       []string
	names        map[string]string
}

// bringGroup brings a group with those of its members whom the server has.
func (r *run) bringGroup(ctx context.Context, now Group) error {
	was, there := r.directory.Provisioning.Groups[now.ID]
	if !there {
		remote, err := r.lookUp(ctx, "/Groups", "displayName", now.Name)
		if err == nil && remote == "" {
			remote, err = r.server.create(ctx, "/Groups", r.provider.group(now))
		}
		if err != nil {
			return fmt.Errorf("bring the group %s: %w", now.Name, err)
		}
		was = sentGroup{remote, Group{ID: now.ID, Name: now.Name}}
		if err := r.keepGroup(now.ID, was); err != nil {
			return err
		}
	}
	next := Group{now.ID, now.Name, r.directory.Provisioning.brought(now.Members)}
	err := r.provider.regroup(ctx, r.server, r.members(was.Remote, was.Group), r.members(was.Remote, next))
	if lost(err) {
		return errors.Join(err, r.dropGroup(now.ID))
	}
	if err != nil {
		return fmt.Errorf("bring the group %s: %w", now.Name, err)
	}
	return r.keepGroup(now.ID, sentGroup{was.Remote, next})
}

func (r *run) dissolve(ctx context.Context, id string) error {
	was := r.directory.Provisioning.Groups[id]
	if _, err := r.server.call(ctx, http.MethodDelete, "/Groups/"+was.Remote, "", nil); err != nil && !lost(err) {
		return fmt.Errorf("take the group %s away: %w", was.Group.Name, err)
	}
	return r.dropGroup(id)
}

func (r *run) members(remote string, g Group) members {
	all := members{remote: remote, name: g.Name, names: map[string]string{}}
	for _, id := range g.Members {
		if one := r.directory.Provisioning.People[id]; one.Remote != "" {
			all.people = append(all.people, one.Remote)
			all.names[one.Remote] = one.Person.DisplayName()
		}
	}
	return all
}
