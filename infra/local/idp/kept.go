package idp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// readKept reads the directories of a file; none where there is no file.
func readKept(path string) (all []Directory, err error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the IdP's directories: %w", err)
	}
	return all, nil
}

// writeKept puts the directories into the file, whole or not at all.
func writeKept(path string, all []Directory) error {
	if path == "" {
		return nil
	}
	text, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(path+".next", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".next", path)
	}
	if err != nil {
		return fmt.Errorf("write the IdP's directories: %w", err)
	}
	return nil
}
