package nameserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// log is the file that entries are kept in, a line each, the last one of a name holding. Appending costs the same however many
// there are.
type log struct{ file *os.File }

// openLog gives each entry of the file to apply and opens it for more; an empty path is no file.
func openLog(path string, apply func(entry)) (*log, error) {
	if path == "" {
		return &log{}, nil
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the DNS records: %w", err)
	}
	for line := range bytes.Lines(content) {
		var e entry
		if json.Unmarshal(line, &e) == nil { // a line that was cut off is of a change that nobody was told of
			apply(e)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the DNS records: %w", err)
	}
	l := &log{file: file}
	if len(content) > 0 && content[len(content)-1] != '\n' { // behind which nothing could be read
		_, err = file.WriteString("\n")
	}
	return l, err
}

func (l *log) write(entries []entry) error {
	if l.file == nil {
		return nil
	}
	var lines bytes.Buffer
	for _, e := range entries {
		if err := json.NewEncoder(&lines).Encode(e); err != nil {
			return fmt.Errorf("keep the DNS records: %w", err)
		}
	}
	if _, err := l.file.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("keep the DNS records: %w", err)
	}
	return nil
}

func (l *log) close() {
	if l.file != nil {
		l.file.Close()
	}
}
