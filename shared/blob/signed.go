package blob

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Form is what a browser posts to S3 itself: every field as it is, then the file as the field "file".
type Form struct {
	URL    string
	Fields map[string]string
}

// Accepts is what S3 takes of a form; whatever differs S3 refuses.
type Accepts struct {
	Key         string
	Type        string        // the Content-Type, exactly
	Least, Most int64         // bytes
	Valid       time.Duration // from now on; no longer than an hour, as a function's credentials end
}

// Form signs a form for one file. It calls nobody.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
func (s *Store) Form(ctx context.Context, a Accepts) (Form, error) {
	signed, err := s.presign.PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &s.bucket, Key: &a.Key}, func(o *s3.PresignPostOptions) {
		o.Expires = a.Valid
		o.Conditions = []any{[]any{"content-length-range", a.Least, a.Most}, map[string]string{"Content-Type": a.Type}}
	})
	if err != nil {
		return Form{}, fmt.Errorf("sign a form for %s: %w", a.Key, err)
	}
	signed.Values["Content-Type"] = a.Type
	return Form{URL: signed.URL, Fields: signed.Values}, nil
}

// Link signs an address at which anybody reads the object while it is valid, no longer than an hour. name is what a browser saves it
// as: letters, digits, dots and hyphens of ASCII. It calls nobody, and does not know whether the object is there.
func (s *Store) Link(ctx context.Context, key, name string, valid time.Duration) (string, error) {
	disposition := fmt.Sprintf("attachment; filename=%q", name)
	signed, err := s.presign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key, ResponseContentDisposition: &disposition},
		s3.WithPresignExpires(valid))
	if err != nil {
		return "", fmt.Errorf("sign a link to %s: %w", key, err)
	}
	return signed.URL, nil
}

// ignoreMissing lets pass that there was nothing to remove.
func ignoreMissing(err error) error {
	if errors.Is(err, ErrMissing) {
		return nil
	}
	return err
}
