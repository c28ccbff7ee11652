package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// store keeps one file per message, replaced by renaming: the stack may be killed at any moment, and what was answered
// is on disk. It does not outlast a power failure (no fsync). An empty folder stores nothing.
type store struct{ folder string }

func (s store) path(id string) string { return filepath.Join(s.folder, id+".json") }

func (s store) write(m *message) error {
	if s.folder == "" {
		return nil
	}
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write message %s: %w", m.ID, err)
	}
	next := filepath.Join(s.folder, m.ID+".next")
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	if err := os.Rename(next, s.path(m.ID)); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return nil
}

func (s store) remove(m *message) error {
	if s.folder == "" {
		return nil
	}
	if err := os.Remove(s.path(m.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove message: %w", err)
	}
	return nil
}

// load reads all messages; files half written when a stack was killed were never answered for and are left out.
func (s store) load() ([]*message, error) {
	if s.folder == "" {
		return nil, nil
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(s.path("*"))
	if err != nil {
		return nil, err
	}
	var messages []*message
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m := &message{}
		if err := json.Unmarshal(content, m); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		messages = append(messages, m)
	}
	return messages, nil
}
