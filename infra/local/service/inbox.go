package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Inbox keeps what the mail emulator was given to send, which has it in memory only, in a file: the mails survive the stack.
type Inbox struct {
	url  *url.URL // where the emulator answers
	path string   // of the file, a line of JSON a mail; empty: in memory only

	mutex   sync.Mutex
	letters []Letter        // the oldest first
	known   map[string]bool // by id
	since   int64           // the second of the newest, in Unix time
}

// Letter is one mail.
type Letter struct {
	ID      string    `json:"id"`
	To      []string  `json:"to"` // cc and bcc too
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	At      time.Time `json:"at"`
}

// OpenInbox gives the inbox of the emulator at url with the mails that the file at path holds from before. An empty path keeps
// mails in memory only.
func OpenInbox(emulator *url.URL, path string) (*Inbox, error) {
	i := &Inbox{url: emulator, path: path, known: map[string]bool{}}
	content, err := os.ReadFile(path)
	if err != nil && path != "" && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the mails: %w", err)
	}
	for line := range bytes.Lines(content) {
		var letter Letter
		if json.Unmarshal(line, &letter) == nil { // a line that was cut off is of a mail that nobody was told of
			i.keep(letter)
		}
	}
	return i, nil
}

func (i *Inbox) keep(letter Letter) {
	i.letters, i.known[letter.ID] = append(i.letters, letter), true
	i.since = max(i.since, letter.At.Unix())
}

// List gives the mails to an address, the newest first; an empty address gives all.
func (i *Inbox) List(ctx context.Context, to string) ([]Letter, error) {
	if err := i.Collect(ctx); err != nil {
		return nil, err
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	found := []Letter{}
	for _, letter := range slices.Backward(i.letters) {
		if to == "" || slices.Contains(letter.To, to) {
			found = append(found, letter)
		}
	}
	return found, nil
}

// Collect takes over what the emulator has got since the last time. The stack does it after each mail.
func (i *Inbox) Collect(ctx context.Context) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	fresh, err := i.sent(ctx)
	if err != nil || len(fresh) == 0 {
		return err
	}
	var lines bytes.Buffer
	for _, letter := range fresh {
		if err := json.NewEncoder(&lines).Encode(letter); err != nil {
			return fmt.Errorf("keep a mail: %w", err)
		}
		i.keep(letter)
	}
	if i.path == "" {
		return nil
	}
	file, err := os.OpenFile(i.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep a mail: %w", err)
	}
	_, err = file.Write(lines.Bytes())
	return errors.Join(err, file.Close())
}

// sent are the emulator's mails that are not known yet, the oldest first.
func (i *Inbox) sent(ctx context.Context) ([]Letter, error) {
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
	answer, err := i.ask(ctx, http.MethodGet, "/store", url.Values{"since": {strconv.FormatInt(i.since, 10)}})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&store); err != nil {
		return nil, fmt.Errorf("read the mails: %w", err)
	}
	var fresh []Letter
	for _, mail := range store.Emails {
		if i.known[mail.MessageID] {
			continue
		}
		to := append(append(append([]string{}, mail.Destination.To...), mail.Destination.Cc...), mail.Destination.Bcc...)
		fresh = append(fresh, Letter{
			ID: mail.MessageID, To: to, From: mail.From, Subject: mail.Subject,
			Text: mail.Body.Text, HTML: mail.Body.HTML, At: time.Unix(mail.At, 0).UTC(),
		})
	}
	return fresh, nil
}

// Clear forgets all mails.
func (i *Inbox) Clear(ctx context.Context) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	answer, err := i.ask(ctx, http.MethodPost, "/clear-store", nil)
	if err != nil {
		return err
	}
	i.letters, i.known, i.since = nil, map[string]bool{}, 0
	err = answer.Body.Close()
	if i.path != "" {
		err = errors.Join(err, os.RemoveAll(i.path))
	}
	return err
}

func (i *Inbox) ask(ctx context.Context, method, path string, query url.Values) (*http.Response, error) {
	at := i.url.JoinPath(path)
	at.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
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
