package rolesync

import (
	"context"
	"maps"
	"slices"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// apply goes through the next lines of the plan: each user is changed by a transaction with the line that says so, and what there was
// nothing to do about is written with the page.
func (s *Syncer) apply(ctx context.Context, x *page) error {
	r := x.run
	if r.Status == Queued && r.Mode == Apply && r.Confirmed.Type == "" && x.guard.stops(r) {
		return s.wait(ctx, x)
	}
	r.Status = Running
	lines, more, err := s.lines(ctx, x)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := s.line(ctx, x, line); err != nil {
			return err
		}
	}
	if err := s.keepUp(ctx, x); err != nil {
		return err
	}
	if x.remember(); !more {
		s.applied(x)
	}
	return nil
}

// keepUp brings who was changed by mappings that others have changed meanwhile in line with those. It comes before the page changes the
// mappings itself.
func (s *Syncer) keepUp(ctx context.Context, x *page) error {
	version := x.mappings.Version
	switch {
	case x.run.Mode == Undo: // it goes by none
		return nil
	case x.overtaken(): // as the attempt that was cut off may have been in the end
		version = directory.NoVersion
	}
	return s.KeepUp(ctx, x.Root, x.run.Actor(), version, x.changed)
}

// recount counts what an attempt at the page that was cut off has done, where the run ends before the page is done again: what was
// changed is in its record, and can be undone.
func (s *Syncer) recount(ctx context.Context, x *page) error {
	if x.run.Phase != applying {
		return nil
	}
	lines, _, err := s.lines(ctx, x)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if done := x.before[line.User]; done != nil && done.State == Applied {
			x.count(line, *done)
		}
	}
	if err := s.keepUp(ctx, x); err != nil {
		return err
	}
	x.remember()
	return nil
}

// remember has the page write what an undo, and the schedule after one, go by.
func (x *page) remember() {
	r := x.run
	if r.Mode == Undo { // so that the schedule leaves alone what people undid, also where that was cut short
		x.mappings.Pend(x.Tx, slices.Collect(maps.Keys(x.groups)), r.By, x.Now)
	} else if len(x.changed) > 0 { // a run that changed nobody leaves the one before to be undone
		x.Tx.Update(table.Touch(table.SyncLockKey(r.Root)).IfThere(table.ErrChanged).Set("changed", r.ID))
	}
}

// lines reads the next lines of the plan with what they are about, and whether there are more. The line of whoever the run is done for is
// the last of all: it may take the rights that the others are changed with.
func (s *Syncer) lines(ctx context.Context, x *page) (lines []Change, more bool, err error) {
	begin, behind, own := table.SyncChangeKey(x.run.source(), ""), table.Key{}, x.run.person()
	if x.at.Behind != "" {
		behind = table.SyncChangeKey(x.run.source(), x.at.Behind)
	}
	rows, more, err := s.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pageChanges}, behind)
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		var line Change
		if err := row.Read(&line); err != nil {
			return nil, false, err
		}
		if x.at.Behind = line.User; line.User != own {
			lines = append(lines, line)
		}
	}
	if own != "" && !more {
		var line Change
		found, err := s.Table.Get(ctx, table.SyncChangeKey(x.run.source(), own), &line)
		if err != nil {
			return nil, false, err
		}
		if found {
			lines = append(lines, line)
		}
	}
	return lines, more, s.read(ctx, x, lines)
}

// read reads the users of the lines, and what an attempt that was cut off has done to them already.
func (s *Syncer) read(ctx context.Context, x *page, lines []Change) error {
	x.users, x.before = map[string]*people.User{}, map[string]*Change{}
	var wants []*table.Wanted
	for _, line := range lines {
		if line.State == Nothing {
			continue
		}
		x.users[line.User], x.before[line.User] = &people.User{}, &Change{}
		wants = append(wants, table.Want(table.UserKey(x.Root, line.User), x.users[line.User]))
		if x.run.Of != "" {
			wants = append(wants, table.Want(line.key(x.run.ID), x.before[line.User]))
		} else {
			*x.before[line.User] = line
		}
	}
	return s.Table.GetMany(ctx, wants...)
}

// line does what a line of the plan says, once.
func (s *Syncer) line(ctx context.Context, x *page, line Change) error {
	r := x.run
	switch {
	case r.Mode == Undo && line.State != Applied:
		return nil
	case line.State == Nothing:
		if r.Of != "" {
			x.put(line)
		}
		return nil
	}
	done := *x.before[line.User]
	if done.State != Applied {
		var err error
		if done, err = s.change(ctx, x, line); err != nil {
			return err
		}
		if done.State != Applied {
			x.put(done)
		}
	}
	x.count(line, done)
	return nil
}

// count counts what came of a line.
func (x *page) count(line, done Change) {
	r := x.run
	if r.Done++; r.Mode == Undo {
		r.Counts.Reviewed++
	} else {
		r.Counts.add(line.Plan, -1)
	}
	r.Counts.add(done.Outcome, 1)
	if done.State == Applied {
		x.changed = append(x.changed, line.User)
		for _, one := range []Given{done.From, done.To} {
			if one.Role != "" {
				x.roles[one.Organization+"/"+one.Role] = true
			}
			if one.Group != "" && done.Connection != "" {
				x.groups[done.Connection+"/"+one.Group] = true
			}
		}
	} else if done.Outcome == FailedChange || done.Reason == ChangedSince || done.Reason == NotAllowed {
		r.Missed++
	}
}

// applied ends the run. Mappings that were pending are so no more where all was done as they say.
func (s *Syncer) applied(x *page) {
	if r := x.run; r.Mode == Apply && r.Missed == 0 {
		x.mappings.Applied(x.Tx, r.Revision)
	}
	s.end(x, Succeeded)
}
