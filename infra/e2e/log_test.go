package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// private is what no line of a log may have: an address, a token, a password or a code of a person (GEN-7).
var private = regexp.MustCompile(`[A-Za-z0-9._+-]+@[a-z0-9-]+\.[a-z]|tnt_[a-z]+_[A-Za-z0-9]|` + regexp.QuoteMeta(password))

// checkLog sees that nothing that a function wrote in the whole run tells who somebody is, or lets one be them.
func checkLog(folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, "log"))
	if err != nil {
		return err
	}
	lines := 0
	for line := range strings.Lines(string(text)) {
		if found := private.FindString(line); found != "" {
			return fmt.Errorf("the log has %q: %s", found, line)
		}
		lines++
	}
	if lines == 0 {
		return fmt.Errorf("%s/log is empty", folder)
	}
	return nil
}

// logLines are the latest lines of the stack's log, of one request or of all.
func logLines(t testing.TB, query string) string {
	t.Helper()
	var lines []struct{ Text string }
	stack.Local(t, "GET", "logs?"+query, nil).JSON(t, &lines)
	var all strings.Builder
	for _, line := range lines {
		all.WriteString(line.Text + "\n")
	}
	return all.String()
}

func TestTheLogCarriesTheEventsThatAlarmsCount(t *testing.T) {
	t.Parallel()
	refused := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": ordinary(t, newTree(t)).Email, "password": "wrong-" + password})
	refused.Expect(t, 401)
	for _, want := range []string{"event=sign-in.refused", "why=password", "event=request", "route=.*/v1/session/password", "status=401"} {
		comesTrue(t, want+" is in the log", func() bool {
			return regexp.MustCompile(want).MatchString(logLines(t, "request="+refused.Header.Get("X-Local-Request")))
		})
	}
	for schedule, want := range map[string]string{"Sweep": "task=sweep", "Due": "task=due"} {
		comesTrue(t, want+" is in the log", func() bool {
			runs(t, schedule, time.Now())
			return strings.Contains(logLines(t, "tail=2000"), "event=maintenance.done "+want)
		})
	}
}
