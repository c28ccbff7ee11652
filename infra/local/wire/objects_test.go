package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/tenantry/tenantry/infra/local/bucket"
	"github.com/tenantry/tenantry/infra/local/bucket/buckettest"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// pictures is the bucket of these tests.
var pictures = template.Bucket{Name: "pictures", ARN: "arn:aws:s3:::pictures",
	CORS: []template.CORSRule{{Methods: []string{"POST"}, Origins: []string{"https://settings.example.com"}}}}

// newBucketKit is a kit with a bucket whose function has the statements.
func newBucketKit(t *testing.T, statements ...template.Statement) *kit {
	t.Helper()
	gateway := buckettest.Start(t, "")
	k := newKit(t, func(c *Config) { c.S3 = gateway })
	owner := bucket.Root(gateway.String(), buckettest.Master)
	if _, err := bucket.Create(t.Context(), owner, pictures); err != nil {
		t.Fatal(err)
	}
	k.allow(statements...)
	return k
}

// s3 is the function's client.
func (k *kit) s3() *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &k.server.URL, Region: template.Region, UsePathStyle: true, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider(functionKey, bucket.SecretKey(buckettest.Master, functionKey), functionKey),
	})
}

func allowing(resource string, actions ...string) template.Statement {
	return template.Statement{Effect: "Allow", Actions: actions, Resources: []string{resource}}
}

func putObject(ctx context.Context, client *s3.Client, key, body string) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &pictures.Name, Key: &key, Body: strings.NewReader(body), CacheControl: aws.String("max-age=60")})
	return err
}

func errorCode(err error) string {
	var answered smithy.APIError
	if errors.As(err, &answered) {
		return answered.ErrorCode()
	}
	return ""
}

func TestS3IsReachedWithinThePolicyOnly(t *testing.T) {
	t.Parallel()
	k := newBucketKit(t, allowing("arn:aws:s3:::pictures/images/*", "s3:PutObject", "s3:GetObject"), allowing("arn:aws:s3:::pictures", "s3:ListBucket"))
	client, ctx := k.s3(), t.Context()
	if err := putObject(ctx, client, "images/a b.png", "picture"); err != nil {
		t.Fatal(err)
	}
	key := "images/a b.png"
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &pictures.Name, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(out.Body); string(body) != "picture" || aws.ToString(out.CacheControl) != "max-age=60" {
		t.Errorf("got %q, %q", body, aws.ToString(out.CacheControl))
	}
	head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &pictures.Name, Key: &key})
	if err != nil || aws.ToInt64(head.ContentLength) != 7 {
		t.Errorf("head: %v, %v", head, err)
	}
	for what, err := range map[string]error{
		"another prefix": putObject(ctx, client, "exports/a", "x"),
		"deleting": func() error {
			_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &pictures.Name, Key: &key})
			return err
		}(),
		"deleting many": func() error {
			_, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &pictures.Name, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: &key}}}})
			return err
		}(),
	} {
		if errorCode(err) != "AccessDenied" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := client.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &pictures.Name}); errorCode(err) != "NotImplemented" {
		t.Errorf("an operation that the stack does not know: %v", err)
	}
	if call := k.lastCall(); call.Service != "s3" {
		t.Errorf("the last call: %+v", call)
	}
}

func TestOfAMissingObjectOnlyThoseAreToldWhoMayList(t *testing.T) {
	t.Parallel()
	k := newBucketKit(t, allowing("arn:aws:s3:::pictures/*", "s3:GetObject"))
	get := func() error {
		_, err := k.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &pictures.Name, Key: aws.String("none")})
		return err
	}
	if err := get(); errorCode(err) != "AccessDenied" {
		t.Errorf("without s3:ListBucket: %v", err)
	}
	k.allow(allowing("arn:aws:s3:::pictures/*", "s3:GetObject"), allowing("arn:aws:s3:::pictures", "s3:ListBucket"))
	if err := get(); errorCode(err) != "NoSuchKey" {
		t.Errorf("with it: %v", err)
	}
}

func TestFaultsMeetCallsOfS3(t *testing.T) {
	t.Parallel()
	k := newBucketKit(t, allowing("*", "s3:*"))
	k.book.Open(invocation, "organization", []trace.Fault{{Kind: trace.Throttle, At: 1}, {Kind: trace.TimeoutAfter, At: 2}})
	if err := putObject(t.Context(), k.s3(), "a", "1"); errorCode(err) != "SlowDown" {
		t.Errorf("throttled: %v", err)
	}
	if err := putObject(t.Context(), k.s3(), "a", "2"); err == nil || errorCode(err) != "" {
		t.Errorf("cut off: %v", err)
	}
	out, err := k.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: &pictures.Name, Key: aws.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(out.Body); string(body) != "2" {
		t.Errorf("what was cut off after it was done left %q", body)
	}
}

