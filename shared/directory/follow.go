package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/table"
)

// Follow brings users in line who were moved by one change, settled by the mappings of the version that the intent names, where others
// changed these meanwhile: whoever maps a group gives its members their roles, and does not know of who was just joining. The change is
// done whatever becomes of this. Where the time does not suffice it is written down as what is intended of the group, and is done by whoever
// changes the group next, or the worker; late tells of that, and why.
func (s *Settler) Follow(ctx context.Context, in Intent, users ...string) (late, err error) {
	late = Again(ctx, func() error {
		err := s.follow(ctx, &in, users, nil)
		if met(err) {
			return table.ErrChanged
		}
		return err
	})
	if late == nil {
		return nil, nil
	}
	err = Again(ctx, func() error {
		tx := table.NewTx()
		s.intend(tx, in, intended{Follows: users})
		return s.Table.Commit(ctx, tx)
	})
	return late, err
}

// NoVersion is none of the mappings.
const NoVersion = -1

// KeepUp brings users of the tree in line whom somebody's run has changed by the mappings of a version, where others changed these
// meanwhile: whoever applied the new ones may have met these users before the run did, and would not see them again.
func (s *Settler) KeepUp(ctx context.Context, root string, by audit.Actor, version int, users []string) error {
	if len(users) == 0 {
		return nil
	}
	return s.follow(ctx, &Intent{Root: root, Request: Request{By: by}, Mappings: version}, users, nil)
}

// follow brings users in line where the mappings are others than the intent was written down with. before comes before each page of them;
// nil for nothing.
func (s *Settler) follow(ctx context.Context, in *Intent, users []string, before func(context.Context) error) error {
	for version := in.Mappings; ; {
		now, err := ReadMappings(ctx, s.Table, in.Root)
		if err != nil || now.Version == version {
			return err
		}
		for page := range slices.Chunk(users, pageOfIntent) {
			if before != nil {
				if err := before(ctx); err != nil {
					return err
				}
			}
			if err := s.followPage(ctx, in, page, now); err != nil {
				return err
			}
		}
		version = now.Version
	}
}

func (s *Settler) followPage(ctx context.Context, in *Intent, users []string, now *Mappings) error {
	return Each(users, atOnce, func(_ int, user string) error {
		_, err := s.Resettle(ctx, in.Root, user, Resettling{Mappings: now, By: in.By})
		return err
	})
}

// over has the users of an intent be in line although it came to an end otherwise: by whoever finished it, or with the group.
func (r *rolling) over(ctx context.Context, what intended, err error) error {
	if errors.Is(err, errOver) || errors.Is(err, errGone) {
		return r.follow(ctx, &r.in, what.users(), nil)
	}
	return err
}
