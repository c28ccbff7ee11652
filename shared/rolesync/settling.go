package rolesync

import (
	"context"
	"errors"
	"slices"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// tries is how often a user is read again that others change meanwhile.
const tries = 8

// change changes one user, reading again where others do so at the same time. What it gives was either written, or is to be.
func (s *Syncer) change(ctx context.Context, x *page, line Change) (done Change, err error) {
	u := x.users[line.User]
	for i := range tries {
		if i > 0 {
			u = &people.User{}
			if _, err := s.Table.Get(ctx, table.UserKey(x.Root, line.User), u); err != nil {
				return done, err
			}
		}
		tx := table.NewTx()
		if x.run.Mode == Undo {
			done, err = s.giveBack(ctx, x, tx, line, u)
		} else {
			done, err = s.settle(ctx, x, tx, line, u)
		}
		if err == nil && done.State == Applied {
			done.ExpiresAt = x.run.ExpiresAt
			tx.Put(done.key(x.run.ID), done)
			err = s.Table.Commit(ctx, tx)
		}
		switch e := problem.As(err); {
		case err == nil:
			return done, nil
		case errors.Is(err, table.ErrChanged):
		case e != nil && e.Slug == "last-administrator":
			return line.skip(LastAdministrator), nil
		case e != nil && e.Slug == "role-gone":
			return line.skip(RoleMissing), nil
		case e != nil && e.Code == problem.Conflict:
			return line.failed(e.Slug), nil
		default:
			return done, err
		}
	}
	return line.failed("contended"), nil
}

// settle has the change of a user be what the mappings give.
func (s *Syncer) settle(ctx context.Context, x *page, tx *table.Tx, line Change, u *people.User) (Change, error) {
	switch {
	case u.ID == "":
		return line.skip(Gone), nil
	case x.run.exact() && u.Version != line.Version:
		return line.skip(ChangedSince), nil
	}
	done, read := line, *u
	done.From = present(u)
	edit := people.Edit(u, x.run.Actor(), x.Now)
	settled, err := s.Settle(ctx, tx, edit, u, x.mappings)
	may := false
	if err == nil {
		may, err = x.rights.May(ctx, settled.From, settled.To)
	}
	if err != nil {
		return line, err
	}
	if reason := x.bars(line, &read, settled, may); reason != "" {
		return line.skip(reason), nil
	}
	done.To, done.Outcome, done.Reason, done.Conflict = given(settled.To), Outcome(settled.Outcome), string(settled.Reason), settled.Conflict
	if !settled.Changed() && slices.Equal(read.Conflicts, u.Conflicts) { // somebody else did it meanwhile
		done.State = Nothing
		return done, nil
	}
	done.To.By, done.Version, done.State = u.RoleBy, u.Version, Applied
	tx.Update(edit)
	if settled.Changed() {
		event := directory.Event(settled, u, x.run.Actor(), "")
		event.After["runId"] = x.run.ID
		s.Trail.Write(tx, event)
	}
	return done, nil
}

// bars tells why what the mappings give the user as it was read is not given, empty where it is; may tells that whoever the run is done for may
// give it.
func (x *page) bars(line Change, read *people.User, settled *directory.Settled, may bool) string {
	switch {
	case settled.Kept:
		return LastAdministrator
	case settled.Reason == directory.RoleMissing:
		return RoleMissing
	case settled.Changed() && !may:
		return NotAllowed
	case x.run.exact() && settled.To != line.To.assignment():
		return ChangedSince
	case x.run.Mode == Scheduled && pending(read, settled.Resolution, x.mappings.All()):
		return Pending
	}
	return ""
}

// failed is the change that did not come about for the reason.
func (c Change) failed(reason string) Change {
	c = c.skip(reason)
	c.Outcome = FailedChange
	return c
}
