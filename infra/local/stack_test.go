package main

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tenantry/tenantry/infra/local/queue"
	"github.com/tenantry/tenantry/infra/local/trace"
)

func TestWhatWasWrittenSurvivesKillAndNothingOfTheStackDoes(t *testing.T) {
	data := t.TempDir()
	first := startStack(t, data)
	first.expect(t, http.StatusOK, "PUT", "/things/one", "first")
	children := first.children(t)
	if len(children) < 3 { // dynoxide, mail, echo
		t.Errorf("children: %v", children)
	}
	first.end(t, syscall.SIGKILL)
	for _, pid := range children {
		gone(t, pid)
	}
	second := startStack(t, data)
	if body := second.expect(t, http.StatusOK, "GET", "/things/one", ""); body != "first" {
		t.Errorf("after the restart: %q", body)
	}
}

func TestAnEndAskedForLeavesNothingRunning(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := startStack(t, "memory")
		p.expect(t, http.StatusNotFound, "GET", "/things/none", "")
		children := p.children(t)
		if code := p.end(t, signal); code != 0 {
			t.Errorf("exit code %d after %v:\n%s", code, signal, p.log)
		}
		for _, pid := range children {
			gone(t, pid)
		}
	}
}

func TestASecondStackOnTheDataSaysWhoHoldsIt(t *testing.T) {
	data := t.TempDir()
	first := startStack(t, data)
	second := launch(t, data)
	if code := second.end(t, syscall.SIGKILL); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if want := "is in use by the stack with pid " + strconv.Itoa(first.command.Process.Pid); !strings.Contains(second.log.String(), want) {
		t.Errorf("it said: %s", second.log)
	}
}

func TestAPortInUseIsNamedWithTheWayOut(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	p := launch(t, "memory", "PORT="+port)
	p.end(t, syscall.SIGKILL)
	if want := "port " + port + " is in use: stop what listens there, or set PORT to another port"; !strings.Contains(p.log.String(), want) {
		t.Errorf("it said: %s", p.log)
	}
}

func TestAServiceThatCrashesEndsTheStackWithASentence(t *testing.T) {
	p := startStack(t, "memory")
	for _, pid := range p.children(t) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = p.command.Wait()
	p.ended = true
	if !strings.Contains(p.log.String(), "the stack stops: ") || !strings.Contains(p.log.String(), " ended: signal: killed") {
		t.Errorf("it said: %s", p.log)
	}
}

func TestTheStackTellsAndSteersWhatRuns(t *testing.T) {
	p := startStack(t, "memory")

	t.Run("a message reaches its function, and idle waits for it", func(t *testing.T) {
		p.expect(t, http.StatusOK, "POST", "/messages", "hello")
		p.expect(t, http.StatusNoContent, "POST", "/_local/queues/idle", "")
		if body := p.expect(t, http.StatusOK, "GET", "/things/message", ""); body != "hello" {
			t.Errorf("the function kept %q", body)
		}
	})
	t.Run("a failing message becomes a dead letter and can be given back", func(t *testing.T) {
		p.expect(t, http.StatusOK, "POST", "/messages", "bad")
		p.expect(t, http.StatusNoContent, "POST", "/_local/queues/idle", "")
		states := decode[[]queue.State](t, p.expect(t, http.StatusOK, "GET", "/_local/queues", ""))
		if states[0].Name != "Queue" || states[0].Dead != 1 {
			t.Errorf("queues: %+v", states)
		}
		if got := p.expect(t, http.StatusOK, "POST", "/_local/queues/Queue/redrive", ""); !strings.Contains(got, `"redriven": 1`) {
			t.Errorf("redrive: %s", got)
		}
		p.expect(t, http.StatusNotFound, "POST", "/_local/queues/None/redrive", "")
	})
	t.Run("a schedule runs on demand at the time it is told", func(t *testing.T) {
		got := p.expect(t, http.StatusOK, "POST", "/_local/schedules/EchoFunctionSweep", `{"now": "2031-05-06T07:08:09Z"}`)
		if got != `{"ran":"2031-05-06T07:08:09Z"}` {
			t.Errorf("the function answered %s", got)
		}
		p.expect(t, http.StatusNotFound, "POST", "/_local/schedules/None", "")
	})
	t.Run("a function is invoked with any payload", func(t *testing.T) {
		if got := p.expect(t, http.StatusOK, "POST", "/_local/invoke/EchoFunction", `{"time": "now"}`); got != `{"ran":"now"}` {
			t.Errorf("the function answered %s", got)
		}
		got := p.expect(t, http.StatusBadGateway, "POST", "/_local/invoke/EchoFunction", `{"Records": [{"body": "bad"}]}`)
		if !strings.Contains(got, `"errorMessage":"bad message"`) {
			t.Errorf("the failure: %s", got)
		}
		p.expect(t, http.StatusNotFound, "POST", "/_local/invoke/NoFunction", "{}")
	})
	t.Run("faults armed for a function meet its next invocation", func(t *testing.T) {
		p.expect(t, http.StatusNoContent, "POST", "/_local/faults", `{"function": "EchoFunction", "faults": [{"kind": "kill", "at": 1}]}`)
		p.expect(t, http.StatusBadGateway, "GET", "/things/one", "")
		p.expect(t, http.StatusNotFound, "GET", "/things/one", "")
		p.expect(t, http.StatusNotFound, "POST", "/_local/faults", `{"function": "Nobody", "faults": []}`)
	})
	t.Run("requests are traced and the log is readable", func(t *testing.T) {
		p.expect(t, http.StatusOK, "PUT", "/things/seen", "x")
		p.expect(t, http.StatusOK, "GET", "/things/seen", "")
		latest := decode[[]trace.Trace](t, p.expect(t, http.StatusOK, "GET", "/_local/requests", ""))[0]
		one := decode[trace.Trace](t, p.expect(t, http.StatusOK, "GET", "/_local/requests/"+latest.RequestID, ""))
		if len(one.Calls) != 1 || one.Calls[0].Action != "GetItem" {
			t.Errorf("calls: %+v", one.Calls)
		}
		lines := decode[[]line](t, p.expect(t, http.StatusOK, "GET", "/_local/logs?request="+latest.RequestID, ""))
		var texts []string
		for _, line := range lines {
			texts = append(texts, line.Source+": "+line.Text)
		}
		if all := strings.Join(texts, "\n"); !strings.Contains(all, "echo: INFO  read thing=seen") {
			t.Errorf("lines:\n%s", all)
		}
		p.expect(t, http.StatusNotFound, "GET", "/_local/requests/none", "")
	})
	t.Run("the page is for browsers, the same as JSON for programs", func(t *testing.T) {
		if page := p.expect(t, http.StatusOK, "GET", "/_local", "", "Accept", "text/html"); !strings.Contains(page, "EchoFunctionSweep: rate(5 minutes)") {
			t.Errorf("page: %s", page)
		}
		all := decode[overview](t, p.expect(t, http.StatusOK, "GET", "/_local", ""))
		if len(all.Functions) != 1 || all.Functions[0].Routes[0] == "" {
			t.Errorf("functions: %+v", all.Functions)
		}
	})
	t.Run("foreign names and origins are refused", func(t *testing.T) {
		p.expect(t, http.StatusForbidden, "GET", "/_local/owner", "", "Host", "attacker.example")
		p.expect(t, http.StatusForbidden, "POST", "/_local/queues/idle", "", "Origin", "https://attacker.example")
		p.expect(t, http.StatusNotFound, "GET", "/things/none", "", "Host", "attacker.example")
	})
}
