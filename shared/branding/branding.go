// Package branding is an organization's colours and images as they are kept (BRA): what stands in the table, and under which
// keys the files are in the bucket. An organization has its own, a suborganization too, and inherits none.
//
// A file comes in as an upload, which only the organization that asked for it takes into use, once, for one kind, within an
// hour. What is taken is stored under a name that no other upload ever gives, so nothing that is in use is ever written again,
// and files.go of functions/worker can remove whatever is of no use.
package branding

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/picture"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Kind is which of its images.
type Kind string

// The images that an organization has.
const (
	Logo  Kind = "logo"
	Cover Kind = "cover"
)

// Palette is an organization's colours, each as #RRGGBB in upper case (BRA-2).
type Palette struct {
	Primary    string `dynamodbav:"primary"`
	Secondary  string `dynamodbav:"secondary"`
	Accent     string `dynamodbav:"accent"`
	Background string `dynamodbav:"background"`
	Text       string `dynamodbav:"text"`
}

// Image is an image in use.
type Image struct {
	File   string `dynamodbav:"file"` // its key in the bucket, which is also its path at the CDN
	Width  int    `dynamodbav:"width"`
	Height int    `dynamodbav:"height"`
}

// Branding is everything that an organization has of it; the zero value, of version 0, is that of one that never set any.
type Branding struct {
	Palette *Palette `dynamodbav:"palette,omitempty"`
	Logo    *Image   `dynamodbav:"logo,omitempty"`
	Cover   *Image   `dynamodbav:"cover,omitempty"`
	audit.Stamp
}

// Read reads the organization's branding.
func Read(ctx context.Context, t *table.Table, org string) (*Branding, error) {
	var stored Branding
	_, err := t.Get(ctx, table.BrandingKey(org), &stored)
	return &stored, err
}

// Image gives the image of the kind, nil where there is none.
func (b *Branding) Image(kind Kind) *Image {
	if kind == Cover {
		return b.Cover
	}
	return b.Logo
}

// Uses tells whether a file of the bucket is an image in use.
func (b *Branding) Uses(file string) bool {
	return b.Logo != nil && b.Logo.File == file || b.Cover != nil && b.Cover.File == file
}

// How long an upload lives. S3 takes the file while its form is valid, the organization takes it into use while the upload is,
// and the upload is there a little longer, so that what is about to be taken is not taken for something that nobody wants.
const (
	FormValid   = 15 * time.Minute
	UploadValid = time.Hour
	uploadKept  = UploadValid + 5*time.Minute
)

// Upload is a file that a browser may post, and that waits to be taken into use.
type Upload struct {
	ID        string `dynamodbav:"id"`
	Kind      Kind   `dynamodbav:"kind"`
	Until     int64  `dynamodbav:"until"` // it is taken no later
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// NewUpload is an upload that begins now.
func NewUpload(id string, kind Kind, now time.Time) *Upload {
	return &Upload{ID: id, Kind: kind, Until: now.Add(UploadValid).Unix(), ExpiresAt: table.Expiry(now.Add(uploadKept))}
}

// File is the upload's key in the bucket.
func (u *Upload) File(org string) string { return blob.Uploads + org + "/" + u.ID }

// Image is where the cleaned picture of the upload is kept: under a name that changes with the content and with the upload.
func (u *Upload) Image(org string, p *picture.Picture) *Image {
	sum := sha256.New()
	sum.Write([]byte(u.ID))
	sum.Write(p.Content)
	name := string(u.Kind) + "-" + hex.EncodeToString(sum.Sum(nil)[:16]) + "." + p.Extension
	return &Image{File: blob.Images + org + "/" + name, Width: p.Width, Height: p.Height}
}

// Uploads asks for the uploads of an organization that still may be taken into use.
func Uploads(org string) table.Question {
	return table.Question{PK: table.OrganizationPartition(org), Prefix: table.UploadKey(org, "").SK}
}

// looksAfter is when files are looked at that may be of no use by then: nothing begun now can still go on, and it is well
// within the day that BRA-4 gives.
const looksAfter = 4 * time.Hour

// Tidy has the change set when somebody looks for files of the organization that are of no use: what is the upload or the image
// that becomes one.
func Tidy(tx *table.Tx, org, what string, now time.Time) {
	timer.Set(tx, timer.Files, org+"/"+what, now.Add(looksAfter))
}
