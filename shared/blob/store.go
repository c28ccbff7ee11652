// Package blob is the product's one S3 bucket: objects with their headers, pages of keys, writing in parts, and what a browser
// is given to reach S3 itself: a form that posts one file, a link that reads one.
//
//	store := blob.Open(services.AWS, services.Config.Bucket)
//	err := store.Put(ctx, "images/org_.../logo-4f1c.png", content, blob.Headers{Type: "image/png", Cache: blob.Forever})
//
// The package refuses to read more than it is told to, and to copy or change an object: another content has another key. It is
// linked only where it is used, as S3's client adds 2 MB to a function. The bucket's prefixes stand here, one for each use.
package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/tenantry/tenantry/shared/problem"
)

// The prefixes of the bucket's keys, each followed by an organization's id. The bucket's policy and lifecycle in template.yaml
// speak of them.
const (
	Uploads = "uploads/" // files that a browser posted and that nothing uses yet; gone within a day
	Images  = "images/"  // what the CDN serves
	Exports = "exports/" // files to download; gone within a day
)

// Forever is the Cache-Control of what never changes under its key.
const Forever = "public, max-age=31536000, immutable"

// ErrMissing says that there is no object at the key. It is told from a refusal only to functions that may list the bucket:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
var ErrMissing = errors.New("there is no such object")

// ErrTooLarge says that an object is larger than the caller reads.
var ErrTooLarge = errors.New("the object is too large")

// Store is the bucket of an installation. It may be used by several goroutines.
type Store struct {
	client  *s3.Client
	presign *s3.PresignClient
	bucket  string
}

// Limits of one call: attempts wait a random time below a doubling bound.
const (
	attempts       = 6
	longestWait    = 640 * time.Millisecond
	attemptTimeout = 10 * time.Second
)

// Open gives the bucket, reached with the AWS configuration.
func Open(config aws.Config, bucket string) *Store {
	client := s3.NewFromConfig(config, func(o *s3.Options) {
		o.UsePathStyle = config.BaseEndpoint != nil // a local stack has no names for buckets
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = attempts, longestWait, ratelimit.None
		})
	})
	return &Store{client: client, presign: s3.NewPresignClient(client), bucket: bucket}
}

// failed wraps what a call answered: ErrMissing where there is nothing, Unavailable where S3 did not answer, else internal.
func failed(action, key string, err error) error {
	var answered smithy.APIError
	var response *awshttp.ResponseError
	switch {
	case errors.As(err, &response) && response.HTTPStatusCode() == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w", action, key, ErrMissing)
	case errors.Is(err, context.DeadlineExceeded), !errors.As(err, &answered), passing[answered.ErrorCode()]:
		busy := problem.New(problem.Unavailable, "busy", "The files' store did not answer in time. Nothing is lost: repeat the request, with the same Idempotency-Key.")
		busy.RetryAfter = time.Second
		return fmt.Errorf("%s %s: %w: %w", action, key, busy, err)
	}
	return fmt.Errorf("%s %s: %w", action, key, err)
}

// passing are the codes of S3 after which a repetition may succeed.
var passing = map[string]bool{"SlowDown": true, "InternalError": true, "ServiceUnavailable": true, "RequestTimeout": true, "OperationAborted": true}
