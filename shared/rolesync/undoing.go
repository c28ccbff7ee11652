package rolesync

import (
	"cmp"
	"context"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// giveBack has the change of a user be what a line changed, the other way round: the role as it was, with what gave it.
func (s *Syncer) giveBack(ctx context.Context, x *page, tx *table.Tx, line Change, u *people.User) (Change, error) {
	line.Plan = Unchanged
	switch {
	case u.ID == "":
		return line.skip(Gone), nil
	case u.Version != line.Version:
		return line.skip(ChangedSince), nil
	}
	role, err := x.role(ctx, line.From)
	if err != nil || role == nil {
		return line.skip(RoleMissing), err
	}
	if may, err := x.rights.May(ctx, directory.PresentOf(u), line.From.assignment()); err != nil || !may {
		return line.skip(NotAllowed), err
	}
	becomes := role.Portal == people.AdministratorAccess
	if u.Outsider && becomes {
		return line.skip(OutsiderBarred), nil
	}
	if needed, err := s.Needed(ctx, tx, u, becomes && role.Organization == u.Root); err != nil || needed {
		return line.skip(LastAdministrator), err
	}
	done, administrator := line, u.Administrator()
	done.From, done.To, done.State = present(u), line.From, Applied
	done.Outcome = Outcome(directory.Compare(done.From.assignment(), done.To.assignment()))
	done.Reason, done.Conflict = "undone", false
	edit := people.Edit(u, x.run.Actor(), x.Now)
	keysEnd := directory.Give(tx, edit, u, line.From.assignment(), role, line.From.By, x.Now)
	done.Version = u.Version
	tx.Update(edit)
	s.record(x, tx, u, done)
	return done, s.tell(ctx, x, tx, u, keysEnd, administrator)
}

// role reads a role that somebody had: an empty one for none, nil for one that is gone.
func (x *page) role(ctx context.Context, of Given) (*people.Role, error) {
	if of.Role == "" {
		return &people.Role{}, nil
	}
	return x.rights.Role(ctx, of.assignment())
}

// record writes the change of a user into the trail, as the run's.
func (s *Syncer) record(x *page, tx *table.Tx, u *people.User, done Change) {
	of := cmp.Or(u.Organization, done.From.Organization, x.Root)
	after := done.To.assignment().Recorded()
	after["runId"] = x.run.ID
	s.Trail.Write(tx, audit.Event{Action: "user.role-undone", Root: x.Root, Organization: of, Actor: x.run.Actor(), Target: audit.Target{Type: "user", ID: u.ID},
		Before: done.From.assignment().Recorded(), After: after})
}

// tell tells the administrators whom it concerns: of keys that end, and of somebody who becomes an administrator (PER-7).
func (s *Syncer) tell(ctx context.Context, x *page, tx *table.Tx, u *people.User, keysEnd, administrator bool) error {
	if keysEnd {
		if err := u.TellOfKeys(ctx, s.Table, s.Outbox, tx); err != nil {
			return err
		}
	}
	if administrator || !u.Administrator() || u.Status == people.Inactive {
		return nil
	}
	name, err := s.organization(ctx, x, u.Organization)
	if err == nil {
		u.TellOfAdministrator(s.Outbox, tx, name, "Sync assigned roles", x.Now)
	}
	return err
}

// organization reads the name of one.
func (s *Syncer) organization(ctx context.Context, x *page, org string) (string, error) {
	if name, known := x.names[org]; known {
		return name, nil
	}
	var of struct {
		Name string `dynamodbav:"name"`
	}
	_, err := s.Table.Get(ctx, table.OrganizationKey(org), &of)
	x.names[org] = of.Name
	return of.Name, err
}
