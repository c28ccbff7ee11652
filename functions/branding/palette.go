package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

// NewPalette is what an organization's colours shall be.
type NewPalette struct {
	Palette *Palette `json:"palette,omitempty" doc:"All five; absent: the portal's own"`
}

// PaletteInput is the input of PUT /v1/organizations/{org}/branding.
type PaletteInput struct {
	httpapi.About
	httpapi.Match
	Body NewPalette
}

// setPalette answers PUT /v1/organizations/{org}/branding.
func (b *brands) setPalette(ctx context.Context, c *access.Caller, in *PaletteInput, tx *table.Tx) (*Shown, error) {
	before, err := b.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	after := *before
	after.Palette = in.Body.kept()
	if same(before.Palette, after.Palette) {
		return b.show(ctx, c, before)
	}
	b.store(tx, c, before, &after, "branding.colours-changed")
	return b.show(ctx, c, &after)
}

// kept is the palette as it is kept.
func (p NewPalette) kept() *branding.Palette {
	if p.Palette == nil {
		return nil
	}
	return &branding.Palette{Primary: p.Palette.Primary.whole(), Secondary: p.Palette.Secondary.whole(), Accent: p.Palette.Accent.whole(),
		Background: p.Palette.Background.whole(), Text: p.Palette.Text.whole()}
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// read reads the branding as it is now, and refuses where If-Match names another version.
func (b *brands) read(ctx context.Context, c *access.Caller, match httpapi.Match) (*branding.Branding, error) {
	stored, err := branding.Read(ctx, b.Table, c.Organization.ID)
	if err != nil {
		return nil, err
	}
	return stored, match.Check(stored.Version)
}

// store puts what differs into the change, with its line in the audit. after gets its new version.
func (b *brands) store(tx *table.Tx, c *access.Caller, before, after *branding.Branding, action string) {
	key, now := table.BrandingKey(c.Organization.ID), clock.Format(b.Clock())
	after.Version, after.UpdatedAt, after.UpdatedBy = before.Version+1, now, c.Actor
	event := c.Event(action, "branding", c.Organization.ID)
	if before.Version == 0 {
		after.Stamp = audit.Made(c.Actor, now)
		tx.Create(key, after, table.ErrChanged)
	}
	change := table.Edit(key, before.Version).Set("updatedAt", now).Set("updatedBy", c.Actor)
	event.Before, event.After = map[string]any{}, map[string]any{}
	differ(change, &event, "palette", before.Palette, after.Palette)
	differ(change, &event, "logo", before.Logo, after.Logo)
	differ(change, &event, "cover", before.Cover, after.Cover)
	if before.Version > 0 {
		tx.Update(change)
	}
	b.Trail.Write(tx, event)
}

// differ puts a part into the change and the event where it is another one.
func differ[T comparable](change *table.Change, event *audit.Event, name string, before, after *T) {
	if same(before, after) {
		return
	}
	if before != nil {
		event.Before[name] = *before
	}
	if after == nil {
		change.Remove(name)
		return
	}
	event.After[name] = *after
	change.Set(name, *after)
}
