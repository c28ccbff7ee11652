package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/blob"
)

// ended has an upload end now, as it does by itself after an hour.
func ended(t testing.TB, org, upload string) {
	t.Helper()
	rawTable(t).set(t, "ORG#"+org, "UPLOAD#"+upload, "expiresAt", time.Now().Add(-time.Second).Unix())
}

// aged has a file of the bucket be as old as one that somebody left behind: no file is younger than what is to be looked at.
func aged(t testing.TB, keys ...string) {
	t.Helper()
	stack.Local(t, http.MethodPost, "buckets/"+bucketName(t)+"/age", map[string]any{"keys": keys, "by": "24h"})
}

func TestBRA4_WhatNobodyTookIsGoneWithinTheDayByMaintenance(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	inUse := taken(t, tree.Admin, tree.Org, "logo", "photo.png")
	unused := uploaded(t, tree.Admin, tree.Org, "logo", "photo.jpg")
	waiting := uploaded(t, tree.Admin, tree.Org, "cover", "photo.webp")
	orphan := blob.Images + tree.Org + "/cover-0123456789abcdef0123456789abcdef.png" // as a take leaves it that was cut off before its change
	if err := bucket(t).Put(t.Context(), orphan, picture(t, "kept/photo.png"), blob.Headers{Type: "image/png"}); err != nil {
		t.Fatal(err)
	}
	files := func() []string {
		return append(keysUnder(t, blob.Uploads+tree.Org+"/"), keysUnder(t, blob.Images+tree.Org+"/")...)
	}
	if n := len(files()); n != 4 {
		t.Fatalf("%d files", n)
	}
	ended(t, tree.Org, unused)
	aged(t, blob.Uploads+tree.Org+"/"+unused, orphan)
	gone := func(t testing.TB) bool {
		return !slices.Contains(files(), blob.Uploads+tree.Org+"/"+unused) && !slices.Contains(files(), orphan)
	}
	later(t, 5*time.Hour, gone)
	left := files()
	if len(left) != 2 || !slices.Contains(left, blob.Uploads+tree.Org+"/"+waiting) {
		t.Errorf("left: %v", left)
	}
	served(t, inUse.Logo.URL).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/cover", map[string]string{"uploadId": waiting}).Expect(t, 200) // it is still there to be taken
	later(t, 5*time.Hour, func(t testing.TB) bool { return below("ORG#"+tree.Org, "UPLOAD#"+unused)(t) == 0 })
}

func TestBRA4_TheBucketIsCleanAfterTheLifecyclesDay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	taken(t, tree.Admin, tree.Org, "logo", "photo.png")
	uploads := []string{blob.Uploads + tree.Org + "/" + uploaded(t, tree.Admin, tree.Org, "logo", "photo.jpg")}
	f := begun(t, tree.Admin, tree.Org, "cover", "image/png", 4)
	if status, code := f.post(t, []byte("text"), nil); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, code)
	}
	uploads = append(uploads, blob.Uploads+tree.Org+"/"+f.UploadID)
	aged(t, uploads...) // these alone: the day is over for them, and not for what other tests are at
	var swept struct{ Expired []string }
	stack.Local(t, http.MethodPost, "buckets/"+bucketName(t)+"/lifecycle", map[string]string{"now": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}).JSON(t, &swept)
	for _, upload := range uploads {
		if !slices.Contains(swept.Expired, upload) {
			t.Errorf("%s is not among what was removed: %v", upload, swept.Expired)
		}
	}
	if left := keysUnder(t, blob.Uploads+tree.Org+"/"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if images := keysUnder(t, blob.Images+tree.Org+"/"); len(images) != 1 {
		t.Errorf("images: %v", images)
	}
}

// bucketName is the name of the stack's bucket.
func bucketName(t testing.TB) string {
	t.Helper()
	o, err := readOwner()
	if err != nil {
		t.Fatal(err)
	}
	return o.Bucket
}

func TestBRA4_ACrashAtAnyCallLosesNoImageAndLeavesNoneForLong(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	taken(t, tree.Admin, tree.Org, "logo", "photo.jpg")
	for at := 1; ; at++ {
		upload := uploaded(t, tree.Admin, tree.Org, "logo", "photo.png")
		answer := tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/logo", map[string]string{"uploadId": upload}, "X-Local-Fault", fmt.Sprint("kill-after@", at))
		if answer.Status == 200 { // behind its last call
			break
		}
		logo := brandingOfNow(t, tree.Admin, tree.Org).Logo
		if logo == nil {
			t.Fatalf("killed after call %d: no logo", at)
		}
		served(t, logo.URL).Expect(t, 200)
		ended(t, tree.Org, upload)
		if at > 30 {
			t.Fatal("it never ends")
		}
	}
	files := func() []string {
		return append(keysUnder(t, blob.Uploads+tree.Org+"/"), keysUnder(t, blob.Images+tree.Org+"/")...)
	}
	if n := len(files()); n < 3 {
		t.Fatalf("the crashes left %d files: nothing is shown", n)
	}
	aged(t, files()...)
	later(t, 5*time.Hour, func(testing.TB) bool { return len(files()) == 1 })
	served(t, brandingOfNow(t, tree.Admin, tree.Org).Logo.URL).Expect(t, 200)
}

func TestGEN4_TheImagesOfADeletedSuborganizationGo(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := newSub(t, tree)
	logo := taken(t, tree.Admin, sub, "logo", "photo.png").Logo
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 204)
	if rawTable(t).item(t, "ORG#"+sub, "BRANDING") != nil {
		t.Error("its branding is still in the table")
	}
	aged(t, keysUnder(t, blob.Images+sub+"/")...)
	later(t, 2*time.Hour, func(t testing.TB) bool { return len(keysUnder(t, blob.Images+sub+"/")) == 0 })
	served(t, logo.URL).Expect(t, 403)
}
