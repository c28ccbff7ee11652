package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Headers are what an object is served with.
type Headers struct {
	Type        string // Content-Type
	Cache       string // Cache-Control; empty: none
	Disposition string // Content-Disposition; empty: none
}

// Object is what a list or a look says of an object.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Put writes an object, in place of the one that is there.
func (s *Store) Put(ctx context.Context, key string, content []byte, h Headers) error {
	_, err := s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(content),
		ContentType: text(h.Type), CacheControl: text(h.Cache), ContentDisposition: text(h.Disposition),
	})
	if err != nil {
		return failed("put", key, err)
	}
	return nil
}

// Get reads an object of at most that many bytes: ErrMissing where there is none, ErrTooLarge where it has more.
func (s *Store) Get(ctx context.Context, key string, most int64) ([]byte, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return nil, failed("get", key, err)
	}
	defer out.Body.Close()
	if aws.ToInt64(out.ContentLength) > most {
		return nil, fmt.Errorf("get %s: %w", key, ErrTooLarge)
	}
	content, err := io.ReadAll(io.LimitReader(out.Body, most+1))
	switch {
	case err != nil:
		return nil, failed("get", key, err)
	case int64(len(content)) > most:
		return nil, fmt.Errorf("get %s: %w", key, ErrTooLarge)
	}
	return content, nil
}

// Head looks at an object without reading it: ErrMissing where there is none.
func (s *Store) Head(ctx context.Context, key string) (Object, error) {
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: &key})
	if err != nil {
		return Object{}, failed("look at", key, err)
	}
	return Object{Key: key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified)}, nil
}

// pageSize is how many keys S3 takes in one call.
const pageSize = 1000

// Delete removes objects; those that are not there count as removed.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	for len(keys) > 0 {
		n := min(pageSize, len(keys))
		if err := s.deletePage(ctx, keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (s *Store) deletePage(ctx context.Context, keys []string) error {
	if len(keys) == 1 {
		if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &keys[0]}); err != nil {
			return failed("delete", keys[0], err)
		}
		return nil
	}
	named := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		named[i].Key = &keys[i]
	}
	out, err := s.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &s.bucket, Delete: &types.Delete{Objects: named, Quiet: aws.Bool(true)}})
	if err != nil {
		return failed("delete", keys[0]+" and others", err)
	}
	if len(out.Errors) > 0 {
		first := out.Errors[0]
		return fmt.Errorf("delete %s: %s %s", aws.ToString(first.Key), aws.ToString(first.Code), aws.ToString(first.Message))
	}
	return nil
}

// List gives at most limit objects whose keys begin with prefix, in the order of their keys, behind the key after (empty: from the
// first). more tells whether others follow. limit is 1 to 1,000.
func (s *Store) List(ctx context.Context, prefix, after string, limit int) (page []Object, more bool, err error) {
	out, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &s.bucket, Prefix: &prefix, StartAfter: text(after), MaxKeys: aws.Int32(int32(limit)),
	})
	if err != nil {
		return nil, false, failed("list", prefix, err)
	}
	for _, object := range out.Contents {
		page = append(page, Object{Key: aws.ToString(object.Key), Size: aws.ToInt64(object.Size), Modified: aws.ToTime(object.LastModified)})
	}
	return page, aws.ToBool(out.IsTruncated), nil
}

// DeletePage removes at most 1,000 objects whose keys begin with prefix, and tells how many and whether others are left.
func (s *Store) DeletePage(ctx context.Context, prefix string) (removed int, more bool, err error) {
	page, more, err := s.List(ctx, prefix, "", pageSize)
	if err != nil {
		return 0, false, err
	}
	keys := make([]string, len(page))
	for i, object := range page {
		keys[i] = object.Key
	}
	return len(keys), more, s.Delete(ctx, keys...)
}

// text is a value for the SDK, nil where it is empty.
func text(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
