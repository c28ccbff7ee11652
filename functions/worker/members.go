package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// members brings to an end what was begun with the members of groups: changes that a request wrote down and did not finish, and the
// leaving of a group that was deleted.
type members struct {
	*start.Services
	settler *directory.Settler
}

func newMembers(s *start.Services) *members {
	return &members{s, newSettler(s)}
}

const (
	membersLease = 2 * time.Minute
	expelledPage = 200 // members of a page of the job
)

// handler works on the timers of kind timer.Members.
func (w *members) handler() timer.Handler {
	return timer.Handler{Lease: membersLease, Page: 1, Needs: pageTime, Do: w.finish}
}

func (w *members) finish(ctx context.Context, _ time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		_, group, _ := strings.Cut(claimed.Owner, "/")
		if err := w.settler.Finish(ctx, group); err != nil { // the timer falls due again when the lease ends
			failed = append(failed, err)
			continue
		}
		tx := table.NewTx()
		claimed.Done(tx)
		if err := w.Table.Commit(ctx, tx); !errors.Is(err, table.ErrChanged) { // it went with what was intended, or was set anew
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// empty does a page of a job of kind job.EmptyGroup. What was done is not there any more, so that a page that is done again does the rest.
func (w *members) empty(ctx context.Context, p *job.Page) error {
	var of directory.Emptying
	if _, err := p.Given(&of); err != nil {
		return err
	}
	n, err := w.settler.Empty(ctx, p.Root, of, expelledPage)
	if err != nil {
		return err
	}
	if n > 0 {
		p.Next(nil, n)
		return nil
	}
	if err := directory.Vanish(ctx, w.Table, p.Root, of); err != nil {
		return err
	}
	p.Finish(nil, 0)
	return nil
}
