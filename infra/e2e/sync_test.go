package e2e

import (
	"encoding/csv"
	"net/http"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/rolesync"
)

// counts checks what a run came to.
func counts(t testing.TB, one aSync, status string, want rolesync.Counts) {
	t.Helper()
	if one.Status != status || one.Counts != want {
		t.Errorf("%s, %+v (%+v); want %s, %+v", one.Status, one.Counts, one.Problem, status, want)
	}
}

func TestSYN1_ASyncGivesEverybodyWhatTheGroupsAreMappedTo(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	group, users := tree.pendingGroup(t, i, 20)
	user, sub := tree.Roles[tree.Org].User, tree.Roles[tree.Subs[0]].User
	first := tree.syncs(t, "apply", "")
	counts(t, first, "succeeded", rolesync.Counts{Reviewed: 20, RoleChanged: 20})
	for _, one := range users {
		tree.has(t, one, tree.Org, user)
	}
	if got := tree.group(t, group); got.Status != "applied" || first.Progress.Done != 20 || first.CreatedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("%+v, %+v", got, first)
	}
	tree.maps(t, group, tree.Subs[0], sub, false)
	counts(t, tree.syncs(t, "apply", ""), "succeeded", rolesync.Counts{Reviewed: 20, Moved: 20})
	tree.has(t, users[19], tree.Subs[0], sub)
	var shown struct{ UpdatedBy struct{ Type string } }
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+users[0], nil).Expect(t, 200).JSON(t, &shown)
	if shown.UpdatedBy.Type != "sync" {
		t.Errorf("updated by %q", shown.UpdatedBy.Type)
	}
	if n, m := eventsOf(tree.Org, "user.moved")(t)+eventsOf(tree.Subs[0], "user.moved")(t), eventsOf(tree.Org, "sync.finished")(t); n != 20 || m != 2 {
		t.Errorf("%d events of users, %d of runs", n, m)
	}
	again := tree.syncs(t, "apply", "")
	counts(t, again, "succeeded", rolesync.Counts{Reviewed: 20, Unchanged: 20})
	if len(tree.synced(t, again.ID, "")) != 0 {
		t.Error("a second sync changes something")
	}
	inOrder(t, tree.Org)
}

func TestSYN2_APreviewChangesNothingAndIsAppliedAsItStands(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	group, users := tree.pendingGroup(t, i, 10)
	preview := tree.syncs(t, "preview", "")
	counts(t, preview, "succeeded", rolesync.Counts{Reviewed: 10, RoleChanged: 10})
	tree.has(t, users[0], "", "")
	lines := tree.synced(t, preview.ID, "&outcome=role-given")
	if one := lines[users[3]]; len(lines) != 10 || one.To == nil || one.To.Role != "User" || one.From != nil || one.Applied || one.Group.ID != group || one.Group.Name == "" || one.Email == "" {
		t.Errorf("%d lines, %+v", len(lines), one)
	}
	other := i.push(t, "Other")
	i.join(t, other, users[3]) // so that the user has changed
	applied := tree.syncs(t, "apply", preview.ID)
	counts(t, applied, "succeeded", rolesync.Counts{Reviewed: 10, RoleChanged: 9, Skipped: 1})
	if one := tree.synced(t, applied.ID, "&outcome=skipped")[users[3]]; one.Reason != "changed-since" || one.Applied {
		t.Errorf("%+v", one)
	}
	tree.has(t, users[3], "", "")
	late := tree.syncs(t, "preview", "")
	tree.maps(t, other, tree.Subs[1], tree.Roles[tree.Subs[1]].User, false)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", syncsOf(tree.Org), map[string]string{"mode": "apply", "previewId": late.ID}), 409, "mappings-changed")
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", syncsOf(tree.Org), map[string]string{"mode": "preview", "previewId": late.ID}), 422, "invalid")
	inOrder(t, tree.Org)
}

