package main

import (
	"context"
	"errors"
	"path"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/picture"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// UploadedFile names the file to take into use.
type UploadedFile struct {
	UploadID string `json:"uploadId" maxLength:"64" doc:"The upload whose file it is" example:"upl_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// TakeInput is the input of PUT /v1/organizations/{org}/branding/{kind}.
type TakeInput struct {
	AboutImage
	Body UploadedFile
}

// take answers PUT /v1/organizations/{org}/branding/{kind}. The image is stored before the change that uses it, under a name that
// nothing else has: where the change is not made, nothing is in use that is not there, and the file goes by the upload's timer.
func (b *brands) take(ctx context.Context, c *access.Caller, in *TakeInput, tx *table.Tx) (*Shown, error) {
	before, err := b.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	upload, err := b.waiting(ctx, c, in)
	if err != nil {
		return nil, err
	}
	stored, err := b.clean(ctx, c, upload)
	if err != nil {
		return nil, err
	}
	after := *before
	b.replace(tx, c, before, &after, in.Kind, stored)
	tx.DeleteExisting(table.UploadKey(c.Organization.ID, upload.ID), table.ErrChanged)
	b.forget(tx, upload.File(c.Organization.ID))
	return b.show(ctx, c, &after)
}

// waiting reads the upload. One of another organization, of another kind, taken before or too old is answered like none.
func (b *brands) waiting(ctx context.Context, c *access.Caller, in *TakeInput) (*branding.Upload, error) {
	var upload branding.Upload
	if id.Valid(id.Upload, in.Body.UploadID) {
		if _, err := b.Table.Get(ctx, table.UploadKey(c.Organization.ID, in.Body.UploadID), &upload); err != nil {
			return nil, err
		}
	}
	if upload.ID == "" || upload.Kind != in.Kind || upload.Until <= b.Clock().Unix() {
		return nil, problem.Invalid("body.uploadId", "is not an upload of this organization that waits to become this image: begin another one", in.Body.UploadID)
	}
	return &upload, nil
}

// clean reads what was uploaded, cleans it, and stores it where it is served from.
func (b *brands) clean(ctx context.Context, c *access.Caller, upload *branding.Upload) (*branding.Image, error) {
	file, err := b.files.Get(ctx, upload.File(c.Organization.ID), picture.MostBytes)
	if errors.Is(err, blob.ErrMissing) {
		return nil, problem.New(problem.Conflict, "nothing-uploaded", "S3 has no file of this upload. Post it with the form that the upload came with, then take it into use.")
	}
	if err != nil {
		return nil, err
	}
	cleaned, err := picture.Clean(file)
	var refused *picture.Refusal
	if errors.As(err, &refused) {
		return nil, &problem.Error{Code: problem.InvalidInput, Slug: "image-refused", Detail: refused.Why,
			Fields: []problem.Field{{Location: "body.uploadId", Message: string(refused.Fault), Value: upload.ID}}}
	}
	if err != nil {
		return nil, err
	}
	image := upload.Image(c.Organization.ID, cleaned)
	return image, b.files.Put(ctx, image.File, cleaned.Content, blob.Headers{Type: cleaned.Type, Cache: blob.Forever})
}

// replace puts another image, or none, into the change. The earlier one goes once the change is made.
func (b *brands) replace(tx *table.Tx, c *access.Caller, before, after *branding.Branding, kind branding.Kind, by *branding.Image) {
	if kind == branding.Cover {
		after.Cover = by
	} else {
		after.Logo = by
	}
	action := "branding.image-changed"
	if by == nil {
		action = "branding.image-removed"
	}
	b.store(tx, c, before, after, action)
	if earlier := before.Image(kind); earlier != nil {
		b.forget(tx, earlier.File)
	}
}

// forget removes a file once the change is made that leaves it without a use. Where that fails, a timer has it removed later.
func (b *brands) forget(tx *table.Tx, file string) {
	tx.After(func(ctx context.Context) {
		if err := b.files.Delete(ctx, file); err != nil {
			b.Log.WarnContext(ctx, "a file of no use is left for later", "event", "branding.file-left", "error", err)
		}
	})
}

// remove answers DELETE /v1/organizations/{org}/branding/{kind}. Where there is no such image, nothing changes.
func (b *brands) remove(ctx context.Context, c *access.Caller, in *AboutImage, tx *table.Tx) (*Nothing, error) {
	before, err := b.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	earlier := before.Image(in.Kind)
	if earlier == nil {
		return nil, nil
	}
	after := *before
	b.replace(tx, c, before, &after, in.Kind, nil)
	branding.Tidy(tx, c.Organization.ID, path.Base(earlier.File), b.Clock())
	return nil, nil
}
