package rolesync

import (
	"cmp"
	"context"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// plan reviews the next users, by some reads of two hundred and one write.
func (s *Syncer) plan(ctx context.Context, x *page) error {
	r, who := x.run, &administrators{Settler: s.Settler, root: x.Root}
	all, err := s.mapped(ctx, x.mappings)
	if err != nil {
		return err
	}
	if r.Status = Running; r.Revision == unplanned {
		if r.Left, err = who.left(ctx); err != nil {
			return err
		}
		r.Revision = x.mappings.Revision
	}
	var failed error
	told := func(is bool, err error) bool {
		failed = cmp.Or(failed, err)
		return is
	}
	p := &Planner{Root: r.Root, Mappings: all, Scheduled: r.Mode == Scheduled, Left: r.Left,
		May:     func(from, to directory.Assignment) bool { return told(x.rights.May(ctx, from, to)) },
		SignsIn: func(u *people.User) bool { return told(who.signsIn(ctx, u)) }}
	last, err := s.review(ctx, x, p)
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	if r.Left = p.Left; last {
		return s.planned(ctx, x)
	}
	return nil
}

// mapped are the mappings, with those marked whose role is gone.
func (s *Syncer) mapped(ctx context.Context, m *directory.Mappings) ([]directory.Mapping, error) {
	all, found := m.All(), map[string]*table.Wanted{}
	var wants []*table.Wanted
	for _, one := range all {
		if one.Role != "" && found[one.Role] == nil {
			found[one.Role] = table.Want(table.RoleKey(one.Organization, one.Role), &people.Role{})
			wants = append(wants, found[one.Role])
		}
	}
	if err := s.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	for i, one := range all {
		all[i].Missing = one.Role != "" && !found[one.Role].Found
	}
	return all, nil
}

// review has the planner review the users behind the checkpoint, until the page is full or all were: last.
func (s *Syncer) review(ctx context.Context, x *page, p *Planner) (last bool, err error) {
	begin, kept := table.UserKey(x.Root, ""), 0
	for read := 0; read < pageUsers && kept < pageLines; {
		rows, more, err := s.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: table.MaxLimit}, after(x.Root, x.at.Behind))
		if err != nil {
			return false, err
		}
		for i, row := range rows {
			var u people.User
			if err := row.Read(&u); err != nil {
				return false, err
			}
			if err := people.Outside(ctx, s.Table, &u); err != nil {
				return false, err
			}
			if x.take(p.Review(&u)) {
				kept++
			}
			if x.at.Behind = u.ID; kept == pageLines {
				return !more && i == len(rows)-1, nil
			}
		}
		if read += len(rows); !more {
			return true, nil
		}
	}
	return false, nil
}

// after is where the users behind one begin.
func after(root, behind string) table.Key {
	if behind == "" {
		return table.Key{}
	}
	return table.UserKey(root, behind)
}

// take counts what the planner says of a user, and keeps its line where there is something to tell.
func (x *page) take(of Reviewed) (kept bool) {
	if !of.Counted {
		return false
	}
	r := x.run
	r.Counts.Reviewed++
	r.Counts.add(of.Outcome, 1)
	for amount, is := range map[*int]bool{&r.Counts.Conflicts: of.Conflict, &r.Changes: of.State == Planned, &r.Holders: of.Holder, &r.Losers: of.Loses,
		&r.Missed: of.Reason == NotAllowed} {
		if is {
			*amount++
		}
	}
	if of.Kept {
		x.put(of.Change)
	}
	return of.Kept
}

// put has the page keep a line of the run.
func (x *page) put(c Change) {
	c.ExpiresAt = x.run.ExpiresAt
	x.Tx.Put(c.key(x.run.ID), c)
}

// planned goes on when the plan is made: a preview is over then, and what would take access from many waits (SYN-6).
func (s *Syncer) planned(ctx context.Context, x *page) error {
	r := x.run
	switch {
	case r.Mode == Preview:
		s.end(x, Succeeded)
	case x.guard.stops(r):
		return s.wait(ctx, x)
	default:
		r.Phase, x.at = applying, checkpoint{}
	}
	return nil
}

// wait has the run wait for a confirmation, and the administrators told so: it may be the schedule's. Its job is over meanwhile, so that it
// is in nobody's way.
func (s *Syncer) wait(ctx context.Context, x *page) error {
	r, until := x.run, x.Now.Add(waitsFor)
	name, err := s.organization(ctx, x, r.Root)
	if err != nil {
		return err
	}
	r.Status, r.Phase, r.WaitsUntil = Waiting, over, clock.Format(until)
	s.Outbox.Post(x.Tx, mail.Letter{Kind: mail.SyncWaits, Administrators: r.Root, Data: mail.Data{Organization: name, Count: r.Losers, At: x.Now, ExpiresAt: until}})
	return nil
}
