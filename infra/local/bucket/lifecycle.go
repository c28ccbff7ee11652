package bucket

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Swept is what a bucket's lifecycle removed.
type Swept struct {
	Expired []string `json:"expired"` // keys of objects
	Aborted []string `json:"aborted"` // keys of uploads in parts that were never completed
}

// Sweep does what S3 does once a day: it removes what the rules say is over at now.
func Sweep(ctx context.Context, client *s3.Client, b template.Bucket, now time.Time) (Swept, error) {
	swept := Swept{Expired: []string{}, Aborted: []string{}}
	for _, rule := range b.Lifecycle {
		if rule.ExpirationDays > 0 {
			if err := swept.expire(ctx, client, b.Name, rule, now); err != nil {
				return swept, fmt.Errorf("expire objects of bucket %s: %w", b.Name, err)
			}
		}
		if rule.AbortMultipartDays > 0 {
			if err := swept.abort(ctx, client, b.Name, rule, now); err != nil {
				return swept, fmt.Errorf("abort uploads to bucket %s: %w", b.Name, err)
			}
		}
	}
	return swept, nil
}

// over tells whether the days since a time are over: S3 counts them from the time and rounds up to midnight UTC.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days
func over(since time.Time, days int, now time.Time) bool {
	ends := since.UTC().AddDate(0, 0, days)
	if midnight := ends.Truncate(24 * time.Hour); !ends.Equal(midnight) {
		ends = midnight.AddDate(0, 0, 1)
	}
	return !now.Before(ends)
}

func (swept *Swept) expire(ctx context.Context, client *s3.Client, name string, rule template.LifecycleRule, now time.Time) error {
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &name, Prefix: &rule.Prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, object := range page.Contents {
			if !over(aws.ToTime(object.LastModified), rule.ExpirationDays, now) {
				continue
			}
			if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: object.Key}); err != nil {
				return err
			}
			swept.Expired = append(swept.Expired, aws.ToString(object.Key))
		}
	}
	return nil
}

func (swept *Swept) abort(ctx context.Context, client *s3.Client, name string, rule template.LifecycleRule, now time.Time) error {
	pages := s3.NewListMultipartUploadsPaginator(client, &s3.ListMultipartUploadsInput{Bucket: &name, Prefix: &rule.Prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, upload := range page.Uploads {
			if !over(aws.ToTime(upload.Initiated), rule.AbortMultipartDays, now) {
				continue
			}
			_, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &name, Key: upload.Key, UploadId: upload.UploadId})
			if err != nil {
				return err
			}
			swept.Aborted = append(swept.Aborted, aws.ToString(upload.Key))
		}
	}
	return nil
}

// Age makes an object of the gateway on the folder older, so that a test need not wait for the time that it has to itself.
func Age(folder, bucket, key string, by time.Duration) error {
	file := filepath.Join(folder, objectsFolder, bucket, filepath.FromSlash(path.Clean("/"+key)))
	is, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("there is no object %s", key)
	}
	at := is.ModTime().Add(-by)
	return os.Chtimes(file, at, at)
}
