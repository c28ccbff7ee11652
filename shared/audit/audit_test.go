package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

var when = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestADT1_AnEventIsListedByOrganizationAndByActor(t *testing.T) {
	t.Parallel()
	now := when
	tab := tabletest.NewAt(t, func() time.Time { return now })
	trail := audit.Trail{Keep: 24 * time.Hour, Clock: clock.At(when)}
	root, org, actor := id.New(id.Organization), id.New(id.Organization), audit.Actor{Type: audit.ByUser, ID: id.New(id.User)}
	want := audit.Event{Action: "organization.edited", Root: root, Organization: org, Actor: actor, Across: "partner",
		Target: audit.Target{Type: "organization", ID: org}, Before: map[string]any{"name": "A"}, After: map[string]any{"name": "B"},
		Address: "192.0.2.7", Request: "req_1"}
	tx := table.NewTx()
	trail.Write(tx, want)
	if err := tab.Commit(context.Background(), tx); err != nil {
		t.Fatal(err)
	}
	byOrganization, byActor := table.AuditOf(org, ""), table.AuditBy(actor.ID, "")
	for _, place := range []table.Place{byOrganization, byActor} {
		page, err := table.List[audit.Event](context.Background(), tab, table.Question{Index: place.Index, PK: place.PK})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%s: %d events, %v", place.PK, len(page.Items), err)
		}
		got := page.Items[0]
		want.ID, want.At, want.ExpiresAt = got.ID, "2026-03-01T12:00:00.000Z", when.Add(24*time.Hour).Unix()
		if diff := cmp.Diff(want, got); diff != "" || !id.Valid(id.Event, got.ID) {
			t.Errorf("%s: %s", place.PK, diff)
		}
	}
	now = when.Add(25 * time.Hour)
	page, err := table.List[audit.Event](context.Background(), tab, table.Question{Index: 1, PK: byOrganization.PK})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("after its time: %d events, %v", len(page.Items), err)
	}
}

func TestADT1_AnEventIsThereOnlyWithItsChange(t *testing.T) {
	t.Parallel()
	tab := tabletest.NewAt(t, clock.At(when))
	trail := audit.Trail{Keep: time.Hour, Clock: clock.At(when)}
	org, refused := id.New(id.Organization), errors.New("refused")
	tx := table.NewTx()
	trail.Write(tx, audit.Event{Action: "organization.edited", Root: org, Organization: org, Actor: audit.System("test")})
	tx.DeleteExisting(table.OrganizationKey(org), refused)
	if err := tab.Commit(context.Background(), tx); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	page, err := table.List[audit.Event](context.Background(), tab, table.Question{Index: 1, PK: table.AuditOf(org, "").PK})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("%d events, %v", len(page.Items), err)
	}
}

func ExampleTrail_Write() {
	trail := audit.Trail{Keep: 400 * 24 * time.Hour, Clock: clock.System}
	tx := table.NewTx()
	tx.Update(table.Touch(table.OrganizationKey("org_1")).Set("name", "Acme"))
	trail.Write(tx, audit.Event{Action: "organization.edited", Root: "org_1", Organization: "org_1", Actor: audit.System("example"),
		Target: audit.Target{Type: "organization", ID: "org_1"}, After: map[string]any{"name": "Acme"}})
	fmt.Println(tx.Empty()) // one commit makes the change and its event, or neither
	// Output: false
}

func TestAStampBeginsAtVersionOne(t *testing.T) {
	t.Parallel()
	by := audit.System("install")
	if got := audit.Made(by, "t"); got != (audit.Stamp{Version: 1, CreatedAt: "t", CreatedBy: by, UpdatedAt: "t", UpdatedBy: by}) {
		t.Errorf("%+v", got)
	}
}
