package service

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Inbox reads what the mail emulator was given to send.
type Inbox struct {
	URL *url.URL // where Mail answers
}

// Letter is one mail, newest first in a list.
type Letter struct {
	ID      string    `json:"id"`
	To      []string  `json:"to"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"`
}

// List gives all mails since the emulator started or Clear was called, newest first; cc and bcc count as to.
func (i Inbox) List(ctx context.Context) ([]Letter, error) {
	var store struct {
		Emails []struct {
			MessageID   string
			From        string
			Subject     string
			Destination struct{ To, Cc, Bcc []string }
			Body        struct{ HTML, Text string }
			At          int64
		}
	}
	answer, err := i.ask(ctx, http.MethodGet, "/store")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&store); err != nil {
		return nil, fmt.Errorf("read the mails: %w", err)
	}
	letters := make([]Letter, 0, len(store.Emails))
	for n := len(store.Emails) - 1; n >= 0; n-- {
		mail := store.Emails[n]
		to := append(append(append([]string{}, mail.Destination.To...), mail.Destination.Cc...), mail.Destination.Bcc...)
		letters = append(letters, Letter{
			ID: mail.MessageID, To: to, From: mail.From, Subject: mail.Subject,
			Text: mail.Body.Text, HTML: mail.Body.HTML, At: time.Unix(mail.At, 0).UTC(),
		})
	}
	return letters, nil
}

// Clear forgets all mails.
func (i Inbox) Clear(ctx context.Context) error {
	answer, err := i.ask(ctx, http.MethodPost, "/clear-store")
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func (i Inbox) ask(ctx context.Context, method, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, i.URL.JoinPath(path).String(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask the mail emulator: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the mail emulator: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("ask the mail emulator for %s: it answered %s", path, answer.Status)
	}
	return answer, nil
}
