package main

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tenantry/tenantry/infra/local/template"
)

// imagesPath is where the template's CDN serves images from the bucket, and the policy that says with which headers.
const (
	imagesPath   = "/images/"
	imageHeaders = "ImageHeaders"
)

// images is the CDN's part for images: it serves the objects of the bucket whose keys are the paths.
type images struct {
	buckets buckets
	headers map[string]string
}

func newImages(b buckets, policies []template.AnswerHeaders) images {
	i := images{buckets: b}
	for _, policy := range policies {
		if policy.ID == imageHeaders {
			i.headers = policy.Headers
		}
	}
	return i
}

// ServeHTTP answers GET and HEAD. What is not there answers 403, as S3 does to a CDN that may not list the bucket.
func (i images) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range i.headers {
		w.Header().Set(name, value)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead || len(i.buckets.known) == 0 {
		http.Error(w, "this distribution allows GET and HEAD only", http.StatusForbidden)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/")
	object, err := i.buckets.client.GetObject(r.Context(), &s3.GetObjectInput{Bucket: &i.buckets.known[0].Name, Key: &key})
	var missing *types.NoSuchKey
	switch {
	case errors.As(err, &missing):
		http.Error(w, "Access Denied", http.StatusForbidden)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer object.Body.Close()
	for name, value := range map[string]*string{"Content-Type": object.ContentType, "Cache-Control": object.CacheControl, "Etag": object.ETag} {
		if value != nil {
			w.Header().Set(name, aws.ToString(value))
		}
	}
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, object.Body) // the viewer has gone, there is nobody to tell
	}
}
