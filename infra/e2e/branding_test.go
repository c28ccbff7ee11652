package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // decoders for what is served
	_ "image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "golang.org/x/image/webp"

	"github.com/tenantry/tenantry/shared/blob"
)

func TestBRA1_AnImageComesOutWithoutWhereItWasTaken(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, c := range []struct{ name, contentType string }{{"photo.png", "image/png"}, {"photo.jpg", "image/jpeg"}, {"photo.webp", "image/webp"}} {
		original := picture(t, "kept/"+c.name)
		place := []byte("\x00\x00\x00\x29\x00\x00\x00\x01\x00\x00\x00\x18\x00\x00\x00\x01") // 41 degrees, 24 minutes
		if !bytes.Contains(original, place) {
			t.Fatalf("%s says no place", c.name)
		}
		b := taken(t, tree.Admin, tree.Org, "logo", c.name)
		answer := served(t, b.Logo.URL).Expect(t, 200)
		for _, secret := range [][]byte{place, []byte("MARK-"), []byte("jane.roe"), []byte("GPSLatitude")} {
			if bytes.Contains(answer.Body, secret) {
				t.Errorf("%s: %q came out", c.name, secret)
			}
		}
		for header, want := range map[string]string{"Content-Type": c.contentType, "Cache-Control": "public, max-age=31536000, immutable",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "cross-origin"} {
			if got := answer.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", c.name, header, got)
			}
		}
		before, _, err1 := image.Decode(bytes.NewReader(original))
		after, _, err2 := image.Decode(bytes.NewReader(answer.Body))
		if err := errors.Join(err1, err2); err != nil || before.Bounds() != after.Bounds() || before.At(5, 5) != after.At(5, 5) {
			t.Errorf("%s: the picture is another one: %v", c.name, err)
		}
		if b.Logo.Width != 24 || b.Logo.Height != 16 {
			t.Errorf("%s: %d x %d", c.name, b.Logo.Width, b.Logo.Height)
		}
	}
	if cover := taken(t, tree.Admin, tree.Org, "cover", "turned.jpg").Cover; cover.Width != 16 || cover.Height != 24 {
		t.Errorf("lying on its side: %d x %d", cover.Width, cover.Height)
	}
	b := brandingOfNow(t, tree.Admin, tree.Org)
	if images := keysUnder(t, blob.Images+tree.Org+"/"); len(images) != 2 || !b.uses(images[0]) || !b.uses(images[1]) {
		t.Errorf("the earlier images are still there: %v", images)
	}
	if left := keysUnder(t, blob.Uploads+tree.Org+"/"); len(left) != 0 {
		t.Errorf("what was taken is still there as an upload: %v", left)
	}
}

// uses tells whether an object of the bucket is in use.
func (b aBranding) uses(key string) bool {
	return b.Logo != nil && strings.HasSuffix(b.Logo.URL, "/"+key) || b.Cover != nil && strings.HasSuffix(b.Cover.URL, "/"+key)
}

func TestBRA4_WhatIsRefusedLeavesTheEarlierImage(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	earlier := taken(t, tree.Admin, tree.Org, "logo", "photo.jpg")
	files, err := filepath.Glob("../../shared/picture/testdata/refused/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files { // HTML named PNG, 20,000 x 20,000, animated, with trailing data, among others
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		upload := uploadedContent(t, tree.Admin, tree.Org, "logo", content)
		answer := tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/logo", map[string]string{"uploadId": upload})
		refusedAs(t, answer, 422, "image-refused")
		var problem struct {
			Detail string
			Errors []struct{ Location, Message string }
		}
		answer.JSON(t, &problem)
		if len(problem.Errors) != 1 || problem.Errors[0].Location != "body.uploadId" || !strings.HasPrefix(filepath.Base(file), problem.Errors[0].Message) || problem.Detail == "" {
			t.Errorf("%s: %+v", filepath.Base(file), problem)
		}
	}
	after := brandingOfNow(t, tree.Admin, tree.Org)
	if after.Logo == nil || *after.Logo != *earlier.Logo || after.UpdatedAt != earlier.UpdatedAt {
		t.Errorf("now %+v", after)
	}
	served(t, after.Logo.URL).Expect(t, 200)
	if images := keysUnder(t, blob.Images+tree.Org+"/"); len(images) != 1 {
		t.Errorf("images: %v", images)
	}
}