func TestSYN3_TheSummariesAreKept(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	_, users := tree.pendingGroup(t, i, 3)
	more, _ := tree.pendingGroup(t, i, 0)
	i.join(t, more, users[0])
	first, second := tree.syncs(t, "preview", ""), tree.syncs(t, "apply", "")
	counts(t, second, "succeeded", rolesync.Counts{Reviewed: 3, RoleChanged: 3, Conflicts: 1})
	var all struct{ Items []aSync }
	tree.Admin.Do(t, "GET", syncsOf(tree.Org), nil).Expect(t, 200).JSON(t, &all)
	if len(all.Items) != 2 || all.Items[0].ID != second.ID || all.Items[1].ID != first.ID {
		t.Errorf("%+v", all)
	}
	if conflicts := tree.synced(t, second.ID, "&conflict=true"); len(conflicts) != 1 || !conflicts[users[0]].Conflict {
		t.Errorf("%+v", conflicts)
	}
	var begun anExport
	tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "sync-changes", "format": "csv", "runId": second.ID}).Expect(t, 202).JSON(t, &begun)
	answer, err := http.Get(tree.awaitExport(t, begun).URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "userId" || rows[1][3] != "role-given" || rows[1][14] != "User" || rows[1][16] == "" {
		t.Errorf("%v: %v", rows, err)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "users", "format": "csv", "runId": second.ID}), 422, "invalid")
	for _, who := range []Person{tree.Sub, tree.User} {
		refusedAs(t, who.Do(t, "GET", syncsOf(tree.Org), nil), 403, "forbidden")
		refusedAs(t, who.Do(t, "POST", syncsOf(tree.Org), map[string]string{"mode": "apply"}), 403, "forbidden")
	}
	refusedAs(t, tree.Admin.Do(t, "GET", syncsOf(tree.Subs[0]), nil), 409, "main-only")
}

func TestSYN4_TwoSyncsOfATreeNeverRunAtOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	_, users := tree.pendingGroup(t, tree.pusher(t), 30)
	var statuses [4]Answer
	done := make(chan int)
	for n := range statuses {
		go func() {
			statuses[n] = tree.Admin.DoWithKey(t, "POST", syncsOf(tree.Org), map[string]string{"mode": "apply"})
			done <- n
		}()
	}
	for range statuses {
		<-done
	}
	begun := ""
	for _, answer := range statuses {
		if answer.Status == 202 {
			var one aSync
			answer.JSON(t, &one)
			begun = one.ID
			tree.ends(t, one.ID)
		}
	}
	if begun == "" {
		t.Fatal("none was begun")
	}
	for _, answer := range statuses {
		var refused struct{ Existing string }
		if answer.Status != 202 {
			refusedAs(t, answer, 409, "sync-running")
			if answer.JSON(t, &refused); refused.Existing == "" {
				t.Errorf("%s", answer.Body)
			}
		}
	}
	for _, one := range users {
		tree.has(t, one, tree.Org, tree.Roles[tree.Org].User)
	}
	given := eventsOf(tree.Org, "user.role-given")(t)
	if given != 30 {
		t.Errorf("%d were given a role", given)
	}
	inOrder(t, tree.Org)
}

func TestSYN4_ASyncIsCancelled(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	run := anySync(t, tree, "waiting")
	var one aSync
	tree.act(t, run, "cancel").Expect(t, 200).JSON(t, &one)
	if one.Status != "cancelled" {
		t.Errorf("%+v", one)
	}
	refusedAs(t, tree.act(t, run, "cancel"), 409, "run-over")
	running := anySync(t, tree, "running")
	tree.act(t, running, "cancel").Expect(t, 200).JSON(t, &one)
	if !one.Cancelling {
		t.Errorf("%+v", one)
	}
}

func TestSYN5_TheScheduleRepairsWhatPeopleHaveApplied(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	if i.due == "" || i.due > time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339) {
		t.Errorf("the first one is due at %q", i.due)
	}
	group, users := tree.pendingGroup(t, i, 4) // drifted: nothing followed when they joined
	changed, others := tree.pendingGroup(t, i, 1)
	tree.syncs(t, "apply", "")
	tree.maps(t, changed, tree.Subs[0], tree.Roles[tree.Subs[0]].User, false)
	another := i.bring(t, unique()+"@"+i.domain).ID
	i.join(t, group, another)
	run := tree.scheduled(t, i)
	counts(t, run, "succeeded", rolesync.Counts{Reviewed: 6, Unchanged: 4, RoleChanged: 1, Skipped: 1})
	for _, one := range append(users, another) {
		tree.has(t, one, tree.Org, tree.Roles[tree.Org].User)
	}
	tree.has(t, others[0], tree.Org, tree.Roles[tree.Org].User)
	if tree.group(t, changed).Status != "pending" || run.CreatedBy.Type != "system" {
		t.Errorf("%+v", run)
	}
	if due := rawTable(t).item(t, i.timer(), "TIMER").text("due"); due < time.Now().Add(20*time.Hour).UTC().Format(time.RFC3339) {
		t.Errorf("the next one is due at %s", due)
	}
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, i.id), nil)
	if rawTable(t).item(t, i.timer(), "TIMER") != nil {
		t.Error("roles are synced that SCIM does not give any more")
	}
}

