package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tenantry/tenantry/infra/local/bucket"
	"github.com/tenantry/tenantry/infra/local/service"
	"github.com/tenantry/tenantry/infra/local/template"
)

// startS3 starts the gateway of the buckets, unless the template has none.
func (s *stack) startS3(ctx context.Context) error {
	if len(s.template.Buckets) == 0 {
		return nil
	}
	if _, err := bucket.Command(0); err != nil {
		return err
	}
	folder := filepath.Join(s.data, "s3")
	gateway, err := s.startService(ctx, service.Spec{
		Name: "s3",
		Command: func(port int) []string {
			command, _ := bucket.Command(port) // it fails for every port or for none
			return command
		},
		Environment: bucket.Environment(folder, s.master),
		Ready:       bucket.Ready,
		Log:         s.stream.from("s3"),
	})
	if err != nil {
		return err
	}
	s.objects = gateway
	s.buckets = buckets{known: s.template.Buckets, folder: folder, client: bucket.Root(gateway.String(), s.master)}
	return nil
}

// createBuckets makes the template's buckets and has their lifecycle run as long as the stack does.
func (s *stack) createBuckets(ctx context.Context) error {
	for _, b := range s.buckets.known {
		made, err := bucket.Create(ctx, s.buckets.client, b)
		if err != nil {
			return err
		}
		s.stream.say("bucket %s: %s", b.Name, map[bool]string{true: "created", false: "as it was"}[made])
	}
	s.during(func(ctx context.Context) {
		for {
			for _, b := range s.buckets.known {
				if _, err := bucket.Sweep(ctx, s.buckets.client, b, time.Now()); err != nil && ctx.Err() == nil {
					s.stream.say("%v", err)
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Hour):
			}
		}
	})
	return nil
}

// buckets are the template's, with a client that may do everything.
type buckets struct {
	known  []template.Bucket
	folder string
	client *s3.Client
}

// lifecycle has the lifecycle of a bucket run now and answers what it removed; {"now": "..."} in the body is the time that it believes.
func (b buckets) lifecycle(w http.ResponseWriter, r *http.Request) {
	ask := struct{ Now time.Time }{Now: time.Now()}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil && !errors.Is(err, io.EOF) {
		refuse(w, http.StatusBadRequest, `the body must be empty or {"now": "2026-01-31T12:00:00Z"}: `+err.Error())
		return
	}
	known, found := b.named(w, r)
	if !found {
		return
	}
	swept, err := bucket.Sweep(r.Context(), b.client, known, ask.Now)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, swept)
}

// age makes objects older: {"keys": [...], "by": "24h"}.
func (b buckets) age(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Keys []string
		By   string
	}
	err := json.NewDecoder(r.Body).Decode(&ask)
	by, wrong := time.ParseDuration(ask.By)
	if err = errors.Join(err, wrong); err != nil {
		refuse(w, http.StatusBadRequest, `the body must be {"keys": ["images/a.png"], "by": "24h"}: `+err.Error())
		return
	}
	known, found := b.named(w, r)
	if !found {
		return
	}
	for _, key := range ask.Keys {
		if err := bucket.Age(b.folder, known.Name, key, by); err != nil {
			refuse(w, http.StatusNotFound, err.Error())
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// named is the bucket of the path; where there is none, that is answered.
func (b buckets) named(w http.ResponseWriter, r *http.Request) (template.Bucket, bool) {
	for _, known := range b.known {
		if known.Name == r.PathValue("name") {
			return known, true
		}
	}
	refuse(w, http.StatusNotFound, r.PathValue("name")+" is no bucket of the template")
	return template.Bucket{}, false
}
