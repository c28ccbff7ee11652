package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tenantry/tenantry/infra/local/gateway"
	"github.com/tenantry/tenantry/infra/local/queue"
	"github.com/tenantry/tenantry/infra/local/schedule"
)

// startEvents lets queues and schedules reach their functions.
func (s *stack) startEvents(context.Context) error {
	invoker := invoker{pool: s.pool, book: s.book}
	poller, err := queue.NewPoller(s.queues, s.template.Functions, invoker, s.log())
	if err != nil {
		return err
	}
	poller.Redelivery = redelivery
	s.during(poller.Run)
	if s.runner, err = schedule.NewRunner(s.template.Functions, invoker, time.Now, s.log()); err != nil {
		return err
	}
	s.during(s.runner.Serve)
	return nil
}

// startGateway answers HTTP: /_local by the stack, images from the bucket, everything else by the functions.
func (s *stack) startGateway(context.Context) error {
	public, err := url.Parse(s.publicURL)
	if err != nil {
		return err
	}
	functions := gateway.New(gateway.Config{Functions: s.template.Functions, Invoker: s.pool, Book: s.book, Log: s.log()})
	own := (&local{
		url: s.url, template: s.template, stream: s.stream, pool: s.pool, invoker: invoker{pool: s.pool, book: s.book}, book: s.book,
		queues: s.queues, runner: s.runner, inbox: s.inbox, names: names{s.names}, idp: idpControls{s.idp}, wire: s.wire, buckets: s.buckets, owner: s.owner,
	}).handler(public.Hostname())
	images := newImages(s.buckets, s.template.AnswerHeaders)
	s.serve(s.front, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_local" || strings.HasPrefix(r.URL.Path, "/_local/") {
			own.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.URL.Path, imagesPath) {
			images.ServeHTTP(w, r)
			return
		}
		functions.ServeHTTP(w, r)
	}))
	return nil
}
