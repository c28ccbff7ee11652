package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/tenantry/tenantry/infra/local/service"
)

// startServices starts the emulators, or takes the table's that DYNAMODB_ENDPOINT names.
func (s *stack) startServices(ctx context.Context) error {
	mail, err := service.Mail(s.root, s.stream.from("mail"))
	if err != nil {
		return err
	}
	if s.mail, err = s.startService(ctx, mail); err != nil {
		return err
	}
	if s.inbox, err = service.OpenInbox(s.mail, s.mailFile()); err != nil {
		return err
	}
	if s.table = s.dynamoDB; s.table != nil {
		s.stream.say("table: at %s, as DYNAMODB_ENDPOINT asks", s.table)
		return nil
	}
	table, err := service.Dynoxide(s.root, s.tableFile(), s.stream.from("dynoxide"))
	if err != nil {
		return err
	}
	s.table, err = s.startService(ctx, table)
	return err
}

func (s *stack) startService(ctx context.Context, spec service.Spec) (*url.URL, error) {
	running, err := service.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	ending := make(chan struct{})
	s.atEnd(func() { close(ending); running.Stop() })
	go func() {
		select {
		case <-ending:
		case <-running.Ended():
			s.fail(fmt.Errorf("%w; its last lines are in the log", running.Err()))
		}
	}()
	s.stream.say("%s: running", spec.Name)
	return running.URL(), nil
}

func (s *stack) mailFile() string {
	if s.memory {
		return ""
	}
	return filepath.Join(s.data, "mails.jsonl")
}

// collectMails has the inbox take over what the emulator was just given, so that no mail is lost with it.
func (s *stack) collectMails(ctx context.Context) {
	if err := s.inbox.Collect(ctx); err != nil {
		s.stream.say("%v", err)
	}
}
