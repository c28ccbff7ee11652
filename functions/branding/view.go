package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
)

// Palette is the five colours.
type Palette struct {
	Primary    Colour `json:"primary"`
	Secondary  Colour `json:"secondary"`
	Accent     Colour `json:"accent"`
	Background Colour `json:"background"`
	Text       Colour `json:"text"`
}

// Image is an image in use.
type Image struct {
	URL    string `json:"url" doc:"Where it is, for everybody; another image has another address"`
	Width  int    `json:"width" doc:"In pixels, as it is shown"`
	Height int    `json:"height" doc:"In pixels, as it is shown"`
}

// Branding is an organization's colours and images as the API shows them.
type Branding struct {
	Palette   *Palette      `json:"palette,omitempty" doc:"Its colours; absent: the portal's own"`
	Logo      *Image        `json:"logo,omitempty" doc:"Its logo; absent: none"`
	Cover     *Image        `json:"cover,omitempty" doc:"Its cover image; absent: none"`
	Contrasts []Contrast    `json:"contrasts" doc:"How well its colours stand out; empty without colours"`
	Warnings  []Warning     `json:"warnings" doc:"What is poor about its colours"`
	UpdatedAt string        `json:"updatedAt,omitempty" format:"date-time" doc:"When any of it last changed, the removal of an image included"`
	UpdatedBy *people.Named `json:"updatedBy,omitempty" doc:"By whom"`
}

// Shown is the branding with its ETag.
type Shown struct {
	ETag string `header:"ETag"`
	Body Branding
}

// get answers GET /v1/organizations/{org}/branding.
func (b *brands) get(ctx context.Context, c *access.Caller, _ *httpapi.About) (*Shown, error) {
	stored, err := branding.Read(ctx, b.Table, c.Organization.ID)
	if err != nil {
		return nil, err
	}
	return b.show(ctx, c, stored)
}

// show is the branding with the name of who changed it last (BRA-3).
func (b *brands) show(ctx context.Context, c *access.Caller, stored *branding.Branding) (*Shown, error) {
	shown := Branding{Logo: b.image(stored.Logo), Cover: b.image(stored.Cover), Contrasts: []Contrast{}, UpdatedAt: stored.UpdatedAt}
	if p := stored.Palette; p != nil {
		shown.Palette = &Palette{Colour(p.Primary), Colour(p.Secondary), Colour(p.Accent), Colour(p.Background), Colour(p.Text)}
		shown.Contrasts = contrasts(p)
	}
	shown.Warnings = warnings(shown.Contrasts)
	if stored.Version > 0 {
		names, err := people.Names(ctx, b.Table, c.Organization.Root, stored.UpdatedBy)
		if err != nil {
			return nil, err
		}
		by := names[stored.UpdatedBy]
		shown.UpdatedBy = &by
	}
	return &Shown{ETag: httpapi.ETag(stored.Version), Body: shown}, nil
}

func (b *brands) image(stored *branding.Image) *Image {
	if stored == nil {
		return nil
	}
	return &Image{URL: b.Config.PublicURL + "/" + stored.File, Width: stored.Width, Height: stored.Height}
}
