package main

import (
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// shelf plays S3 as far as tidying goes: it lists and deletes. What is of the organization refused cannot be listed.
type shelf struct {
	*accesstest.World
	files
	t       *testing.T
	mutex   sync.Mutex
	written map[string]time.Time
	refused string
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{World: accesstest.New(t), t: t, written: map[string]time.Time{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	s.files = files{s.World.Table, blob.Open(config, "bucket"), s.World.Clock, slog.New(slog.DiscardHandler)}
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	prefix := r.URL.Query().Get("prefix")
	switch {
	case r.Method == http.MethodDelete:
		delete(s.written, strings.TrimPrefix(r.URL.Path, "/bucket/"))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost && r.URL.Query().Has("delete"):
		var asked struct{ Object []struct{ Key string } }
		_ = xml.NewDecoder(r.Body).Decode(&asked)
		for _, one := range asked.Object {
			delete(s.written, one.Key)
		}
		fmt.Fprint(w, "<DeleteResult/>")
	case r.Method == http.MethodGet && s.refused != "" && strings.Contains(prefix, s.refused):
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<Error><Code>AccessDenied</Code></Error>`)
	case r.Method == http.MethodGet:
		type object struct {
			Key          string
			LastModified time.Time
		}
		var list struct {
			XMLName  xml.Name `xml:"ListBucketResult"`
			Contents []object
		}
		for key, at := range s.written {
			if strings.HasPrefix(key, prefix) {
				list.Contents = append(list.Contents, object{key, at})
			}
		}
		_ = xml.NewEncoder(w).Encode(list)
	default:
		s.t.Errorf("%s %s", r.Method, r.URL)
	}
}

// listed is an owner of timers that begins so and stands in the first of their lists.
func listed(begins string) string {
	for i := 0; ; i++ {
		owner, sum := fmt.Sprintf("%s-%d", begins, i), fnv.New32a()
		if _, _ = sum.Write([]byte(owner)); sum.Sum32()%table.TimerShards == 0 {
			return owner
		}
	}
}

// due sets a timer for something of the organization that fell due so long ago.
func (s *shelf) due(org string, ago time.Duration) (owner string) {
	s.t.Helper()
	owner = listed(org + "/upload")
	s.Commit(func(tx *table.Tx) { timer.Set(tx, timer.Files, owner, s.World.Clock().Add(-ago)) })
	return owner
}

// run works on what has fallen due.
func (s *shelf) run() error {
	s.t.Helper()
	_, err := s.handler().Work(s.t.Context(), s.World.Table, timer.Files, 0, s.World.Clock())
	return err
}

func (s *shelf) waits(owner string) bool {
	s.t.Helper()
	found, err := s.World.Table.Get(s.t.Context(), table.TimerKey(string(timer.Files), owner), &struct{}{})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

func TestBRA4OneOrganizationWhoseFilesCannotBeReadKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	broken, sound := s.Tree(tenant.Client), s.Tree(tenant.Client)
	s.refused = broken.ID
	first, second := s.due(broken.ID, 2*time.Minute), s.due(sound.ID, time.Minute)
	useless := blob.Images + sound.ID + "/logo-old.png"
	s.written[useless] = s.World.Clock().Add(-4 * time.Hour)
	if err := s.run(); err == nil {
		t.Error("that one failed is not told")
	}
	if _, there := s.written[useless]; there || s.waits(second) || !s.waits(first) {
		t.Errorf("the file is there: %v; the sound one waits: %v; the broken one: %v", there, s.waits(second), s.waits(first))
	}
}

func TestBRA4ATimerDoesNotWaitForWhatIsUploadedLater(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	org := s.Tree(tenant.Client)
	now := s.World.Clock()
	later := blob.Uploads + org.ID + "/" + id.New(id.Upload)
	s.written[later] = now.Add(-time.Minute) // its own timer comes in four hours
	owner := s.due(org.ID, 0)
	if err := s.run(); err != nil || s.waits(owner) {
		t.Errorf("it waits: %v; %v", s.waits(owner), err)
	}

	own := blob.Images + org.ID + "/logo-own.png"
	waiting := branding.NewUpload(id.New(id.Upload), branding.Logo, now.Add(-55*time.Minute)) // nothing younger is removed
	s.Commit(func(tx *table.Tx) { tx.Put(table.UploadKey(org.ID, waiting.ID), waiting) })
	s.written[own] = now.Add(-45 * time.Minute)
	owner = s.due(org.ID, 0)
	if err := s.run(); err != nil || !s.waits(owner) {
		t.Errorf("a file of its own time is left, and it waits: %v; %v", s.waits(owner), err)
	}
	s.Move(11 * time.Minute) // the upload has ended
	if err := s.run(); err != nil || s.waits(owner) || len(s.written) != 0 {
		t.Errorf("it waits: %v; %v; %v", s.waits(owner), s.written, err)
	}
}

func TestADT3AFileOfAnExportIsGoneAfterADay(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	org := s.Tree(tenant.Client)
	owner := s.due(org.ID, 0)
	_, made, _ := strings.Cut(owner, "/")
	own, other := export.File(org.ID, made), export.File(org.ID, "job_later")
	s.written[own], s.written[other] = s.World.Clock().Add(-23*time.Hour), s.World.Clock()
	if err := s.run(); err != nil || !s.waits(owner) || len(s.written) != 2 {
		t.Fatalf("within the day it waits: %v; %v; %v", s.waits(owner), s.written, err)
	}
	s.Move(time.Hour)
	if err := s.run(); err != nil || s.waits(owner) {
		t.Errorf("after the day it waits: %v; %v", s.waits(owner), err)
	}
	if _, there := s.written[own]; there || len(s.written) != 1 {
		t.Errorf("left: %v", s.written)
	}
}

func TestGEN4AnImageThatCameIntoUseWhileItsOrganizationWasDeletedGoes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	gone, file := id.New(id.Organization), "logo-1.png"
	image := &branding.Image{File: blob.Images + gone + "/" + file}
	s.Commit(func(tx *table.Tx) { tx.Put(table.BrandingKey(gone), branding.Branding{Logo: image}) })
	s.written[image.File] = s.World.Clock().Add(-time.Hour)
	owner := s.due(gone, 0)
	if err := s.run(); err != nil || s.waits(owner) || len(s.written) != 0 {
		t.Errorf("it waits: %v; %v; %v", s.waits(owner), s.written, err)
	}
	if found, err := s.World.Table.Get(t.Context(), table.BrandingKey(gone), &branding.Branding{}); found || err != nil {
		t.Errorf("the branding is there: %v, %v", found, err)
	}
}
