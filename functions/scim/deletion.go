package main

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// removeGroup answers DELETE of a group: it is gone at once, and its members follow in the background (SCI-3).
func (d *door) removeGroup(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	c := &gathering{door: d, idp: idp, by: requestOf(ctx, idp)}
	err := c.commit(ctx, func(tx *table.Tx) error {
		g, err := d.findGroup(ctx, idp, id)
		if err != nil {
			return err
		}
		if err := d.checkMatch(ctx, idp, g.document, r.Header.Get("If-Match")); err != nil {
			return err
		}
		tally, err := directory.ReadTally(ctx, d.Table, idp.Root, id)
		if err != nil {
			return err
		}
		d.settler.Delete(tx, g.document, ofGroups().foundBy(g.sent), g.mappings, unauthorized())
		emptying := &job.Job{Root: idp.Root, Organization: idp.Root, Kind: job.EmptyGroup, Total: tally.Members}
		emptying.Give(directory.Emptying{Connection: idp.ID, Group: id, Request: c.by})
		job.Start(tx, emptying, d.Work, idp.actor(), d.Clock())
		event := d.groupEvent(ctx, idp, "group.deleted", g.document)
		event.Before, event.After, event.Count = event.After, map[string]any{"jobId": emptying.ID}, tally.Members
		d.Trail.Write(tx, event)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent}, nil
}

// withdraw takes a user who is about to be deleted out of groups that are too many for one change, some at a time, and gives the condition
// that is left for the rest. Access ends with the first of them.
func (d *door) withdraw(ctx context.Context, idp *caller, user, match string) (string, error) {
	for more, begun := true, false; more; begun = true {
		if err := inTime(ctx); begun && err != nil {
			return "", err
		}
		err := d.server.Commit(ctx, func(tx *table.Tx) error {
			s, err := d.find(ctx, idp, user)
			if err != nil {
				return err
			}
			if more = max(len(s.user.Groups), len(s.user.Conflicts)) > directory.MostWithdrawn; !more {
				return nil
			}
			if err := scim.CheckMatch(match, s.version()); err != nil {
				return err
			}
			return d.withdrawSome(ctx, tx, idp, &s.user)
		})
		if err != nil {
			return "", err
		}
		if more {
			match = "" // it is another version from then on
		}
	}
	return match, nil
}

// forOneMore is what the last steps of a request take at most.
const forOneMore = 3 * time.Second

// inTime refuses where the request's time does not suffice for another step: what was done holds, and a repetition goes on with it.
func inTime(ctx context.Context) error {
	if deadline, bounded := ctx.Deadline(); !bounded || time.Until(deadline) >= forOneMore {
		return nil
	}
	busy := problem.New(problem.Unavailable, "busy", "The user has no access any more, and is being taken out of very many groups. Repeat the request, without If-Match, to go on.")
	busy.RetryAfter = time.Second
	return busy
}

// withdrawSome has the change take the user out of some groups. It is recorded as what it is: that the user leaves is told and counted once,
// with the deletion.
func (d *door) withdrawSome(ctx context.Context, tx *table.Tx, idp *caller, u *people.User) error {
	groups := u.Groups[:min(len(u.Groups), directory.MostLeft)]
	event := d.event(ctx, idp, "membership.removed", u)
	event.Before, event.Count = recorded(u), len(groups)
	edit := people.Edit(u, idp.actor(), d.Clock())
	if err := d.dismiss(ctx, tx, idp, edit, u); err != nil {
		return err
	}
	if err := directory.LeaveAll(ctx, d.Table, tx, edit, u, groups, d.Clock()); err != nil {
		return err
	}
	if _, err := d.regroup(ctx, tx, edit, u); err != nil {
		return err
	}
	tx.Update(edit)
	event.After = recorded(u)
	d.Trail.Write(tx, event)
	return nil
}
