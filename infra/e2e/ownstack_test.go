package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// This file is for tests that do to an installation what all others in it would feel: they run in a process of their own, with
// a stack of their own that they may stop and start.

// ownStack is the variable by which such a process knows that it is one: the file for what its functions used.
const ownStack = "TENANTRY_OWN_STACK"

// used is what functions used in stacks of their own. It is safe for concurrent use.
type used struct {
	mutex sync.Mutex
	uses  []use
}

// ownStacks is of the whole run.
var ownStacks used

func (u *used) add(uses []use) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.uses = append(u.uses, uses...)
}

func (u *used) all() []use {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return slices.Clone(u.uses)
}

// onItsOwn runs the test of that name again, in a process and a stack of its own, and tells whether this is that process
// already: then the test goes on.
func onItsOwn(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownStack) != "" {
		t.Cleanup(func() { reportUses(t) })
		return true
	}
	t.Parallel()
	report := filepath.Join(t.TempDir(), "uses.json")
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "50m")
	command.Env = append(os.Environ(), "TENANTRY_STACK=", ownStack+"="+report)
	if stack.folder != "" {
		command.Env = append(command.Env, "BUILD=no") // this run's stack has built it all
	}
	if printed, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	var uses []use
	text, err := os.ReadFile(report)
	if err != nil || json.Unmarshal(text, &uses) != nil {
		t.Fatalf("read what was used: %v %s", err, text)
	}
	ownStacks.add(uses)
	return false
}

// noteUses keeps what was used in the stack that is about to end.
func noteUses(t testing.TB) {
	t.Helper()
	answer, err := stack.send(context.Background(), "GET", "/_local/access", nil, nil)
	var uses []use
	if err != nil || decode(answer, &uses) != nil {
		t.Fatalf("read what was used: %v %s", err, answer.Body)
	}
	ownStacks.add(uses)
}

func reportUses(t *testing.T) {
	noteUses(t)
	text, err := json.Marshal(ownStacks.all())
	if err == nil {
		err = os.WriteFile(os.Getenv(ownStack), text, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// restart stops the stack, does something to its folder, and starts it at the same address.
func restart(t testing.TB, meanwhile func(folder string)) {
	t.Helper()
	noteUses(t)
	at, err := url.Parse(stack.URL)
	if err != nil {
		t.Fatal(err)
	}
	stack.end()
	meanwhile(stack.folder)
	folder := stack.folder
	comesTrue(t, "the port is free again, which another stack may have had meanwhile", func() bool {
		// The IdP had any free port, and the one after PORT may be taken.
		stack, err = startStack(folder, "PORT="+at.Port(), "IDP_PORT=0")
		return err == nil || !strings.Contains(err.Error(), "is in use")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// copyTable copies the files of the table from one folder to another, in place of what is there.
func copyTable(t testing.TB, from, to string) {
	t.Helper()
	old, _ := filepath.Glob(filepath.Join(to, "ddb.sqlite*"))
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(from, "ddb.sqlite*"))
	if len(files) == 0 {
		t.Fatalf("no table in %s", from)
	}
	for _, file := range files {
		copyFile(t, file, filepath.Join(to, filepath.Base(file)))
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
