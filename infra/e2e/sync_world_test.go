package e2e

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

// aSync is what these tests read of a run.
type aSync struct {
	ID, Mode, Status, PreviewID, Undoes, UndoneBy string
	Cancelling                                    bool
	Counts                                        rolesync.Counts
	Progress                                      struct{ Done, Total int }
	LosesAccess                                   int
	WaitsUntil                                    string
	ConfirmedBy                                   *struct{ ID string }
	CreatedBy                                     struct{ Type, ID string }
	Problem                                       *struct{ Type string }
}

// aSyncChange is what they read of a change.
type aSyncChange struct {
	UserID, Name, Email, Outcome, Reason string
	Conflict, Applied                    bool
	From, To                             *struct{ OrganizationID, RoleID, Organization, Role, Source string }
	Group                                *struct{ ID, Name string }
}

func syncsOf(org string) string { return "/v1/organizations/" + org + "/provisioning/sync-runs" }

// begins begins a run.
func (tree *Tree) begins(t testing.TB, mode, preview string) (one aSync) {
	t.Helper()
	answer := tree.Admin.DoWithKey(t, "POST", syncsOf(tree.Org), map[string]string{"mode": mode, "previewId": preview}).Expect(t, 202)
	answer.JSON(t, &one)
	if answer.Header.Get("Location") != syncsOf(tree.Org)+"/"+one.ID || one.Status != "queued" {
		t.Errorf("at %q: %s", answer.Header.Get("Location"), answer.Body)
	}
	return one
}

// ends waits until a run is over, or waits itself.
func (tree *Tree) ends(t testing.TB, run string) (one aSync) {
	t.Helper()
	over(t, tree.Admin, syncsOf(tree.Org)+"/"+run, &one)
	return one
}

// syncs begins a run and waits for its end.
func (tree *Tree) syncs(t testing.TB, mode, preview string) aSync {
	t.Helper()
	return tree.ends(t, tree.begins(t, mode, preview).ID)
}

// act does something to a run.
func (tree *Tree) act(t testing.TB, run, what string) Answer {
	t.Helper()
	return tree.Admin.DoWithKey(t, "POST", syncsOf(tree.Org)+"/"+run+"/"+what, nil)
}

// synced are the changes of a run, by user.
func (tree *Tree) synced(t testing.TB, run, filter string) map[string]aSyncChange {
	t.Helper()
	all := map[string]aSyncChange{}
	for cursor := ""; ; {
		var page struct {
			Items      []aSyncChange
			NextCursor string
		}
		tree.Admin.DoWithKey(t, "GET", syncsOf(tree.Org)+"/"+run+"/changes?limit=7&cursor="+cursor+filter, nil).Expect(t, 200).JSON(t, &page)
		for _, one := range page.Items {
			all[one.UserID] = one
		}
		if cursor = page.NextCursor; cursor == "" {
			return all
		}
	}
}

// pending makes a group whose mapping people still have to apply, with so many members who have no role by it.
func (tree *Tree) pendingGroup(t testing.TB, i *idp, members int) (group string, users []string) {
	t.Helper()
	group = i.push(t, "Group "+unique())
	tree.maps(t, group, tree.Org, tree.Roles[tree.Org].User, false)
	for range members {
		user := i.bring(t, unique()+"@"+i.domain).ID
		i.join(t, group, user)
		users = append(users, user)
	}
	return group, users
}

// anySync puts a run of that state into the table, past the product.
func anySync(t testing.TB, tree *Tree, status string, roles ...string) string {
	t.Helper()
	run, job := id.New(id.Run), ""
	if status == "running" {
		job = anyJob(t, tree, tree.Org, "running")
	}
	pk := table.TreePartition(tree.Org)
	item := map[string]any{"pk": pk, "sk": "RUN#" + run, "id": run, "root": tree.Org, "mode": "apply", "status": status, "job": job, "phase": "over", "revision": tree.stored(t).Revision,
		"by": map[string]any{"type": "system", "id": "test"}, "createdAt": "2026-03-01T00:00:00.000Z", "waitsUntil": "2999-01-01T00:00:00.000Z",
		"roles": roles, "finishedAt": time.Now().UTC().Format(time.RFC3339), "expiresAt": time.Now().Add(time.Hour).Unix()}
	if len(roles) == 0 {
		delete(item, "roles")
	}
	rawTable(t).write(t, []map[string]any{item, {"pk": pk, "sk": "RUNLOCK", "changed": run}})
	return run
}

// confirms is from when on a run waits for a confirmation.
func confirms(percent, users int) map[string]int {
	return map[string]int{"percent": percent, "users": users}
}

func syncSettingsOf(org string) string { return "/v1/organizations/" + org + "/provisioning/settings" }

var syncChanges = map[string]func(testing.TB, *Tree) situation{
	"set-sync-settings": func(t testing.TB, tree *Tree) situation {
		events := eventsOf(tree.Org, "sync.settings-edited")
		n := events(t)
		return byKey(tree.Admin, "PUT", syncSettingsOf(tree.Org), map[string]any{"confirmation": confirms(n%90, 3)}, exactly(n+1, events), exactly(n, events))
	},
	"begin-sync-run": func(t testing.TB, tree *Tree) situation {
		anySync(t, tree, "succeeded") // nothing is under way
		events := eventsOf(tree.Org, "sync.begun")
		n := events(t)
		return byKey(tree.Admin, "POST", syncsOf(tree.Org), map[string]string{"mode": "preview"}, exactly(n+1, events), exactly(n, events))
	},
	"cancel-sync-run": func(t testing.TB, tree *Tree) situation {
		run := anySync(t, tree, "waiting")
		status := attribute("TREE#"+tree.Org, "RUN#"+run, "status")
		return byKey(tree.Admin, "POST", syncsOf(tree.Org)+"/"+run+"/cancel", nil, is(status, "cancelled"), is(status, "waiting"))
	},
	"confirm-sync-run": func(t testing.TB, tree *Tree) situation {
		run := anySync(t, tree, "waiting")
		waits := is(attribute("TREE#"+tree.Org, "RUN#"+run, "status"), "waiting")
		return byKey(tree.Admin, "POST", syncsOf(tree.Org)+"/"+run+"/confirm", nil, not(waits), waits)
	},
	"undo-sync-run": func(t testing.TB, tree *Tree) situation {
		run := anySync(t, tree, "succeeded")
		undone := attribute("TREE#"+tree.Org, "RUN#"+run, "undone")
		old := is(undone, "")
		return byKey(tree.Admin, "POST", syncsOf(tree.Org)+"/"+run+"/undo", nil, not(old), old)
	},
}

// scheduled has the turn of an IdP come, and waits for the end of the run.
func (tree *Tree) scheduled(t testing.TB, i *idp) (one aSync) {
	t.Helper()
	rawTable(t).fallsDue(t, i.timer(), time.Now())
	indexed()
	var all struct{ Items []aSync }
	until(t, func(t testing.TB) bool {
		tree.Admin.DoWithKey(t, "GET", syncsOf(tree.Org)+"?limit=1", nil).Expect(t, 200).JSON(t, &all)
		return len(all.Items) > 0 && all.Items[0].Mode == "scheduled"
	})
	return tree.ends(t, all.Items[0].ID)
}
