package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// files removes the files of organizations that are of no use (BRA-4): uploads that were never taken into use, images that
// were replaced or never came into use. What it decides by are the table and the real time, never the time of a schedule's run:
// a file that somebody is about to use must not go because a run looks ahead.
type files struct {
	table *table.Table
	files *blob.Store
	clock clock.Clock
	log   *slog.Logger
}

// settles is how old a file is at least before it is removed: whoever wrote it has long been cut off, or has said what it is for.
const settles = 5 * time.Minute

// handler works on the timers: each asks for all files of its organization to be looked at.
func (f *files) handler() timer.Handler {
	return timer.Handler{Lease: 10 * time.Minute, Page: 10, Needs: 2 * pageTime, Do: f.work}
}

func (f *files) work(ctx context.Context, _ time.Time, page []timer.Claimed) error {
	for _, claimed := range page {
		org, what, _ := strings.Cut(claimed.Owner, "/")
		left, err := f.tidy(ctx, org, what)
		if err != nil {
			return err
		}
		tx := table.NewTx()
		if left {
			claimed.Move(tx, claimed.Due) // at once, which is with the next run
		} else {
			claimed.Done(tx)
		}
		if err := f.table.Commit(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// tidy removes what is of no use to the organization, the upload among it where what is one, and tells whether something is left
// to look at again. Files are listed before it is read what is in use: a file can come into use by its own upload only, and one
// whose upload has ended can no more.
func (f *files) tidy(ctx context.Context, org, what string) (left bool, err error) {
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
	used, err := branding.Read(ctx, f.table, org)
	if err != nil {
		return true, err
	}
	wanted := func(o blob.Object) bool {
		return slices.ContainsFunc(waiting, func(u branding.Upload) bool { return u.File(org) == o.Key })
	}
	useless := slices.DeleteFunc(uploaded, wanted)
	useless = append(useless, slices.DeleteFunc(images, func(o blob.Object) bool { return used.Uses(o.Key) })...)
	old := f.settled(waiting)
	settled := slices.DeleteFunc(slices.Clone(useless), func(o blob.Object) bool { return o.Modified.After(old) })
	if err := f.remove(ctx, org, settled); err != nil {
		return true, err
	}
	if slices.ContainsFunc(waiting, func(u branding.Upload) bool { return u.ID == what }) {
		return true, nil
	}
	return len(settled) < len(useless), f.table.Remove(ctx, table.UploadKey(org, what))
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
