package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// files removes the files of organizations that are of no use (BRA-4): uploads that were never taken into use, images that
// were replaced or never came into use, and exports after a day (ADT-3). What it decides by are the table and the real time, never the time of a schedule's run:
// a file that somebody is about to use must not go because a run looks ahead.
type files struct {
	table *table.Table
	files *blob.Store
	clock clock.Clock
	log   *slog.Logger
}

// settles is how old a file is at least before it is removed: whoever wrote it has long been cut off, or has said what it is for.
const settles = 5 * time.Minute

// othersAfter is how long before a timer falls due the files are written that it looks after, at the latest: none falls due sooner
// than an hour after what it is set for. What was written later has a timer of its own, so that an organization which uploads all
// the time does not keep all of its timers waiting.
const othersAfter = 30 * time.Minute

// handler works on the timers: each asks for all files of its organization to be looked at.
func (f *files) handler() timer.Handler {
	return timer.Handler{Lease: 10 * time.Minute, Page: 10, Needs: 2 * pageTime, Do: f.work}
}

// work looks after one organization after the other. One that fails keeps no other from being looked after; its turn comes again
// when its lease ends.
func (f *files) work(ctx context.Context, _ time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		if err := f.one(ctx, claimed); err != nil && !errors.Is(err, table.ErrChanged) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (f *files) one(ctx context.Context, claimed timer.Claimed) error {
	left, err := f.tidy(ctx, claimed)
	if err != nil {
		return err
	}
	waits, err := f.endExports(ctx, claimed)
	if err != nil {
		return err
	}
	tx := table.NewTx()
	if left || waits {
		claimed.Move(tx, claimed.Due) // at once, which is with the next run
	} else {
		claimed.Done(tx)
	}
	return f.table.Commit(ctx, tx)
}

// tidy removes what is of no use to the timer's organization, the upload among it where the timer is of one, and tells whether
// something is left to look at again. Files are listed before it is read what is in use: a file can come into use by its own
// upload only, and one whose upload has ended can no more.
func (f *files) tidy(ctx context.Context, claimed timer.Claimed) (left bool, err error) {
	org, what, _ := strings.Cut(claimed.Owner, "/")
	uploaded, err := f.list(ctx, blob.Uploads+org+"/")
	if err != nil {
		return true, err
	}
	images, err := f.list(ctx, blob.Images+org+"/")
	if err != nil {
		return true, err
	}
	waiting, err := table.All[branding.Upload](ctx, f.table, branding.Uploads(org))
	if err != nil {
		return true, err
	}
	used, err := f.used(ctx, org)
	if err != nil {
		return true, err
	}
	wanted := func(o blob.Object) bool {
		return slices.ContainsFunc(waiting, func(u branding.Upload) bool { return u.File(org) == o.Key })
	}
	useless := slices.DeleteFunc(uploaded, wanted)
	useless = append(useless, slices.DeleteFunc(images, func(o blob.Object) bool { return used.Uses(o.Key) })...)
	old := f.settled(waiting)
	young := func(o blob.Object) bool { return o.Modified.After(old) }
	if err := f.remove(ctx, org, slices.DeleteFunc(slices.Clone(useless), young)); err != nil {
		return true, err
	}
	if slices.ContainsFunc(waiting, func(u branding.Upload) bool { return u.ID == what }) {
		return true, nil
	}
	latest := claimed.Due.Add(-othersAfter)
	left = slices.ContainsFunc(useless, func(o blob.Object) bool { return young(o) && o.Modified.Before(latest) })
	return left, f.table.Remove(ctx, table.UploadKey(org, what))
}

// endExports removes the exports of the timer's organization that were there for long enough, and tells whether the one that
// the timer is for has to wait.
func (f *files) endExports(ctx context.Context, claimed timer.Claimed) (waits bool, err error) {
	org, what, _ := strings.Cut(claimed.Owner, "/")
	exports, err := f.list(ctx, blob.Exports+org+"/")
	if err != nil {
		return true, err
	}
	begun := f.clock().Add(-export.Lasts)
	for _, o := range exports {
		waits = waits || o.Modified.After(begun) && o.Key == export.File(org, what)
	}
	return waits, f.remove(ctx, org, slices.DeleteFunc(exports, func(o blob.Object) bool { return o.Modified.After(begun) }))
}

// used is what the organization has in use: nothing, where it is gone. An image that was being taken while the organization was
// deleted may have come into use after it.
func (f *files) used(ctx context.Context, org string) (*branding.Branding, error) {
	_, err := tenant.Read(ctx, f.table, org)
	if problem.Gone(err) {
		return &branding.Branding{}, f.table.Remove(ctx, table.BrandingKey(org))
	}
	if err != nil {
		return nil, err
	}
	return branding.Read(ctx, f.table, org)
}

// settled is when a file was written at the latest that may be removed: before all that may still come into use, which is
// written after its upload began.
func (f *files) settled(waiting []branding.Upload) time.Time {
	at := f.clock()
	for _, upload := range waiting {
		if began := time.Unix(upload.Until, 0).Add(-branding.UploadValid); began.Before(at) {
			at = began
		}
	}
	return at.Add(-settles)
}

// list is all of an organization's files under a prefix: some dozens.
func (f *files) list(ctx context.Context, prefix string) ([]blob.Object, error) {
	var all []blob.Object
	for after := ""; ; after = all[len(all)-1].Key {
		page, more, err := f.files.List(ctx, prefix, after, 1000)
		all = append(all, page...)
		if err != nil || !more {
			return all, err
		}
	}
}

func (f *files) remove(ctx context.Context, org string, useless []blob.Object) error {
	keys := make([]string, len(useless))
	for i, o := range useless {
		keys[i] = o.Key
	}
	if len(keys) > 0 {
		f.log.InfoContext(ctx, "files of no use removed", "event", "files.removed", "organization", org, "count", len(keys))
	}
	return f.files.Delete(ctx, keys...)
}