func TestBRA1_S3ItselfHoldsAnUploadAgainstItsForm(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	content := picture(t, "kept/photo.png")
	six := append(bytes.Clone(content), make([]byte, 6<<20)...)
	f := begun(t, tree.Admin, tree.Org, "logo", "image/png", len(content))
	set := func(name, value string) func(map[string]string) {
		return func(fields map[string]string) { fields[name] = value }
	}
	without := func(name string) func(map[string]string) {
		return func(fields map[string]string) { delete(fields, name) }
	}
	other := blob.Uploads + newTree(t).Org + "/upl_x"
	for name, c := range map[string]struct {
		content []byte
		change  func(map[string]string)
		code    string
	}{
		"6 MB":                      {six, nil, "EntityTooLarge"},
		"a byte more":               {append(bytes.Clone(content), 0), nil, "EntityTooLarge"},
		"a byte less":               {content[1:], nil, "EntityTooSmall"},
		"another type":              {content, set("Content-Type", "text/html"), "AccessDenied"},
		"no type":                   {content, without("Content-Type"), "AccessDenied"},
		"another organization's":    {content, set("key", other), "AccessDenied"},
		"an image's place":          {content, set("key", blob.Images+tree.Org+"/logo.png"), "AccessDenied"},
		"no key":                    {content, without("key"), "InvalidArgument"},
		"a header to serve it with": {content, set("Cache-Control", "no-store"), "AccessDenied"},
		"public":                    {content, set("acl", "public-read"), "AccessDenied"},
		"another policy":            {content, set("policy", "e30="), "SignatureDoesNotMatch"},
		"no policy":                 {content, without("policy"), "InvalidArgument"},
		"another signature":         {content, set("X-Amz-Signature", strings.Repeat("0", 64)), "SignatureDoesNotMatch"},
		"another day":               {content, set("X-Amz-Date", "20260101T000000Z"), "AccessDenied"},
		"another algorithm":         {content, set("X-Amz-Algorithm", "AWS4-HMAC-MD5"), "InvalidArgument"},
		"another token":             {content, set("X-Amz-Security-Token", "other"), "InvalidToken"},
		"another key":               {content, set("X-Amz-Credential", "ASIAOTHER/20260101/us-east-1/s3/aws4_request"), "InvalidAccessKeyId"},
	} {
		if status, code := f.post(t, c.content, c.change); status < 400 || code != c.code {
			t.Errorf("%s: %d %s, not %s", name, status, code, c.code)
		}
	}
	if left := keysUnder(t, blob.Uploads+tree.Org+"/"); len(left) != 0 {
		t.Errorf("S3 took %v", left)
	}
	for name, body := range map[string]map[string]any{
		"body.size":        {"kind": "logo", "contentType": "image/png", "size": 5<<20 + 1},
		"body.contentType": {"kind": "logo", "contentType": "image/svg+xml", "size": 10},
		"body.kind":        {"kind": "favicon", "contentType": "image/png", "size": 10},
	} {
		answer := tree.Admin.DoWithKey(t, "POST", brandingOf(tree.Org)+"/uploads", body)
		refusedAs(t, answer, 422, "invalid")
		if !bytes.Contains(answer.Body, []byte(`"`+name+`"`)) {
			t.Errorf("%s is not named: %s", name, answer.Body)
		}
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/logo", map[string]string{"uploadId": f.UploadID}), 409, "nothing-uploaded")
	if status, code := f.post(t, content, nil); status != http.StatusNoContent { // the form itself is right
		t.Errorf("untampered: %d %s", status, code)
	}
}

func TestBRA1_AnUploadIsTakenOnceByWhoBeganItAndForItsKind(t *testing.T) {
	t.Parallel()
	tree, stranger := newTree(t), newTree(t)
	upload := uploaded(t, tree.Admin, tree.Org, "logo", "photo.png")
	take := func(by Person, org, kind, upload string) Answer {
		return by.DoWithKey(t, "PUT", brandingOf(org)+"/"+kind, map[string]string{"uploadId": upload})
	}
	for name, answer := range map[string]Answer{
		"by another tree":               take(stranger.Admin, stranger.Org, "logo", upload),
		"by a suborganization":          take(tree.Admin, tree.Subs[0], "logo", upload),
		"for another kind":              take(tree.Admin, tree.Org, "cover", upload),
		"that never was":                take(tree.Admin, tree.Org, "logo", fresh("upl")()),
		"that is no upload's id at all": take(tree.Admin, tree.Org, "logo", "../"+upload),
	} {
		if answer.Status != 422 || !bytes.Contains(answer.Body, []byte("body.uploadId")) {
			t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
		}
	}
	take(tree.Admin, tree.Org, "logo", upload).Expect(t, 200)
	refusedAs(t, take(tree.Admin, tree.Org, "logo", upload), 422, "invalid")
	old := uploaded(t, tree.Admin, tree.Org, "logo", "photo.png")
	rawTable(t).set(t, "ORG#"+tree.Org, "UPLOAD#"+old, "until", time.Now().Add(-time.Second).Unix())
	refusedAs(t, take(tree.Admin, tree.Org, "logo", old), 422, "invalid")
}

func TestBRA1_OfRacedTakesOneImageIsInUseAndThere(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for round := range 5 {
		same := uploaded(t, tree.Admin, tree.Org, "logo", "photo.png")
		uploads := []string{same, same, same, uploaded(t, tree.Admin, tree.Org, "logo", "photo.jpg"), uploaded(t, tree.Admin, tree.Org, "logo", "photo.webp")}
		statuses := make([]int, len(uploads))
		var racers sync.WaitGroup
		for i, upload := range uploads {
			racers.Go(func() {
				statuses[i] = tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/logo", map[string]string{"uploadId": upload}).Status
			})
		}
		racers.Wait()
		ok := 0
		for _, status := range statuses[:3] {
			if status == 200 {
				ok++
			}
		}
		if ok != 1 || statuses[3] != 200 || statuses[4] != 200 {
			t.Fatalf("round %d: %v", round, statuses)
		}
		logo := brandingOfNow(t, tree.Admin, tree.Org).Logo
		served(t, logo.URL).Expect(t, 200)
		if images := keysUnder(t, blob.Images+tree.Org+"/"); len(images) != 1 { // who came too late may leave a file to maintenance
			if len(images) > 2 {
				t.Errorf("round %d: %v", round, images)
			}
			aged(t, images...)
			rawTable(t).fallsDue(t, "TIMER#files#"+tree.Org+"/"+same, time.Now())
			until(t, func(t testing.TB) bool { return len(keysUnder(t, blob.Images+tree.Org+"/")) == 1 })
			served(t, logo.URL).Expect(t, 200)
		}
	}
}

func TestBRA3_ShowsWhoChangedItLastTheRemovalOfAnImageIncluded(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	if b := brandingOfNow(t, tree.Admin, tree.Org); b.Palette != nil || b.Logo != nil || b.Cover != nil || b.UpdatedAt != "" || len(b.Warnings)+len(b.Contrasts) > 0 {
		t.Errorf("before anything is set: %+v", b)
	}
	taken(t, tree.Admin, tree.Org, "logo", "photo.png")
	url := brandingOfNow(t, tree.Admin, tree.Org).Logo.URL
	tree.Second.Do(t, "DELETE", brandingOf(tree.Org)+"/logo", nil).Expect(t, 204)
	var b aBranding
	answer := tree.User.Do(t, "GET", brandingOf(tree.Org), nil).Expect(t, 200) // reading is for users too
	answer.JSON(t, &b)
	if b.Logo != nil || b.UpdatedBy.Type != "user" || b.UpdatedBy.ID != tree.Second.ID || b.UpdatedBy.Email != tree.Second.Email || b.UpdatedBy.Name == "" {
		t.Errorf("after the removal: %+v", b)
	}
	served(t, url).Expect(t, 403)
	etag := answer.Header.Get("ETag")
	tree.Second.Do(t, "DELETE", brandingOf(tree.Org)+"/logo", nil).Expect(t, 204) // there is none: nothing changes
	if again := tree.User.Do(t, "GET", brandingOf(tree.Org), nil); again.Header.Get("ETag") != etag {
		t.Errorf("removing nothing changed %s to %s", etag, again.Header.Get("ETag"))
	}
	tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{"palette": palette()}, "If-Match", etag).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{}, "If-Match", etag), 412, "stale")
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", brandingOf(tree.Org)+"/cover", nil, "If-Match", etag), 412, "stale")
	refusedAs(t, tree.User.Do(t, "PUT", brandingOf(tree.Org), map[string]any{}), 403, "forbidden")
	if sub := brandingOfNow(t, tree.Sub, tree.Subs[0]); sub.Palette != nil {
		t.Errorf("a suborganization inherits %+v", sub)
	}
}

