// Package service runs the emulators that the stack needs as child processes: each on a port of its own on loopback, waited
// for until it answers, its output in the stack's log. It refuses to outlive the stack: a child dies with it even when
// the stack gets SIGKILL. It does not restart a child that ended, since an emulator in memory would come back empty: the stack
// hears of it and stops with a sentence.
package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Spec says what a service is.
type Spec struct {
	Name        string                  // as it stands in the log, such as dynoxide
	Command     func(port int) []string // the program and its arguments for a port on 127.0.0.1
	Environment []string                // added to the stack's own, where the command line would show it
	Ready       string                  // the path that answers below 500 as soon as the service does
	Log         func(line string)       // takes each line that it prints
}

// Service is a running child process.
type Service struct {
	name  string
	port  int
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // why it ended; read after ended is closed
}

// readyWithin is how long a service may take until it answers: hundredths of a second, but seconds where the disk is cold.
const readyWithin = 20 * time.Second

// Start starts the service and waits until it answers. The error is a sentence that names the service and why; nothing is left
// running then.
func Start(ctx context.Context, spec Spec) (*Service, error) {
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	s := &Service{name: spec.Name, port: port, ended: make(chan struct{})}
	if err := s.spawn(spec.Command(port), spec.Environment, spec.Log); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	if err := s.wait(ctx, spec.Ready); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	return s, nil
}

// URL is where the service answers.
func (s *Service) URL() *url.URL {
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))}
}

// PID is the child's process id.
func (s *Service) PID() int { return s.cmd.Process.Pid }

// Ended is closed when the process has ended, for whatever reason; Err says why.
func (s *Service) Ended() <-chan struct{} { return s.ended }

// Err is how the process ended, a sentence; call it after Ended is closed.
func (s *Service) Err() error { return fmt.Errorf("%s ended: %w", s.name, s.err) }

// Stop ends the service: SIGTERM, and SIGKILL after a second. It returns when the process is gone.
func (s *Service) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}

// spawn starts the process in a group of its own (the terminal's Ctrl-C is for the stack, which then stops its children in
// order) and watches it. Pdeathsig is sent when the thread that forked ends, not the process, so the
// watching goroutine forks on a thread that it keeps for the child's life.
func (s *Service) spawn(command, environment []string, log func(string)) error {
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Env = append(os.Environ(), environment...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	output, sink := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = sink, sink
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		s.err = outcome(s.cmd.Wait())
		sink.Close()
		close(s.ended)
	}()
	if err := <-started; err != nil {
		return err
	}
	go copyLines(output, log)
	return nil
}

// wait asks until the service answers, the process ends, or readyWithin is over.
func (s *Service) wait(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	client := http.Client{Timeout: time.Second}
	for {
		answer, err := client.Get(s.URL().String() + path)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode < http.StatusInternalServerError {
				return nil
			}
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it ended at once: %w", s.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer on port %d: %w", s.port, ctx.Err())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// outcome turns what Wait gives into an error that always says something.
func outcome(err error) error {
	if err == nil {
		return errors.New("it left by itself")
	}
	return err
}

// copyLines hands each line on until the output ends.
func copyLines(output io.Reader, log func(string)) {
	lines := bufio.NewScanner(output)
	lines.Buffer(make([]byte, 0, 64<<10), 1<<20)
	for lines.Scan() {
		log(lines.Text())
	}
	_, _ = io.Copy(io.Discard, output)
}

// freePort is a port that nobody listens on at this moment. Another process may take it before the child does; the
// child then ends at once and says so.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
