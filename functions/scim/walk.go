package main

import (
	"context"
	"strconv"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/scim"
)

// walk answers a question for all resources of a collection: page by page in the order in which they came. A page by index begins where the page before
// it ended, so that nobody who stays is passed over or comes twice while others come and go. Two who walk at a time have a token each.
func (d *door) walk(ctx context.Context, idp *caller, q scim.Query, of *collection) (*reply, error) {
	total, err := directory.Count(ctx, d.Table, of.kind, idp.Root, idp.ID)
	if err != nil {
		return nil, err
	}
	behind, there, err := d.begin(ctx, idp, q, of, total)
	if err != nil {
		return nil, err
	}
	if !there || q.Page.Count == 0 {
		return d.answer(ctx, idp, q, nil, total, "")
	}
	steps, more, err := directory.Walk(ctx, d.Table, of.kind, idp.ID, behind, q.Page.Count)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(steps))
	for i, step := range steps {
		ids[i] = step.ID
	}
	page, err := d.readAll(ctx, idp, of, ids)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(steps) > 0 && more {
		last := steps[len(steps)-1].Place
		if q.Page.ByCursor {
			next = d.sealed(idp, q, []*collection{of}, last)
		} else if err := directory.Remember(ctx, d.Table, of.kind, idp.ID, idp.token, q.Page.Start+len(steps), last, d.Clock()); err != nil {
			return nil, err
		}
	}
	return d.answer(ctx, idp, q, page, total, next)
}

// begin gives the place behind which the page begins; there is false where it is behind the last one.
func (d *door) begin(ctx context.Context, idp *caller, q scim.Query, of *collection, total int) (behind string, there bool, err error) {
	if q.Page.ByCursor {
		if q.Page.Cursor == "" {
			return "", true, nil
		}
		behind, err = d.opened(idp, q, []*collection{of})
		return behind, err == nil, err
	}
	start := q.Page.Start
	if start == 1 {
		return "", true, nil
	}
	if behind, there, err = directory.Anchor(ctx, d.Table, of.kind, idp.ID, idp.token, start); there || err != nil {
		return behind, there, err
	}
	switch {
	case start > total:
		return "", false, nil
	case start-1 > mostExamined:
		return "", false, scim.Bad(scim.TooMany, "A page beyond %d is found by going on from the page before it: begin at startIndex 1, or ask by cursor.", mostExamined)
	}
	steps, _, err := directory.Walk(ctx, d.Table, of.kind, idp.ID, "", start-1)
	if err != nil || len(steps) < start-1 {
		return "", false, err
	}
	return steps[len(steps)-1].Place, true, nil
}

// bound is what a cursor holds for.
func bound(idp *caller, q scim.Query, of []*collection) string {
	all := idp.ID
	for _, c := range of {
		all += " " + c.Name
	}
	return all + "\n" + q.Bound()
}

// sealed is a cursor that says where the walk goes on: behind a place, or from a number where the list is made anew for each page.
func (d *door) sealed(idp *caller, q scim.Query, of []*collection, position string) string {
	return scim.SealCursor(d.cursorKey(), bound(idp, q, of), position, d.Clock().Add(cursorLasts))
}

// opened is the position that the query's cursor says.
func (d *door) opened(idp *caller, q scim.Query, of []*collection) (string, error) {
	return scim.OpenCursor(d.cursorKey(), bound(idp, q, of), q.Page.Cursor, d.Clock())
}

// offset is the number that the cursor of a list that is made anew says.
func (d *door) offset(idp *caller, q scim.Query, of []*collection) (int, error) {
	if q.Page.Cursor == "" {
		return 1, nil
	}
	at, err := d.opened(idp, q, of)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(at)
}

// cursorKey is what cursors are sealed with: another one when the installation's key was rotated, which ends walks.
func (d *door) cursorKey() []byte { return d.Keyring.MAC("scim-cursor", []byte("key")) }
