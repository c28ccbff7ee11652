package wire

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// objects is the wire's side of S3, whose gateway verifies signatures by itself: requests pass as they came.
type objects struct {
	url    *url.URL
	client *http.Client
	wire   *Wire // asked whether a caller may list a bucket
}

func newObjects(at *url.URL, w *Wire) objects { return objects{url: at, client: keepAlive(), wire: w} }

// needs names the permissions of the operation that method, path and query make:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func (o objects) needs(c *call) ([]need, *refusal) {
	operation, refused := objectOperation(c)
	if refused != nil {
		return nil, refused
	}
	c.action = operation.name
	var all []need
	for _, resource := range operation.resources {
		all = append(all, need{action: "s3:" + operation.permission, resource: resource})
	}
	c.record.Actions, c.record.Resource, c.record.Items = []string{"s3:" + operation.permission}, operation.resources[0], len(operation.resources)
	return all, nil
}

// do passes the call on. Of what is not there S3 tells only those who may list the bucket:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (o objects) do(ctx context.Context, c *call) (answer, error) {
	a, err := o.pass(ctx, c)
	if err != nil || a.status != http.StatusNotFound || c.action != "GetObject" && c.action != "HeadObject" {
		return a, err
	}
	bucket, _, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	if refused := o.wire.authorize(c.caller, []need{{action: "s3:ListBucket", resource: bucketARN(bucket)}}); refused != nil {
		return o.refuse(refusal{http.StatusForbidden, "AccessDenied", "Access Denied"}), nil
	}
	return a, nil
}

// pass sends the request to the gateway as it came, so that its signature holds.
func (o objects) pass(ctx context.Context, c *call) (answer, error) {
	if o.url == nil {
		return answer{}, fmt.Errorf("this stack has no buckets")
	}
	to := *o.url
	to.Path, to.RawPath, to.RawQuery = c.path, c.rawPath, c.query
	request, err := http.NewRequestWithContext(ctx, c.method, to.String(), bytes.NewReader(c.body))
	if err != nil {
		return answer{}, fmt.Errorf("call S3: %w", err)
	}
	request.Host = c.host
	request.Header = c.header.Clone()
	for _, name := range []string{"Connection", "Expect"} { // of one connection only, and never signed
		request.Header.Del(name)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read the answer of S3: %w", err)
	}
	response.Header.Del("Connection")
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

func (o objects) throttled(*call) answer {
	return o.refuse(refusal{http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate."})
}

func (o objects) conflicting(*call) (answer, bool) { return answer{}, false }

// objectError is S3's form of an error.
type objectError struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

func (o objects) refuse(r refusal) answer {
	body, err := xml.Marshal(objectError{Code: strings.TrimSuffix(r.code, "Exception"), Message: r.message})
	if err != nil {
		panic(fmt.Sprintf("wire: an error of S3 cannot be encoded: %v", err)) // it is made of strings
	}
	return answer{status: r.status, header: http.Header{"Content-Type": {"application/xml"}}, body: body}
}