func TestSYN6_ASyncThatTakesAccessFromManyWaitsForAWord(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	group, users := tree.pendingGroup(t, tree.pusher(t), 12)
	tree.syncs(t, "apply", "")
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, group), nil).Expect(t, 200)
	waits := tree.syncs(t, "apply", "")
	counts(t, waits, "waiting", rolesync.Counts{Reviewed: 12, WithoutRole: 12})
	tree.has(t, users[0], tree.Org, tree.Roles[tree.Org].User)
	mailedTo(t, tree.Admin.Email, "Sync assigned roles waits for a confirmation")
	if waits.LosesAccess != 12 || waits.WaitsUntil < time.Now().UTC().Format(time.RFC3339) {
		t.Errorf("%+v", waits)
	}
	counts(t, tree.syncs(t, "preview", ""), "succeeded", rolesync.Counts{Reviewed: 12, WithoutRole: 12})
	tree.act(t, waits.ID, "confirm").Expect(t, 200)
	done := tree.ends(t, waits.ID)
	counts(t, done, "succeeded", rolesync.Counts{Reviewed: 12, WithoutRole: 12})
	if done.ConfirmedBy == nil || done.ConfirmedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("%+v", done)
	}
	tree.has(t, users[0], "", "")
	refusedAs(t, tree.act(t, waits.ID, "confirm"), 409, "not-waiting")
	inOrder(t, tree.Org)
}

// The share is the tree's to set, for runs that people begin and for those on schedule.
func TestSYN6_WhenASyncWaitsIsSet(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	type aSetting struct {
		Confirmation struct{ Percent, Users int }
		UpdatedBy    *struct{ ID string }
	}
	var is aSetting
	path := syncSettingsOf(tree.Org)
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &is)
	if is.Confirmation.Percent != 20 || is.Confirmation.Users != 10 || is.UpdatedBy != nil {
		t.Errorf("by default %+v", is)
	}
	set := func(percent, users int, headers ...string) Answer {
		return tree.Admin.DoWithKey(t, "PUT", path, map[string]any{"confirmation": confirms(percent, users)}, headers...)
	}
	first := set(50, 3).Expect(t, 200).Header.Get("ETag")
	set(50, 2, "If-Match", first).Expect(t, 200).JSON(t, &is)
	if is.Confirmation.Percent != 50 || is.Confirmation.Users != 2 || is.UpdatedBy == nil || is.UpdatedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("set: %+v", is)
	}
	set(60, 2, "If-Match", first).Expect(t, 412)
	for _, beyond := range [][2]int{{91, 10}, {-1, 10}, {20, 0}, {20, 1001}} {
		set(beyond[0], beyond[1]).Expect(t, 422)
	}
	if n := eventsOf(tree.Org, "sync.settings-edited")(t); n != 2 {
		t.Errorf("%d events", n)
	}
	for _, who := range []Person{tree.Sub, tree.User} {
		refusedAs(t, who.Do(t, "PUT", path, map[string]any{"confirmation": confirms(90, 1000)}), 403, "forbidden")
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "GET", syncSettingsOf(tree.Subs[0]), nil), 409, "main-only")

	group, users := tree.pendingGroup(t, i, 3)
	tree.syncs(t, "apply", "")
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, group), nil).Expect(t, 200)
	waits := tree.syncs(t, "apply", "")
	counts(t, waits, "waiting", rolesync.Counts{Reviewed: 3, WithoutRole: 3})
	tree.act(t, waits.ID, "cancel").Expect(t, 200)
	set(50, 4).Expect(t, 200)
	counts(t, tree.syncs(t, "apply", ""), "succeeded", rolesync.Counts{Reviewed: 3, WithoutRole: 3})
	tree.has(t, users[0], "", "")

	lost, drifted := tree.pendingGroup(t, i, 3)
	tree.syncs(t, "apply", "")
	for _, user := range drifted {
		i.leave(t, lost, user)
	}
	set(50, 3).Expect(t, 200)
	counts(t, tree.scheduled(t, i), "waiting", rolesync.Counts{Reviewed: 6, Unchanged: 3, WithoutRole: 3})
}