func TestBRA2_ColoursAreKeptInOneFormAndRefusedByField(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	var b aBranding
	mixed := map[string]string{"primary": "#1b5e20", "secondary": "#37474F", "accent": "#F60", "background": "#fff", "text": "#212121"}
	tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{"palette": mixed}).Expect(t, 200).JSON(t, &b)
	want := map[string]string{"primary": "#1B5E20", "secondary": "#37474F", "accent": "#FF6600", "background": "#FFFFFF", "text": "#212121"}
	if fmt.Sprint(b.Palette) != fmt.Sprint(want) || fmt.Sprint(brandingOfNow(t, tree.Admin, tree.Org).Palette) != fmt.Sprint(want) {
		t.Errorf("kept as %v", b.Palette)
	}
	for _, wrong := range []string{"", "red", "1B5E20", "#1B5E2", "#1B5E200", "#1B5E20FF", "#12", "#GGGGGG", " #FFF", "#FFF\n", "#ＦＦＦ", "rgb(0,0,0)"} {
		for field := range want {
			body := palette()
			body[field] = wrong
			answer := tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{"palette": body})
			refusedAs(t, answer, 422, "invalid")
			if !bytes.Contains(answer.Body, []byte(`"body.palette.`+field+`"`)) {
				t.Errorf("%s %q: %s", field, wrong, answer.Body)
			}
		}
	}
	missing := palette()
	delete(missing, "accent")
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{"palette": missing}), 422, "invalid")
	var none aBranding
	tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{}).Expect(t, 200).JSON(t, &none)
	if none.Palette != nil || len(none.Contrasts) > 0 {
		t.Errorf("without a palette: %+v", none)
	}
}

