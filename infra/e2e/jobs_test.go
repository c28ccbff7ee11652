package e2e

import (
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
)

// anyJob puts a job into the tree that nobody goes on with, of a kind that no release knows, so that its status stays.
func anyJob(t testing.TB, tree *Tree, org, status string) string {
	t.Helper()
	job, now := "job_"+ulid.Make().String(), time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")
	rawTable(t).write(t, []map[string]any{{"pk": "TREE#" + tree.Org, "sk": "JOB#" + job, "id": job, "root": tree.Org, "organization": org,
		"kind": "test", "status": status, "cancellable": true, "owner": map[string]any{"type": "user", "id": tree.Admin.ID},
		"step": 3, "done": 3, "total": 10, "createdAt": now, "updatedAt": now}})
	return job
}

// anyExport is anyJob of an export.
func anyExport(t testing.TB, tree *Tree, org string) string {
	t.Helper()
	job := anyJob(t, tree, org, "running")
	item := rawTable(t).item(t, "TREE#"+tree.Org, "JOB#"+job)
	item["kind"], item["input"] = "export", `{"what": "organization", "format": "jsonl"}`
	rawTable(t).write(t, []map[string]any{item})
	return job
}

// timerOf puts a timer of a job that has fallen due long ago.
func timerOf(t testing.TB, root, job string) (pk string) {
	t.Helper()
	owner, due := root+"/"+job, "2026-01-01T00:00:00.000Z"
	rawTable(t).write(t, []map[string]any{{"pk": "TIMER#job#" + owner, "sk": "TIMER", "kind": "job", "owner": owner, "due": due,
		"gsi2pk": "DUE#job#0", "gsi2sk": due + "#" + owner}})
	return "TIMER#job#" + owner
}

func jobPath(org, job string) string { return "/v1/organizations/" + org + "/jobs/" + job }

func TestAJobIsReadAndCancelled(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	job := anyJob(t, tree, tree.Org, "running")
	var got struct {
		ID, Kind, Status string
		Cancellable      bool
		Progress         struct{ Done, Total int }
		CreatedBy        struct{ ID, Name string }
	}
	tree.Admin.DoWithKey(t, "GET", jobPath(tree.Org, job), nil).Expect(t, 200).JSON(t, &got)
	if got.ID != job || got.Status != "running" || !got.Cancellable || got.Progress.Done != 3 || got.Progress.Total != 10 || got.CreatedBy.Name == "" {
		t.Errorf("%+v", got)
	}
	tree.Admin.DoWithKey(t, "GET", jobPath(tree.Subs[0], job), nil).Expect(t, 404)
	tree.Sub.DoWithKey(t, "GET", jobPath(tree.Subs[0], job), nil).Expect(t, 403)
	tree.User.Do(t, "GET", jobPath(tree.Org, job), nil).Expect(t, 403)
	tree.Admin.DoWithKey(t, "POST", jobPath(tree.Org, job)+"/cancel", nil).Expect(t, 200).JSON(t, &got)
	if got.Status != "cancelled" || got.Cancellable {
		t.Errorf("cancelled: %+v", got)
	}
	tree.Admin.DoWithKey(t, "POST", jobPath(tree.Org, job)+"/cancel", nil).Expect(t, 409)
}

// Timers of jobs that are over end when they fall due: one alone in its list, and several together.
func TestTheScheduleWakesTheWorkerForWhatIsDue(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	var timers []string
	for range 3 {
		timers = append(timers, timerOf(t, tree.Org, anyJob(t, tree, tree.Org, "succeeded")))
	}
	for _, pk := range timers {
		until(t, not(there(pk, "TIMER")))
	}
	alone := timerOf(t, tree.Org, anyJob(t, tree, tree.Org, "cancelled"))
	until(t, not(there(alone, "TIMER")))
}

var jobChanges = map[string]func(testing.TB, *Tree) situation{
	"begin-export": func(t testing.TB, tree *Tree) situation {
		events := eventsOf(tree.Org, "export.begun")
		n := events(t)
		body := map[string]string{"what": "organization", "format": "jsonl"}
		return byKey(tree.Admin, "POST", "/v1/organizations/"+tree.Org+"/exports", body, exactly(n+1, events), exactly(n, events))
	},
	"import-users": func(t testing.TB, tree *Tree) situation {
		email := "f-" + unique() + "@acme.example"
		events := eventsOf(tree.Org, "import.begun")
		n := events(t)
		return byKey(tree.Admin, "POST", importPath(tree.Org), anImport("name,email,role\nFay,"+email+",User\n", false), exactly(n+1, events), exactly(n, events))
	},
	"cancel-job": func(t testing.TB, tree *Tree) situation {
		job := anyJob(t, tree, tree.Org, "running")
		status := attribute("TREE#"+tree.Org, "JOB#"+job, "status")
		return byKey(tree.Admin, "POST", jobPath(tree.Org, job)+"/cancel", nil, is(status, "cancelled"), is(status, "running"))
	},
}
