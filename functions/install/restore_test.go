package main

import (
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
)

func (i installer) events(t *testing.T, root, action string) (found []audit.Event) {
	t.Helper()
	events, err := table.All[audit.Event](t.Context(), i.Table, table.Question{PK: table.AuditKey(root, i.Clock(), "").PK})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		if event.Action == action {
			found = append(found, event)
		}
	}
	return found
}

func TestINS6_ARestoreIsMarkedAndWrittenDown(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	root := i.setUpNow(t, "root@tenantry.example").OrganizationID
	begun := i.Clock()
	out, err := i.run(t.Context(), input{Action: afterRestore})
	if err != nil {
		t.Fatal(err)
	}
	if held := strings.Join(out.(*restored).Held, "; "); !strings.Contains(held, "API keys") || !strings.Contains(held, "SCIM tokens") {
		t.Errorf("held: %s", held)
	}
	at := clock.Parse(out.(*restored).RestoredAt)
	mark, err := restore.Read(t.Context(), i.Table, root)
	if err != nil || !mark.Time().Equal(at) || at.Before(begun.Truncate(time.Millisecond)) {
		t.Errorf("marked at %v, told %v, begun %v: %v", mark.Time(), at, begun, err)
	}
	if mark.Voids(time.Unix(i.Clock().Unix(), 0)) {
		t.Error("what is made from now on is void")
	}
	if events := i.events(t, root, "installation.restored"); len(events) != 1 || events[0].Actor != audit.System("install") {
		t.Errorf("audit %+v", events)
	}
	if telling, err := job.Read(t.Context(), i.Table, root, out.(*restored).Told); err != nil || telling.Kind != job.TellOfRestore || telling.Status != job.Queued {
		t.Errorf("the administrators are told by %+v, %v", telling, err)
	}
	if link := i.setUpNow(t, "root@tenantry.example"); mark.Voids(clock.Parse(i.user(t, link).Invitation.SentAt)) {
		t.Error("the way back in is void")
	}
}

func TestINS6_DoneAgainALaterMarkVoidsMore(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	root := i.setUpNow(t, "root@tenantry.example").OrganizationID
	var marks []restore.Mark
	for range 2 {
		if _, err := i.run(t.Context(), input{Action: afterRestore}); err != nil {
			t.Fatal(err)
		}
		mark, err := restore.Read(t.Context(), i.Table, root)
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, mark)
	}
	if marks[1].At <= marks[0].At {
		t.Errorf("marked at %v, then %v", marks[0].Time(), marks[1].Time())
	}
}

func TestINS6_AnEmptyTableWasNotRestored(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	if out, err := i.run(t.Context(), input{Action: afterRestore}); err == nil {
		t.Errorf("answered %+v", out)
	}
}
