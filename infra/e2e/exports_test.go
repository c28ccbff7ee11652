package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// anExport is an export as the API shows it.
type anExport struct {
	ID, Status, URL string
	Progress        struct{ Done, Total int }
}

func exportsOf(org string) string { return "/v1/organizations/" + org + "/exports" }

// beginExport begins an export of the tree's main organization.
func (tree *Tree) beginExport(t testing.TB) anExport {
	t.Helper()
	indexed() // by an index suborganizations are found
	var begun anExport
	tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "organization", "format": "jsonl"}).Expect(t, 202).JSON(t, &begun)
	return begun
}

// awaitExport waits until the export is over.
func (tree *Tree) awaitExport(t testing.TB, e anExport) anExport {
	t.Helper()
	over(t, tree.Admin, exportsOf(tree.Org)+"/"+e.ID, &e)
	return e
}

// download reads the lines of the file, by kind.
func download(t testing.TB, e anExport) map[string][]map[string]any {
	t.Helper()
	answer, err := http.Get(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || !strings.Contains(answer.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("download: %d %v %s", answer.StatusCode, err, text)
	}
	byKind := map[string][]map[string]any{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", lines.Bytes(), err)
		}
		kind, _ := line["kind"].(string)
		byKind[kind] = append(byKind[kind], line)
	}
	return byKind
}

// wholeTree checks that the file holds all of a tree that newTree made, and no secret.
func wholeTree(t *testing.T, tree *Tree, lines map[string][]map[string]any) {
	t.Helper()
	wholeExport(t, lines)
	if len(lines["audit-event"]) < 10 {
		t.Errorf("only %d events", len(lines["audit-event"]))
	}
	for kind, some := range lines {
		for _, line := range some {
			for name := range line {
				for _, secret := range []string{"hash", "sealed", "token", "secret", "password", "invitation"} {
					if strings.Contains(strings.ToLower(name), secret) {
						t.Errorf("a line of kind %s has the attribute %s", kind, name)
					}
				}
			}
		}
	}
	text, _ := json.Marshal(lines)
	for _, secret := range []string{"$argon2", tree.Admin.Key, "tnt_"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the file holds %.20s", secret)
		}
	}
}

func TestADT3_AnOrganizationIsExportedWithAllOfItsTreeAndNoSecret(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	done := tree.awaitExport(t, tree.beginExport(t))
	if done.Status != "succeeded" || done.URL == "" || done.Progress.Done == 0 {
		t.Fatalf("%+v", done)
	}
	wholeTree(t, tree, download(t, done))
	tree.Second.DoWithKey(t, "GET", exportsOf(tree.Org)+"/"+done.ID, nil).Expect(t, 200)
	tree.User.Do(t, "POST", exportsOf(tree.Org), map[string]string{"what": "organization", "format": "jsonl"}).Expect(t, 403)
	tree.Sub.Do(t, "GET", exportsOf(tree.Org)+"/"+done.ID, nil).Expect(t, 403)
	tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Subs[0]), map[string]string{"what": "organization", "format": "jsonl"}).Expect(t, 409)
	tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "everything", "format": "jsonl"}).Expect(t, 422)
	if other := anyJob(t, tree, tree.Org, "succeeded"); tree.Admin.DoWithKey(t, "GET", exportsOf(tree.Org)+"/"+other, nil).Status != 404 {
		t.Error("a job of another kind is shown as an export")
	}
}

func TestPER6_TheLinkToAFileTakesASignInOfTheLastTenMinutes(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	done := tree.awaitExport(t, tree.beginExport(t))
	link := func() (shown anExport) {
		tree.Admin.Do(t, "GET", exportsOf(tree.Org)+"/"+done.ID, nil).Expect(t, 200).JSON(t, &shown)
		return shown
	}
	if link().URL == "" {
		t.Error("there is no link after a sign-in")
	}
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	if late := link(); late.URL != "" || late.Status != "succeeded" {
		t.Errorf("eleven minutes later: %+v", late)
	}
}

// A file can be had for a day.
func TestADT3_AFileIsGoneAfterADay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	done := tree.awaitExport(t, tree.beginExport(t))
	item := rawTable(t).item(t, "TREE#"+tree.Org, "JOB#"+done.ID)
	item["finishedAt"] = time.Now().Add(-25 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	rawTable(t).write(t, []map[string]any{item})
	var later anExport
	tree.Admin.DoWithKey(t, "GET", exportsOf(tree.Org)+"/"+done.ID, nil).Expect(t, 200).JSON(t, &later)
	if later.Status != "succeeded" || later.URL != "" {
		t.Errorf("a day later: %+v", later)
	}
}

// An export whose worker is killed at its first call, then at its second, and so on, is made all the same, and is the same file. What is
// delivered in vain too often is woken by its watch, which the schedule does.
func TestADT3_AnExportGoesOnWhereItsWorkerWasKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	calls := 0
	for at := 1; ; at++ {
		before := calls
		calls = at
		stack.Local(t, "POST", "queues/idle", nil)
		stack.Local(t, "POST", "faults", map[string]any{"function": "WorkerFunction", "faults": []map[string]any{{"kind": []string{"kill", "kill-after"}[at%2], "at": at}}})
		begun := tree.beginExport(t)
		done := tree.awaitExport(t, begun)
		if done.Status != "succeeded" {
			t.Fatalf("killed at call %d: %+v", at, done)
		}
		lines := download(t, done)
		delete(lines, "audit-event") // of which each export adds one
		wholeExport(t, lines)
		if cutOff := workerCutOff(t); cutOff < at {
			t.Logf("a whole export is %d calls", before)
			return
		}
	}
}

// wholeExport checks how many lines of each kind there are.
func wholeExport(t *testing.T, lines map[string][]map[string]any) {
	t.Helper()
	for kind, n := range map[string]int{"organization": 3, "role": 6, "user": 5, "api-key": 3} {
		if len(lines[kind]) != n {
			t.Errorf("%d lines of kind %s, not %d", len(lines[kind]), kind, n)
		}
	}
}

// workerCutOff is how many invocations of the worker ended without an answer.
func workerCutOff(t testing.TB) int {
	t.Helper()
	var totals map[string]struct{ Ran struct{ CutOff int } }
	stack.Local(t, "GET", "totals", nil).JSON(t, &totals)
	return totals["WorkerFunction"].Ran.CutOff
}
