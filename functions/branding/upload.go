package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// mostUploads is how many files may wait at once to be taken into use.
const mostUploads = 50

// NewUpload is a file that is to be uploaded.
type NewUpload struct {
	Kind        branding.Kind `json:"kind" enum:"logo,cover" doc:"Which image it shall become"`
	ContentType string        `json:"contentType" enum:"image/png,image/jpeg,image/webp" doc:"Its type; what counts in the end is its content"`
	Size        int64         `json:"size" minimum:"1" maximum:"5242880" doc:"Its bytes, exactly"`
}

// BeginInput is the input of POST /v1/organizations/{org}/branding/uploads.
type BeginInput struct {
	httpapi.About
	Body NewUpload
}

// Upload is a form to post one file to S3 with.
type Upload struct {
	URL       string            `json:"url" doc:"Where to post it, as multipart/form-data"`
	Fields    map[string]string `json:"fields" doc:"What to post before the file, as it is"`
	UploadID  string            `json:"uploadId" doc:"What to take into use afterwards" example:"upl_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	ExpiresAt string            `json:"expiresAt" format:"date-time" doc:"Until then S3 takes the file"`
}

// Begun is an upload that may begin.
type Begun struct{ Body Upload }

// begin answers POST /v1/organizations/{org}/branding/uploads.
func (b *brands) begin(ctx context.Context, c *access.Caller, in *BeginInput, tx *table.Tx) (*Begun, error) {
	waiting, err := table.All[branding.Upload](ctx, b.Table, branding.Uploads(c.Organization.ID))
	if err != nil {
		return nil, err
	}
	if len(waiting) >= mostUploads {
		return nil, problem.TooMany(time.Minute, "%d files wait to be taken into use, which is the most. Take one, or wait until the oldest ends.", mostUploads)
	}
	now := b.Clock()
	upload := branding.NewUpload(id.New(id.Upload), in.Body.Kind, now)
	form, err := b.files.Form(ctx, blob.Accepts{Key: upload.File(c.Organization.ID), Type: in.Body.ContentType,
		Least: in.Body.Size, Most: in.Body.Size, Valid: branding.FormValid})
	if err != nil {
		return nil, err
	}
	tx.Put(table.UploadKey(c.Organization.ID, upload.ID), upload)
	branding.Tidy(tx, c.Organization.ID, upload.ID, now)
	return &Begun{Upload{URL: form.URL, Fields: form.Fields, UploadID: upload.ID, ExpiresAt: clock.Format(now.Add(branding.FormValid))}}, nil
}
