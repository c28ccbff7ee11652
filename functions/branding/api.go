package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// brands is this feature, with what it stands on.
type brands struct {
	*start.Services
	files *blob.Store
}

const (
	one     = "/v1/organizations/{org}/branding"
	uploads = one + "/uploads"
	image   = one + "/{kind}"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, b *brands) {
	httpapi.Read(s, httpapi.Operation{ID: "get-branding", Method: http.MethodGet, Path: one, Needs: access.ReadGeneral,
		Summary:     "Read an organization's colours and images",
		Description: "What was never set is absent: an organization inherits none, and the portal shows its own. Images are public, and an address never changes what it shows."}, b.get)
	httpapi.Change(s, httpapi.Operation{ID: "set-palette", Method: http.MethodPut, Path: one, Needs: access.EditGeneral,
		Summary:     "Set an organization's colours",
		Description: "All five, or none to go back to the portal's own. A poor contrast is a warning in the answer."}, b.setPalette)
	httpapi.Change(s, httpapi.Operation{ID: "begin-image-upload", Method: http.MethodPost, Path: uploads, Status: http.StatusCreated, Needs: access.EditGeneral,
		Summary:     "Get a form to upload an image with",
		Description: "Post every field of the answer and then the file, as field file, to url: S3 takes the file of this type and size, for 15 minutes. Then take it into use, within an hour."}, b.begin)
	httpapi.Change(s, httpapi.Operation{ID: "take-image", Method: http.MethodPut, Path: image, Needs: access.EditGeneral,
		Summary:     "Take an uploaded file into use as logo or cover image",
		Description: "PNG, JPEG or WebP by its content, not animated, up to 5 MiB and 8,192 pixels a side. What a camera wrote into it is removed. An image that is refused leaves the earlier one in place."}, b.take)
	httpapi.Change(s, httpapi.Operation{ID: "remove-image", Method: http.MethodDelete, Path: image, Status: http.StatusNoContent, Needs: access.EditGeneral,
		Summary: "Remove the logo or the cover image"}, b.remove)
}

// AboutImage is the part of an input that names one of the images.
type AboutImage struct {
	httpapi.About
	httpapi.Match
	Kind branding.Kind `path:"kind" enum:"logo,cover" doc:"Which image"`
}

// Nothing is the answer without a body.
type Nothing struct{}
