package bucket_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/tenantry/tenantry/infra/local/bucket"
	"github.com/tenantry/tenantry/infra/local/bucket/buckettest"
	"github.com/tenantry/tenantry/infra/local/template"
)

func TestMain(m *testing.M) {
	buckettest.Play()
	m.Run()
}

// things is a bucket of the tests; what is under temporary/ lasts a day.
var things = template.Bucket{
	Name: "things",
	CORS: []template.CORSRule{{Methods: []string{"POST"}, Origins: []string{"https://settings.example.com"}, MaxAge: time.Hour}},
	Lifecycle: []template.LifecycleRule{
		{Prefix: "temporary/", ExpirationDays: 1},
		{AbortMultipartDays: 1},
	},
}

// open is a client of a gateway that has the bucket, and the gateway's address.
func open(t *testing.T, folder string) (client *s3.Client, address string) {
	t.Helper()
	address = buckettest.Start(t, folder).String()
	client = bucket.Root(address, buckettest.Master)
	if _, err := bucket.Create(t.Context(), client, things); err != nil {
		t.Fatal(err)
	}
	return client, address
}

func put(t *testing.T, client *s3.Client, key, body string) {
	t.Helper()
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &things.Name, Key: &key, Body: strings.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
}

func TestABucketIsMadeOnceAndKeepsItsObjectsOnDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, _ := open(t, folder)
	put(t, first, "a/b c.txt", "kept")
	second, _ := open(t, folder)
	if made, err := bucket.Create(t.Context(), second, things); made || err != nil {
		t.Errorf("made again %v, %v", made, err)
	}
	key := "a/b c.txt"
	out, err := second.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &things.Name, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(out.Body); string(body) != "kept" || err != nil {
		t.Errorf("after the restart: %q, %v", body, err)
	}
}

func TestASignatureOfAnotherSecretIsRefused(t *testing.T) {
	t.Parallel()
	_, address := open(t, "")
	forged := bucket.Client(address, "ASIA0123456789ABCDEF", "another secret")
	_, err := forged.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &things.Name})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "SignatureDoesNotMatch" {
		t.Errorf("answered %v", err)
	}
	derived := bucket.Client(address, "AKIA0123456789ABCDEF", bucket.SecretKey(buckettest.Master, "AKIA0123456789ABCDEF"))
	if _, err := derived.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &things.Name}); err != nil {
		t.Errorf("a key with its derived secret: %v", err)
	}
	anonymous, err := http.Get(address + "/things/a")
	if err != nil {
		t.Fatal(err)
	}
	defer anonymous.Body.Close()
	if anonymous.StatusCode != http.StatusForbidden {
		t.Errorf("anonymous: %s", anonymous.Status)
	}
}

func TestOnlyTheOriginsOfTheTemplateMayAskAcrossOrigins(t *testing.T) {
	t.Parallel()
	_, address := open(t, "")
	for origin, want := range map[string]string{"https://settings.example.com": "https://settings.example.com", "https://attacker.example": ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, address+"/things", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", http.MethodPost)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s may ask: %q (%s)", origin, got, answer.Status)
		}
	}
}

func TestTheLifecycleRemovesWhatIsADayOldAfterTheNextMidnight(t *testing.T) {
	t.Parallel()
	client, _ := open(t, "")
	put(t, client, "temporary/one", "1")
	put(t, client, "temporary/below/two", "2")
	put(t, client, "kept/three", "3")
	key := "kept/never-finished"
	if _, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &things.Name, Key: &key}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	day := now.Truncate(24*time.Hour).AddDate(0, 0, 1)
	swept := sweep(t, client, day.Add(23*time.Hour+59*time.Minute))
	if len(swept.Expired)+len(swept.Aborted) > 0 {
		t.Errorf("before the midnight after a day: %+v", swept)
	}
	swept = sweep(t, client, day.Add(24*time.Hour+time.Minute))
	slices.Sort(swept.Expired)
	if !slices.Equal(swept.Expired, []string{"temporary/below/two", "temporary/one"}) || !slices.Equal(swept.Aborted, []string{key}) {
		t.Errorf("after it: %+v", swept)
	}
	left, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &things.Name})
	if err != nil || len(left.Contents) != 1 || *left.Contents[0].Key != "kept/three" {
		t.Errorf("left: %+v, %v", left, err)
	}
}

func sweep(t *testing.T, client *s3.Client, now time.Time) bucket.Swept {
	t.Helper()
	swept, err := bucket.Sweep(t.Context(), client, things, now)
	if err != nil {
		t.Fatal(err)
	}
	return swept
}

func TestAnUploadInPartsIsOneObject(t *testing.T) {
	t.Parallel()
	client, _ := open(t, "")
	body := bytes.Repeat([]byte("0123456789abcdef"), 6<<16) // 6 MiB
	if err := inParts(t.Context(), client, "export.csv", body[:5<<20], body[5<<20:]); err != nil {
		t.Fatal(err)
	}
	key := "export.csv"
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &things.Name, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(out.Body); !bytes.Equal(got, body) || err != nil {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	if err := inParts(t.Context(), client, "small.csv", body[:1<<20], body[:1<<20]); err == nil {
		t.Error("a part below 5 MiB that is not the last was taken")
	}
}
