package bucket

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Client is a client of the endpoint that signs with the access key.
func Client(endpoint, accessKey, secretKey string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &endpoint, Region: template.Region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
		Retryer:     aws.NopRetryer{},
	})
}

// Root is a client of the gateway itself that may do everything.
func Root(gateway, master string) *s3.Client { return Client(gateway, root, SecretKey(master, root)) }

// Create makes the bucket unless it is there, and gives it the CORS rules that the template has now.
func Create(ctx context.Context, client *s3.Client, b template.Bucket) (made bool, err error) {
	var mine *types.BucketAlreadyOwnedByYou
	switch _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.Name}); {
	case err == nil:
		made = true
	case !errors.As(err, &mine):
		return false, fmt.Errorf("create bucket %s: %w", b.Name, err)
	}
	if len(b.CORS) == 0 {
		if _, err := client.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: &b.Name}); err != nil {
			return made, fmt.Errorf("clear the CORS rules of bucket %s: %w", b.Name, err)
		}
		return made, nil
	}
	var rules []types.CORSRule
	for _, r := range b.CORS {
		rule := types.CORSRule{AllowedMethods: r.Methods, AllowedOrigins: r.Origins, AllowedHeaders: r.Headers, ExposeHeaders: r.Exposed}
		if r.MaxAge > 0 {
			rule.MaxAgeSeconds = aws.Int32(int32(r.MaxAge.Seconds()))
		}
		rules = append(rules, rule)
	}
	_, err = client.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &b.Name, CORSConfiguration: &types.CORSConfiguration{CORSRules: rules}})
	if err != nil {
		return made, fmt.Errorf("set the CORS rules of bucket %s: %w", b.Name, err)
	}
	return made, nil
}