// form is a form that the function signs for uploads/one, of 1 to 10 bytes of text.
func (k *kit) form() (address string, fields map[string]string) {
	k.t.Helper()
	key := "uploads/one"
	signed, err := s3.NewPresignClient(k.s3()).PresignPostObject(k.t.Context(), &s3.PutObjectInput{Bucket: &pictures.Name, Key: &key}, func(o *s3.PresignPostOptions) {
		o.Expires = time.Minute
		o.Conditions = []any{[]any{"content-length-range", 1, 10}, map[string]string{"Content-Type": "text/plain"}}
	})
	if err != nil {
		k.t.Fatal(err)
	}
	signed.Values["Content-Type"] = "text/plain"
	return signed.URL, signed.Values
}

// post sends a form as a browser does, and gives status, error code and who may read the answer.
func post(t *testing.T, address string, fields map[string]string, body string) (status int, code, origin string) {
	t.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := parts.WriteField(name, fields[name]); err != nil {
			t.Fatal(err)
		}
	}
	file, err := parts.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(file, body)
	parts.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, &form)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", parts.FormDataContentType())
	request.Header.Set("Origin", "https://settings.example.com")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	_, rest, _ := strings.Cut(string(text), "<Code>")
	code, _, _ = strings.Cut(rest, "</Code>")
	return answer.StatusCode, code, answer.Header.Get("Access-Control-Allow-Origin")
}

func TestABrowserPostsWhatAFunctionSignedAndNothingElse(t *testing.T) {
	t.Parallel()
	k := newBucketKit(t, allowing("arn:aws:s3:::pictures/uploads/*", "s3:PutObject", "s3:GetObject"))
	address, fields := k.form()
	if status, code, origin := post(t, address, fields, "content"); status != http.StatusNoContent || origin != "https://settings.example.com" {
		t.Fatalf("answered %d %s to %q", status, code, origin)
	}
	if used := k.Used(); len(used) != 1 || used[0].Action != "s3:PutObject" || used[0].Resource != "arn:aws:s3:::pictures/uploads/*" || !used[0].Allowed {
		t.Errorf("used: %+v", used)
	}
	for name, c := range map[string]struct {
		change func(fields map[string]string)
		body   string
		code   string
	}{
		"too much":           {nil, "more than ten bytes", "EntityTooLarge"},
		"nothing":            {nil, "", "EntityTooSmall"},
		"another key":        {func(f map[string]string) { f["key"] = "uploads/two" }, "content", "AccessDenied"},
		"a forbidden key":    {func(f map[string]string) { f["key"] = "images/one" }, "content", "AccessDenied"},
		"another type":       {func(f map[string]string) { f["Content-Type"] = "text/html" }, "content", "AccessDenied"},
		"one more field":     {func(f map[string]string) { f["Cache-Control"] = "no-store" }, "content", "AccessDenied"},
		"another policy":     {func(f map[string]string) { f["policy"] = "e30=" + f["policy"] }, "content", "SignatureDoesNotMatch"},
		"another signature":  {func(f map[string]string) { f["X-Amz-Signature"] = strings.Repeat("0", 64) }, "content", "SignatureDoesNotMatch"},
		"nobody's key":       {func(f map[string]string) { f["X-Amz-Credential"] = "X" + f["X-Amz-Credential"] }, "content", "InvalidAccessKeyId"},
		"another token":      {func(f map[string]string) { f["X-Amz-Security-Token"] = "other" }, "content", "InvalidToken"},
		"without a policy":   {func(f map[string]string) { delete(f, "policy") }, "content", "InvalidArgument"},
		"without credential": {func(f map[string]string) { delete(f, "X-Amz-Credential") }, "content", "AccessDenied"},
	} {
		tampered := maps.Clone(fields)
		if c.change != nil {
			c.change(tampered)
		}
		if status, code, _ := post(t, address, tampered, c.body); status < 400 || code != c.code {
			t.Errorf("%s: %d %s, not %s", name, status, code, c.code)
		}
	}
	if used := k.Used(); len(used) != 1 {
		t.Errorf("what visitors were refused counts against the function: %+v", used)
	}
}

func TestALinkThatAFunctionSignedReadsOneObject(t *testing.T) {
	t.Parallel()
	k := newBucketKit(t, allowing("arn:aws:s3:::pictures/exports/*", "s3:PutObject", "s3:GetObject"))
	if err := putObject(t.Context(), k.s3(), "exports/a.csv", "a,b"); err != nil {
		t.Fatal(err)
	}
	key := "exports/a.csv"
	link, err := s3.NewPresignClient(k.s3()).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &pictures.Name, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	read := func(address string) (int, string) {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(body)
	}
	if status, body := read(link.URL); status != http.StatusOK || body != "a,b" {
		t.Errorf("answered %d %s", status, body)
	}
	other, err := url.Parse(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	other.Path = "/pictures/exports/b.csv"
	if status, body := read(other.String()); status != http.StatusForbidden || !strings.Contains(body, "SignatureDoesNotMatch") {
		t.Errorf("another object: %d %s", status, body)
	}
	if status, _ := read(k.server.URL + "/pictures/exports/a.csv"); status != http.StatusForbidden {
		t.Errorf("without a signature: %d", status)
	}
}