func TestSYN7_TheLastSyncIsUndone(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	group, users := tree.pendingGroup(t, tree.pusher(t), 5)
	user, sub := tree.Roles[tree.Org].User, tree.Roles[tree.Subs[0]].User
	tree.syncs(t, "apply", "")
	tree.maps(t, group, tree.Subs[0], sub, false)
	done := tree.syncs(t, "apply", "")
	tree.has(t, users[0], tree.Subs[0], sub)
	var undo aSync
	tree.act(t, done.ID, "undo").Expect(t, 202).JSON(t, &undo)
	undone := tree.ends(t, undo.ID)
	counts(t, undone, "succeeded", rolesync.Counts{Reviewed: 5, Moved: 5})
	if undone.Undoes != done.ID || tree.ends(t, done.ID).UndoneBy != undo.ID {
		t.Errorf("%+v", undone)
	}
	for _, one := range users {
		tree.has(t, one, tree.Org, user)
	}
	if tree.group(t, group).Status != "pending" {
		t.Error("what was undone is not pending")
	}
	refusedAs(t, tree.act(t, undo.ID, "undo"), 409, "not-undoable")
	inOrder(t, tree.Org)
}

// Who could not give each of the roles does not give them back either.
func TestPER2_NobodyUndoesWhatTheyCouldNotDo(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	run := anySync(t, tree, "succeeded", tree.Org+"/"+tree.Roles[tree.Org].Administrator)
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	refusedAs(t, tree.Admin.Do(t, "POST", syncsOf(tree.Org)+"/"+run+"/undo", nil), 403, "reauthentication-required")
	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	refusedAs(t, partner.Admin.DoWithKey(t, "POST", syncsOf(tree.Org)+"/"+run+"/undo", nil), 403, "forbidden")
	tree.act(t, run, "undo").Expect(t, 202)
}

// A sync whose worker is killed at its first call, then at its second, and so on, comes to the same for everybody, and changes nobody twice.
func TestSYN4_ASyncGoesOnWhereItsWorkerWasKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	group, users := tree.pendingGroup(t, tree.pusher(t), 3)
	events := eventsOfAll(tree, "user.role-given", "user.moved")
	for at := 1; ; at++ {
		stack.Local(t, "POST", "queues/idle", nil)
		cutOff, before := workerCutOff(t), events(t)
		stack.Local(t, "POST", "faults", map[string]any{"function": "WorkerFunction", "faults": []map[string]any{{"kind": []string{"kill", "kill-after"}[at%2], "at": at}}})
		done := tree.syncs(t, "apply", "")
		want := rolesync.Counts{Reviewed: 3, Moved: 3}
		if at == 1 {
			want = rolesync.Counts{Reviewed: 3, RoleChanged: 3}
		}
		counts(t, done, "succeeded", want)
		lines := tree.synced(t, done.ID, "")
		for _, user := range users {
			if one := lines[user]; !one.Applied || one.To == nil || one.Group.ID != group {
				t.Fatalf("killed at call %d: %+v", at, one)
			}
			tree.has(t, user, lines[user].To.OrganizationID, lines[user].To.RoleID)
		}
		if n := events(t); n != before+3 || done.Progress.Done != 3 {
			t.Fatalf("killed at call %d: %d events, %+v", at, n-before, done)
		}
		inOrder(t, tree.Org)
		if workerCutOff(t) == cutOff {
			t.Logf("a whole sync of three is %d calls", at-1)
			return
		}
		to := []string{tree.Org, tree.Subs[0]}[at%2]
		tree.maps(t, group, to, tree.Roles[to].User, false)
	}
}

// eventsOfAll counts events of these kinds in a tree.
func eventsOfAll(tree *Tree, actions ...string) func(testing.TB) int {
	return func(t testing.TB) (n int) {
		for _, org := range append([]string{tree.Org}, tree.Subs...) {
			for _, action := range actions {
				n += eventsOf(org, action)(t)
			}
		}
		return n
	}
}
