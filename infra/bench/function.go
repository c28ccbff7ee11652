package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measured is a function as it is deployed and as it starts.
type measured struct {
	name   string
	zipped int           // bytes
	memory int           // bytes resident when it first asks for work
	start  time.Duration // from the start of the process until then
}

// starts is how often a function is started. The quickest one counts: what else the machine does only adds to it.
const starts = 30

// measureFunctions measures every function of the template and, first, one that does nothing, in turns, so that what else the
// machine does concerns all alike.
func measureFunctions(ctx context.Context, s *stack, root string) ([]measured, error) {
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(root, ".build", "bare"), "./infra/bench/bare")
	build.Dir = root
	if printed, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the bare function: %w\n%s", err, printed)
	}
	environment, err := s.environment(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.functions(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]measured, 1+len(names))
	for range starts {
		for n, name := range append([]string{"bare"}, names...) {
			program := filepath.Join(root, ".build", name)
			one, err := firstPoll(ctx, program, environment)
			if err != nil {
				return nil, fmt.Errorf("start %s: %w", name, err)
			}
			if all[n].name != "" && all[n].start <= one.start {
				continue
			}
			if one.zipped, err = zippedSize(program); err != nil {
				return nil, err
			}
			one.name = name
			all[n] = one
		}
	}
	return all, nil
}

// functions are the names of the template's functions, which are those of their programs.
func (s *stack) functions(ctx context.Context) ([]string, error) {
	var template struct{ Functions []struct{ Folder string } }
	err := s.ask(ctx, http.MethodGet, "/_local/template", nil, &template)
	var names []string
	for _, f := range template.Functions {
		names = append(names, filepath.Base(f.Folder))
	}
	return names, err
}

// environment is a running instance's, with the owner's credentials in place of its own.
func (s *stack) environment(ctx context.Context) ([]string, error) {
	var all struct{ Instances []struct{ PID int } }
	if err := s.ask(ctx, http.MethodGet, "/_local", nil, &all); err != nil {
		return nil, err
	}
	for _, instance := range all.Instances {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", instance.PID))
		if err != nil {
			continue // it has ended in between
		}
		environment := strings.Split(strings.Trim(string(text), "\x00"), "\x00")
		environment = slices.DeleteFunc(environment, func(pair string) bool {
			return strings.HasPrefix(pair, "AWS_ACCESS_KEY_ID=") || strings.HasPrefix(pair, "AWS_SECRET_ACCESS_KEY=") ||
				strings.HasPrefix(pair, "AWS_SESSION_TOKEN=") || strings.HasPrefix(pair, "AWS_LAMBDA_RUNTIME_API=")
		})
		return append(environment, "AWS_ACCESS_KEY_ID="+s.owner.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+s.owner.SecretAccessKey), nil
	}
	return nil, fmt.Errorf("no function runs whose environment could be used")
}

// firstPoll starts the program with a runtime that has no work and waits until it asks for some.
func firstPoll(ctx context.Context, program string, environment []string) (measured, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return measured{}, err
	}
	asked := make(chan time.Time, 1)
	runtime := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- time.Now():
		default:
		}
		<-r.Context().Done()
	})}
	go runtime.Serve(listener)
	defer runtime.Close()
	command := exec.CommandContext(ctx, program)
	command.Env = append(slices.Clone(environment), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	begun := time.Now()
	if err := command.Start(); err != nil {
		return measured{}, err
	}
	defer command.Wait()
	defer command.Process.Kill()
	select {
	case at := <-asked:
		memory, err := resident(command.Process.Pid)
		return measured{memory: memory, start: at.Sub(begun)}, err
	case <-time.After(10 * time.Second):
		return measured{}, fmt.Errorf("it did not ask for work within 10 s")
	}
}

// resident is the memory of a process in bytes.
func resident(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("read the memory of a process: %q", text)
	}
	pages, err := strconv.Atoi(fields[1])
	return pages * os.Getpagesize(), err
}

// zippedSize is what the program takes in a deployment package.
func zippedSize(program string) (int, error) {
	file, err := os.Open(program)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var counted counter
	archive := zip.NewWriter(&counted)
	inside, err := archive.Create("bootstrap")
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(inside, file); err != nil {
		return 0, err
	}
	return int(counted), archive.Close()
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
