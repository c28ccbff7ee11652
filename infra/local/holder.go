package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// holder is the claim of one stack on its data folder. The claim is a lock on the file pid, which the kernel drops when the
// process ends, however it ends: the number in the file only tells people who holds it, and a stale one means nothing.
type holder struct{ file *os.File }

// hold claims the folder for this process. The error names the process that has it.
func hold(folder string) (*holder, error) {
	file, err := os.OpenFile(filepath.Join(folder, "pid"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("claim the data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		pid, _ := io.ReadAll(file)
		return nil, fmt.Errorf("%s is in use by the stack with pid %s: stop that one, or set DATA_DIR and PORT to other values",
			folder, strings.TrimSpace(string(pid)))
	}
	if err := file.Truncate(0); err != nil {
		return nil, fmt.Errorf("claim the data folder: %w", err)
	}
	if _, err := file.WriteString(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		return nil, fmt.Errorf("claim the data folder: %w", err)
	}
	return &holder{file: file}, nil
}

// release gives the folder back.
func (h *holder) release() { h.file.Close() }
