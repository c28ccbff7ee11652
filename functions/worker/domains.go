package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// Bounds of looking at domains again. All domains of a page are looked up at the same time. A lease is somewhat more than an hour,
// so that whoever looks again after a worker died does so an hour after the look, and not only after the claim (DOM-8).
const (
	domainLease   = time.Hour + time.Minute
	domainPage    = 48 // with two writes each in one transaction
	domainTimeout = 6 * time.Second
	domainTries   = 3 // to write down what was found where others change the same domain
)

// rechecks looks at verified domains again, day by day (DOM-7).
type rechecks struct {
	*start.Services
	registry *domain.Registry
	resolver domainproof.Resolver
	notice   *lockout.Notice
}

func newRechecks(s *start.Services) *rechecks {
	return &rechecks{Services: s, registry: &domain.Registry{Trail: s.Trail, Outbox: s.Outbox, Policy: domainproof.Policy{Lapse: s.Config.DomainGrace}},
		resolver: domainproof.NewClient(s.Config.DNSServer), notice: newNotice(s)}
}

func (r *rechecks) handler() timer.Handler {
	return timer.Handler{Lease: domainLease, Page: domainPage, Needs: pageTime, Do: r.page}
}

// recheck is one domain of a page, with its timer and what was found.
type recheck struct {
	domain.Domain
	timer   timer.Claimed
	finding domainproof.Finding
}

// page looks at the domains of a page of timers. What follows for most of them, nothing but a note, is written in one
// transaction; where that meets somebody else's change, and where more follows, each is written by itself.
func (r *rechecks) page(ctx context.Context, now time.Time, page []timer.Claimed) error {
	due, err := r.read(ctx, page)
	if err != nil {
		return err
	}
	r.look(ctx, due)
	plain, single := r.sort(due, now)
	err = r.noteAll(ctx, plain, now)
	if errors.Is(err, table.ErrChanged) {
		single, err = due, nil
	}
	if err != nil {
		return err
	}
	r.Log.InfoContext(ctx, "domains looked at", "event", "domains.looked-at", "domains", len(due), "failed", failures(due), "apart", len(single))
	return r.noteEach(ctx, single, now)
}

// read reads the domains in one round trip.
func (r *rechecks) read(ctx context.Context, page []timer.Claimed) ([]*recheck, error) {
	due := make([]*recheck, len(page))
	wants := make([]*table.Wanted, len(page))
	for i, claimed := range page {
		due[i] = &recheck{timer: claimed}
		wants[i] = due[i].want()
	}
	return due, r.Table.GetMany(ctx, wants...)
}

// want asks for the domain of the timer.
func (c *recheck) want() *table.Wanted {
	org, id, _ := strings.Cut(c.timer.Owner, "/")
	return table.Want(table.DomainKey(org, id), &c.Domain)
}

// look looks for the records of the verified ones, all at the same time.
func (r *rechecks) look(ctx context.Context, due []*recheck) {
	ctx, cancel := context.WithTimeout(ctx, domainTimeout)
	defer cancel()
	var looking sync.WaitGroup
	for _, c := range due {
		if c.Verified {
			looking.Go(func() { c.finding = domainproof.Note(domainproof.LookUp(ctx, r.resolver, c.Name, c.Token)) })
		}
	}
	looking.Wait()
}

// failures is how many look-ups told nothing, neither that the record is there nor that it is not.
func failures(due []*recheck) (count int) {
	for _, c := range due {
		if c.finding.Outcome == domainproof.Failed {
			count++
		}
	}
	return count
}

// sort tells those of which nothing is to be told from the others.
func (r *rechecks) sort(due []*recheck, now time.Time) (plain, single []*recheck) {
	for _, c := range due {
		_, event := c.State().After(c.finding.Outcome, now, r.registry.Policy)
		if c.Verified && event == domainproof.Nothing {
			plain = append(plain, c)
		} else {
			single = append(single, c)
		}
	}
	return plain, single
}

// noteAll writes down what was found of domains of which nothing is to be told, whole or not at all. They are copies, so that
// they can be written one by one afterwards.
func (r *rechecks) noteAll(ctx context.Context, plain []*recheck, now time.Time) error {
	tx := table.NewTx()
	for _, c := range plain {
		copied := *c
		r.put(tx, &copied, &owner{}, now)
	}
	return r.Table.Commit(ctx, tx)
}

// noteEach writes down what was found of each domain by itself. One that fails keeps no other from being written; it is looked at
// again when its lease ends.
func (r *rechecks) noteEach(ctx context.Context, single []*recheck, now time.Time) error {
	owners, err := r.owners(ctx, single)
	if err != nil {
		return err
	}
	var failed []error
	for i, c := range single {
		failed = append(failed, r.note(ctx, c, &owners[i], now))
	}
	return errors.Join(failed...)
}

// owner is whose a domain is, with what decides whether that one is told.
type owner struct {
	organization tenant.Organization
	state        tenant.Access
}

// owners are those of the domains, in their order.
func (r *rechecks) owners(ctx context.Context, of []*recheck) ([]owner, error) {
	owners := make([]owner, len(of))
	var wants []*table.Wanted
	for i, c := range of {
		if c.ID != "" {
			wants = append(wants, table.Want(table.OrganizationKey(c.Organization), &owners[i].organization), table.Want(table.AccessKey(c.Root), &owners[i].state))
		}
	}
	return owners, r.Table.GetMany(ctx, wants...)
}

// note writes down what was found of one domain, reading it again where somebody else has changed it since. Where it is the
// timer that has changed, the domain is somebody else's to look at.
func (r *rechecks) note(ctx context.Context, c *recheck, of *owner, now time.Time) error {
	for range domainTries {
		if c.Verified {
			if err := c.Follow(ctx, r.Table); err != nil {
				return err
			}
		}
		tx, copied := table.NewTx(), *c
		event := r.put(tx, &copied, of, now)
		if event == domainproof.Lost {
			by := domain.BySystem(of.organization.Name, now)
			if err := r.notice.LoseDomain(ctx, tx, c.Root, c.Name, by.Event, now); err != nil {
				return err
			}
		}
		err := r.Table.Commit(ctx, tx)
		if err == nil && event == domainproof.Lost {
			r.Log.InfoContext(ctx, "domain lost", "event", "domain.lost", "domain", c.ID, "organization", c.Organization)
		}
		if !errors.Is(err, table.ErrChanged) {
			return err
		}
		c.Domain = domain.Domain{}
		if err := r.Table.GetMany(ctx, c.want()); err != nil {
			return err
		}
	}
	return nil
}

// put puts into the change what was found of a domain, and when it is looked at next: never, where it is gone or not verified
// any more. A closed tree loses nothing by time: it may come back as it was (GEN-6), and nobody is there to be told. It gives
// what is to be told of it.
func (r *rechecks) put(tx *table.Tx, c *recheck, of *owner, now time.Time) domainproof.Event {
	switch {
	case !c.Verified || c.finding.Outcome == "":
		c.timer.Done(tx)
		return domainproof.Nothing
	case of.state.Closed():
		c.timer.Move(tx, domainproof.Next(domainproof.Found, now))
		return domainproof.Nothing
	}
	event := r.registry.Note(tx, &c.Domain, c.finding, domain.BySystem(of.organization.Name, now))
	if event == domainproof.Lost {
		c.timer.Done(tx)
	} else {
		c.timer.Move(tx, domainproof.Next(c.finding.Outcome, now))
	}
	return event
}
