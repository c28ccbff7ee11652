package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// keptLines is how many lines /_local can show; the file in the data folder has them all.
const keptLines = 5000

// stream is the one log of everything in the stack: on the terminal, in the data folder's file log, and its last lines in
// memory for /_local. Safe for concurrent use.
type stream struct {
	now  func() time.Time
	mu   sync.Mutex
	out  []io.Writer
	kept []line
}

// line is one line of the log.
type line struct {
	At      time.Time `json:"at"`
	Source  string    `json:"source"`              // a function, a service, or stack
	Request string    `json:"requestId,omitempty"` // where a function wrote it
	Text    string    `json:"text"`
}

// openStream begins a new file log in folder, keeping the one before as log.1, and writes to terminal as well.
func openStream(folder string, terminal io.Writer, now func() time.Time) (*stream, io.Closer, error) {
	path := filepath.Join(folder, "log")
	if err := os.Rename(path, path+".1"); err != nil && !os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("put the last log aside: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return &stream{now: now, out: []io.Writer{terminal, file}}, file, nil
}

// Log takes one line of a function; requestID is empty where it was not serving a request.
func (s *stream) Log(function, requestID, text string) {
	text = readable(strings.TrimRight(text, "\n"))
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := line{At: s.now(), Source: function, Request: requestID, Text: text}
	if len(s.kept) >= 2*keptLines {
		s.kept = slices.Clone(s.kept[keptLines:])
	}
	s.kept = append(s.kept, entry)
	for _, out := range s.out {
		fmt.Fprintf(out, "%s %-14s %s\n", entry.At.Format("15:04:05.000"), entry.Source, entry.Text)
	}
}

// say writes a line of the stack itself.
func (s *stream) say(format string, values ...any) {
	s.Log("stack", "", fmt.Sprintf(format, values...))
}

// from is Log for a source that serves no requests, such as an emulator.
func (s *stream) from(source string) func(text string) {
	return func(text string) { s.Log(source, "", text) }
}

// Write takes the lines of a slog handler of the stack's own parts.
func (s *stream) Write(text []byte) (int, error) {
	s.Log("stack", "", string(text))
	return len(text), nil
}

// tail gives the last lines, at most count, oldest first; request keeps those of one request only, where it is not empty.
func (s *stream) tail(count int, request string) []line {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []line{}
	for n := len(s.kept) - 1; n >= 0 && len(found) < count; n-- {
		if request == "" || s.kept[n].Request == request {
			found = append(found, s.kept[n])
		}
	}
	slices.Reverse(found)
	return found
}
