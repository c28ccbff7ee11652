package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// stack is the running local stack, with what the seed and the stack tell of it.
type stack struct {
	client
	seed  seed
	owner owner
}

// seed is the part of seed.json that is needed: somebody who may do everything, and a client whose IdP provisions.
type seed struct {
	Platform struct{ APIKey string }
	Client   struct {
		OrganizationID, ConnectionID string
		SCIM                         struct{ Token string }
	}
}

// owner is who may do everything at the wire.
type owner struct{ Endpoint, AccessKeyID, SecretAccessKey, Table string }

// openStack takes the stack at TENANTRY_STACK, or starts one that end ends, data included.
func openStack(ctx context.Context, root string) (s *stack, end func(), err error) {
	s, end = &stack{client: client{url: strings.TrimSuffix(os.Getenv("TENANTRY_STACK"), "/"), http: &http.Client{}}}, func() {}
	file := os.Getenv("SEED_FILE")
	if file == "" {
		file = filepath.Join(root, ".local", "seed.json")
	}
	if s.url == "" {
		data, err := os.MkdirTemp("", "tenantry-bench-")
		if err != nil {
			return nil, nil, err
		}
		file = filepath.Join(data, "seed.json")
		if s.url, end, err = startStack(ctx, root, data); err != nil {
			return nil, nil, err
		}
	}
	if err := s.introduce(ctx, file); err != nil {
		end()
		return nil, nil, err
	}
	return s, end, nil
}

// introduce reads who may do what.
func (s *stack) introduce(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read the seed: %w", err)
	}
	if err := json.Unmarshal(text, &s.seed); err != nil {
		return fmt.Errorf("read the seed: %w", err)
	}
	s.key = s.seed.Platform.APIKey
	return s.ask(ctx, http.MethodGet, "/_local/owner", nil, &s.owner)
}

// startStack builds the stack, starts it with data as its folder and returns when it is ready.
func startStack(ctx context.Context, root, data string) (url string, end func(), err error) {
	program := filepath.Join(root, ".build", "stack")
	build := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join(root, "infra/local"), "-o", program, ".")
	if printed, err := build.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("build the stack: %w\n%s", err, printed)
	}
	command := exec.Command(program)
	command.Dir, command.Stderr = root, os.Stderr
	command.Env = append(os.Environ(), "PORT=0", "DATA_DIR="+data)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true} // ends with us; Ctrl-C reaches it through end only
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("start the stack: %w", err)
	}
	end = func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		_ = os.RemoveAll(data)
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if url, ready := strings.CutPrefix(lines.Text(), "ready "); ready {
			return url, end, nil
		}
	}
	end()
	return "", nil, fmt.Errorf("the stack ended before it was ready")
}
