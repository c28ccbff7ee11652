package e2e

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

func brandingOf(org string) string { return "/v1/organizations/" + org + "/branding" }

// form is what a browser posts a file to S3 with.
type form struct {
	URL, UploadID, ExpiresAt string
	Fields                   map[string]string
}

// begun asks for a form for a file of the size.
func begun(t testing.TB, by Person, org, kind, contentType string, size int) form {
	t.Helper()
	var f form
	by.DoWithKey(t, "POST", brandingOf(org)+"/uploads", map[string]any{"kind": kind, "contentType": contentType, "size": size}).Expect(t, 201).JSON(t, &f)
	return f
}

// post posts the file as a browser does, to S3 itself, with the fields changed where change is given. It gives S3's status and
// error code.
func (f form) post(t testing.TB, content []byte, change func(fields map[string]string)) (status int, code string) {
	t.Helper()
	fields := maps.Clone(f.Fields)
	if change != nil {
		change(fields)
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := parts.WriteField(name, fields[name]); err != nil {
			t.Fatal(err)
		}
	}
	file, err := parts.CreateFormFile("file", "image")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(content)
	parts.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL, &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", parts.FormDataContentType())
	request.Header.Set("Origin", stack.URL)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	_, rest, _ := strings.Cut(string(text), "<Code>")
	code, _, _ = strings.Cut(rest, "</Code>")
	if allowed := answer.Header.Get("Access-Control-Allow-Origin"); answer.StatusCode < 300 && allowed != stack.URL {
		t.Errorf("the page may not read what S3 answered: %q", allowed)
	}
	return answer.StatusCode, code
}

// picture is a file of the fixtures of shared/picture, such as kept/photo.png.
func picture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../shared/picture/testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// uploadedContent uploads content as a PNG, whatever it is, and gives the upload's id.
func uploadedContent(t testing.TB, by Person, org, kind string, content []byte) string {
	t.Helper()
	f := begun(t, by, org, kind, "image/png", len(content))
	if status, code := f.post(t, content, nil); status != http.StatusNoContent {
		t.Fatalf("S3 answered %d %s", status, code)
	}
	return f.UploadID
}

// uploaded uploads an image of the fixtures and gives the upload's id.
func uploaded(t testing.TB, by Person, org, kind, name string) string {
	t.Helper()
	return uploadedContent(t, by, org, kind, picture(t, "kept/"+name))
}

// aBranding is an organization's branding as the API shows it.
type aBranding struct {
	Palette     map[string]string
	Logo, Cover *struct {
		URL           string
		Width, Height int
	}
	Contrasts []struct {
		Of, On       string
		Ratio, Least float64
	}
	Warnings  []struct{ Location, Message string }
	UpdatedAt string
	UpdatedBy struct{ Type, ID, Name, Email string }
}

// brandingOfNow reads the branding of an organization.
func brandingOfNow(t testing.TB, by Person, org string) (b aBranding) {
	t.Helper()
	by.DoWithKey(t, "GET", brandingOf(org), nil).Expect(t, 200).JSON(t, &b)
	return b
}

// taken takes an image of the fixtures into use and gives the branding after it.
func taken(t testing.TB, by Person, org, kind, name string) (b aBranding) {
	t.Helper()
	by.DoWithKey(t, "PUT", brandingOf(org)+"/"+kind, map[string]string{"uploadId": uploaded(t, by, org, kind, name)}).Expect(t, 200).JSON(t, &b)
	return b
}

// served reads an image at its public address, as anybody does.
func served(t testing.TB, url string) Answer {
	t.Helper()
	path, own := strings.CutPrefix(url, stack.URL)
	if !own {
		t.Fatalf("the image is at %s, which is not under %s", url, stack.URL)
	}
	return stack.Do(t, "GET", path, nil)
}

func palette() map[string]string {
	return map[string]string{"primary": "#1B5E20", "secondary": "#37474F", "accent": "#BF360C", "background": "#FFFFFF", "text": "#212121"}
}

// brandingChanges are the situations of the operations of functions/branding.
var brandingChanges = map[string]func(testing.TB, *Tree) situation{
	"set-palette": func(t testing.TB, tree *Tree) situation {
		events := eventsOf(tree.Org, "branding.colours-changed")
		n, other := events(t), palette()
		other["text"] = fmt.Sprintf("#%06X", texts.Add(1))
		return byKey(tree.Admin, "PUT", brandingOf(tree.Org), map[string]any{"palette": other}, exactly(n+1, events), exactly(n, events))
	},
	"begin-image-upload": func(t testing.TB, tree *Tree) situation {
		forgetUploads(t, tree.Org)
		uploads := below("ORG#"+tree.Org, "UPLOAD#")
		n := uploads(t)
		return byKey(tree.Admin, "POST", brandingOf(tree.Org)+"/uploads", map[string]any{"kind": "logo", "contentType": "image/png", "size": 10}, exactly(n+1, uploads), exactly(n, uploads))
	},
	"take-image": func(t testing.TB, tree *Tree) situation {
		forgetUploads(t, tree.Org)
		upload := uploaded(t, tree.Admin, tree.Org, "cover", "turned.webp")
		waits := there("ORG#"+tree.Org, "UPLOAD#"+upload)
		inUse := func(t testing.TB) bool {
			return !waits(t) && inBucket(t, brandingOfNow(t, tree.Admin, tree.Org).Cover.URL)
		}
		return byKey(tree.Admin, "PUT", brandingOf(tree.Org)+"/cover", map[string]string{"uploadId": upload}, inUse, waits)
	},
	"remove-image": func(t testing.TB, tree *Tree) situation {
		forgetUploads(t, tree.Org)
		taken(t, tree.Admin, tree.Org, "logo", "simple.webp")
		gone := func(t testing.TB) bool { return brandingOfNow(t, tree.Admin, tree.Org).Logo == nil }
		stays := func(t testing.TB) bool {
			logo := brandingOfNow(t, tree.Admin, tree.Org).Logo
			return logo != nil && inBucket(t, logo.URL)
		}
		return byKey(tree.Admin, "DELETE", brandingOf(tree.Org)+"/logo", nil, gone, stays)
	},
}

// inBucket tells whether the image of an address is there.
func inBucket(t testing.TB, url string) bool { return served(t, url).Status == http.StatusOK }

// texts counts the colours given to texts: each is another one, as a change to the same one would be none.
var texts atomic.Uint32

// forgetUploads ends all uploads of an organization, of which there are so many at most.
func forgetUploads(t testing.TB, org string) {
	t.Helper()
	for sk := range rawTable(t).partition(t, "ORG#"+org) {
		if strings.HasPrefix(sk, "UPLOAD#") {
			rawTable(t).remove(t, "ORG#"+org, sk)
		}
	}
}
