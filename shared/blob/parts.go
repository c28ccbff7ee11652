package blob

import (
	"bytes"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// SmallestPart is what each part of an upload but the last has at least.
const SmallestPart = 5 << 20

// Upload is an object that is being written in parts, over as many invocations as it takes: it can be kept as JSON in between.
// The object appears when it is completed; one that never is the bucket's lifecycle ends after a day.
type Upload struct {
	Key   string `json:"key"`
	ID    string `json:"id"`
	Parts []Part `json:"parts"`
}

// Part is one part that S3 has taken.
type Part struct {
	ETag  string `json:"etag"`
	CRC32 string `json:"crc32,omitempty"`
}

// Begin begins an object in parts.
func (s *Store) Begin(ctx context.Context, key string, h Headers) (*Upload, error) {
	out, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &s.bucket, Key: &key, ContentType: text(h.Type), CacheControl: text(h.Cache), ContentDisposition: text(h.Disposition),
	})
	if err != nil {
		return nil, failed("begin", key, err)
	}
	return &Upload{Key: key, ID: aws.ToString(out.UploadId), Parts: []Part{}}, nil
}

// Append writes the next part, of SmallestPart bytes at least unless it is the last. Written again from the same Upload, a part
// takes the place of the first attempt.
func (s *Store) Append(ctx context.Context, u *Upload, content []byte) error {
	out, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &s.bucket, Key: &u.Key, UploadId: &u.ID, PartNumber: aws.Int32(int32(len(u.Parts) + 1)), Body: bytes.NewReader(content),
	})
	if err != nil {
		return failed("write a part of", u.Key, err)
	}
	u.Parts = append(u.Parts, Part{ETag: aws.ToString(out.ETag), CRC32: aws.ToString(out.ChecksumCRC32)})
	return nil
}

// Complete makes the object of its parts, of which there must be one at least. Completed again, as after an answer that was lost,
// it finds the object there and is content: so nothing else may be written at the key. ErrMissing says that neither upload nor
// object is there: it was aborted, or the bucket's lifecycle ended it.
func (s *Store) Complete(ctx context.Context, u *Upload) error {
	done := &types.CompletedMultipartUpload{}
	for i, part := range u.Parts {
		done.Parts = append(done.Parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: &part.ETag, ChecksumCRC32: text(part.CRC32)})
	}
	_, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &s.bucket, Key: &u.Key, UploadId: &u.ID, MultipartUpload: done,
	})
	if err == nil {
		return nil
	}
	if err = failed("complete", u.Key, err); errors.Is(err, ErrMissing) {
		_, err = s.Head(ctx, u.Key)
	}
	return err
}

// Abort ends an upload and removes its parts. One that is not there counts as ended.
func (s *Store) Abort(ctx context.Context, u *Upload) error {
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: &u.Key, UploadId: &u.ID})
	if err != nil {
		return ignoreMissing(failed("abort", u.Key, err))
	}
	return nil
}