func TestBRA5_APoorContrastIsShownAndAWarning(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	set := func(text, background, accent string) (b aBranding) {
		p := palette()
		p["text"], p["background"], p["accent"] = text, background, accent
		tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org), map[string]any{"palette": p}).Expect(t, 200).JSON(t, &b)
		return b
	}
	if b := set("#000000", "#FFFFFF", "#BF360C"); b.Contrasts[0].Ratio != 21 || b.Contrasts[0].Of != "text" || len(b.Warnings) != 0 {
		t.Errorf("black on white: %+v", b)
	}
	if b := set("#767676", "#FFFFFF", "#BF360C"); b.Contrasts[0].Ratio != 4.54 || len(b.Warnings) != 0 {
		t.Errorf("just enough: %+v", b)
	}
	b := set("#777777", "#FFFFFF", "#FFEB3B")
	if b.Contrasts[0].Ratio != 4.47 || len(b.Warnings) != 2 || b.Warnings[0].Location != "palette.text" || b.Warnings[1].Location != "palette.accent" ||
		!strings.Contains(b.Warnings[0].Message, "4.47") {
		t.Errorf("too little: %+v", b)
	}
}

func TestTakingAnImageTakesFourCallsOfS3(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	calls := func(answer Answer) (table, s3 int) {
		for _, call := range callsOf(t, answer) {
			switch {
			case call.Service == "s3":
				s3++
			case call.Service == "dynamodb" && !strings.HasPrefix(strings.Join(call.LeadingKeys, ""), "RATE#"):
				table++
			}
		}
		return table, s3
	}
	take := func() Answer {
		upload := uploaded(t, tree.Admin, tree.Org, "logo", "photo.png")
		return tree.Admin.DoWithKey(t, "PUT", brandingOf(tree.Org)+"/logo", map[string]string{"uploadId": upload}).Expect(t, 200)
	}
	tree.Admin.DoWithKey(t, "GET", brandingOf(tree.Org), nil).Expect(t, 200) // notes when the key was last used
	body := map[string]any{"kind": "logo", "contentType": "image/png", "size": 10}
	for _, c := range []struct {
		what      string
		answer    Answer
		table, s3 int
	}{
		{"begin", tree.Admin.DoWithKey(t, "POST", brandingOf(tree.Org)+"/uploads", body), 3, 0}, // who asks, what waits, the change
		{"take the first", take(), 5, 3}, // who asks, what there is, the upload, the name, the change; get, put, forget the upload
		{"take another", take(), 5, 4},   // and forget the earlier image
		{"read", tree.Admin.DoWithKey(t, "GET", brandingOf(tree.Org), nil), 3, 0},
		{"remove", tree.Admin.DoWithKey(t, "DELETE", brandingOf(tree.Org)+"/logo", nil), 3, 1},
	} {
		if table, s3 := calls(c.answer); table != c.table || s3 != c.s3 {
			t.Errorf("%s: %d calls of the table and %d of S3, not %d and %d: %+v", c.what, table, s3, c.table, c.s3, callsOf(t, c.answer))
		}
	}
}
