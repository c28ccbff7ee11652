package bucket_test

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// inParts uploads an object in parts.
func inParts(ctx context.Context, client *s3.Client, key string, bodies ...[]byte) error {
	upload, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &things.Name, Key: &key})
	if err != nil {
		return err
	}
	done := &types.CompletedMultipartUpload{}
	for i, body := range bodies {
		number := aws.Int32(int32(i + 1))
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &things.Name, Key: &key, UploadId: upload.UploadId, PartNumber: number, Body: bytes.NewReader(body),
		})
		if err != nil {
			return err
		}
		done.Parts = append(done.Parts, types.CompletedPart{ETag: part.ETag, PartNumber: number, ChecksumCRC32: part.ChecksumCRC32})
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &things.Name, Key: &key, UploadId: upload.UploadId, MultipartUpload: done,
	})
	return err
}
