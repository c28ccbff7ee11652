package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/id"
)

// bucket is the stack's bucket for who may do everything.
func bucket(t testing.TB) *blob.Store {
	t.Helper()
	o, err := readOwner()
	if err != nil {
		t.Fatal(err)
	}
	return blob.Open(o.config(), o.Bucket)
}

// keysUnder are the keys of the bucket below a prefix.
func keysUnder(t testing.TB, prefix string) []string {
	t.Helper()
	page, more, err := bucket(t).List(t.Context(), prefix, "", 1000)
	if err != nil || more {
		t.Fatalf("list %s: more %v, %v", prefix, more, err)
	}
	keys := []string{}
	for _, object := range page {
		keys = append(keys, object.Key)
	}
	return keys
}

func TestTheBucketKeepsReadsListsAndRemoves(t *testing.T) {
	t.Parallel()
	store, prefix, ctx := bucket(t), blob.Images+id.New(id.Organization)+"/", t.Context()
	for _, name := range []string{"a", "b", "c"} {
		if err := store.Put(ctx, prefix+name, []byte("content of "+name), blob.Headers{Type: "image/png", Cache: blob.Forever}); err != nil {
			t.Fatal(err)
		}
	}
	if content, err := store.Get(ctx, prefix+"a", 12); string(content) != "content of a" || err != nil {
		t.Errorf("got %q, %v", content, err)
	}
	if _, err := store.Get(ctx, prefix+"a", 11); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("more than asked for: %v", err)
	}
	if _, err := store.Get(ctx, prefix+"none", 11); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("what is not there: %v", err)
	}
	if object, err := store.Head(ctx, prefix+"b"); object.Size != 12 || err != nil || time.Since(object.Modified) > time.Minute {
		t.Errorf("looked at %+v, %v", object, err)
	}
	if _, err := store.Head(ctx, prefix+"none"); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("looked at what is not there: %v", err)
	}
	first, more, err := store.List(ctx, prefix, "", 2)
	if err != nil || len(first) != 2 || !more {
		t.Fatalf("first page %+v, more %v, %v", first, more, err)
	}
	second, more, err := store.List(ctx, prefix, first[1].Key, 2)
	if err != nil || len(second) != 1 || second[0].Key != prefix+"c" || more {
		t.Errorf("second page %+v, more %v, %v", second, more, err)
	}
	if err := store.Delete(ctx, prefix+"a", prefix+"none"); err != nil {
		t.Error(err)
	}
	if removed, more, err := store.DeletePage(ctx, prefix); removed != 2 || more || err != nil {
		t.Errorf("removed %d, more %v, %v", removed, more, err)
	}
	if left := keysUnder(t, prefix); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAnObjectIsWrittenInPartsOverSeveralInvocations(t *testing.T) {
	t.Parallel()
	store, key, ctx := bucket(t), blob.Exports+id.New(id.Organization)+"/users.csv", t.Context()
	begun, err := store.Begin(ctx, key, blob.Headers{Type: "text/csv"})
	if err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("abcdefgh"), blob.SmallestPart/8)
	for _, part := range [][]byte{large, []byte("the end")} {
		kept, err := json.Marshal(begun) // as a checkpoint does
		if err != nil {
			t.Fatal(err)
		}
		begun = &blob.Upload{}
		if err := json.Unmarshal(kept, begun); err != nil {
			t.Fatal(err)
		}
		again := blob.Upload{Key: begun.Key, ID: begun.ID, Parts: slices.Clone(begun.Parts)}
		if err := store.Append(ctx, &again, part); err != nil { // an attempt whose outcome was lost
			t.Fatal(err)
		}
		if err := store.Append(ctx, begun, part); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Head(ctx, key); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("it is there before it is complete: %v", err)
	}
	if err := store.Complete(ctx, begun); err != nil {
		t.Fatal(err)
	}
	link, err := store.Link(ctx, key, "users.csv", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil || len(content) != blob.SmallestPart+7 || !strings.HasSuffix(string(content), "the end") {
		t.Errorf("downloaded %d bytes, %v", len(content), err)
	}
	if got := answer.Header.Get("Content-Disposition"); got != `attachment; filename="users.csv"` {
		t.Errorf("saved as %s", got)
	}
	if err := store.Abort(ctx, begun); err != nil {
		t.Errorf("abort what is complete: %v", err)
	}
	if err := store.Complete(ctx, begun); err != nil {
		t.Errorf("complete it again: %v", err)
	}
	if err := store.Delete(ctx, key); err != nil {
		t.Error(err)
	}
	if err := store.Complete(ctx, begun); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("complete what is gone: %v", err)
	}
}
