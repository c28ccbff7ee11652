package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fill runs the seed, which makes a first partner, client and people through the functions' own routes, and does nothing
// where its file names ones that still work. It is told the addresses of the API and of /_local, and the file.
func (s *stack) fill(ctx context.Context) error {
	if !s.seed {
		s.stream.say("seed: none, as SEED=none asks")
		return nil
	}
	if !hasSeed(s.root) {
		s.stream.say("seed: none, as there is no %s", seedFolder)
		return nil
	}
	begun := time.Now()
	command := exec.CommandContext(ctx, filepath.Join(s.buildFolder(), seedProgram))
	command.Env = append(os.Environ(), "BASE_URL="+s.url, "LOCAL_URL="+s.url+"/_local", "SEED_FILE="+filepath.Join(s.data, "seed.json"))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	printed, err := command.CombinedOutput()
	for text := range strings.Lines(string(printed)) {
		s.stream.Log("seed", "", text)
	}
	if err != nil {
		return fmt.Errorf("seed the installation: %w", err)
	}
	s.stream.say("seed: done in %.1f s", time.Since(begun).Seconds())
	return nil
}
