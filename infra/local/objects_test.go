package main

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tenantry/tenantry/infra/local/bucket"
)

// s3 is a client of the stack's bucket that may do everything, and the bucket's name.
func (p *process) s3(t *testing.T) (*s3.Client, string) {
	t.Helper()
	who := decode[owner](t, p.expect(t, http.StatusOK, "GET", "/_local/owner", ""))
	return bucket.Client(who.Endpoint, who.AccessKeyID, who.SecretAccessKey), who.Bucket
}

func TestObjectsSurviveKillAndEndByTheBucketsLifecycle(t *testing.T) {
	data := t.TempDir()
	first := startStack(t, data)
	client, name := first.s3(t)
	for _, key := range []string{"temporary/one", "kept/two"} {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
	first.end(t, syscall.SIGKILL)

	second := startStack(t, data)
	client, _ = second.s3(t)
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &name, Key: aws.String("temporary/one")})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(out.Body); string(body) != "temporary/one" || err != nil {
		t.Errorf("after the restart: %q, %v", body, err)
	}
	path := "/_local/buckets/" + name + "/lifecycle"
	if swept := second.expect(t, http.StatusOK, "POST", path, ""); strings.Contains(swept, "temporary/one") {
		t.Errorf("expired at once: %s", swept)
	}
	later := time.Now().AddDate(0, 0, 2).UTC().Format(time.RFC3339)
	swept := decode[bucket.Swept](t, second.expect(t, http.StatusOK, "POST", path, `{"now": "`+later+`"}`))
	if len(swept.Expired) != 1 || swept.Expired[0] != "temporary/one" {
		t.Errorf("two days later: %+v", swept)
	}
	second.expect(t, http.StatusNotFound, "POST", "/_local/buckets/none/lifecycle", "")
}
