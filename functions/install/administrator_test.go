package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// nowhere is a queue that does not answer: what is lost there is made up for by others.
func nowhere(t *testing.T) *queue.Queue {
	t.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	return queue.New(aws.Config{Region: "us-east-1", BaseEndpoint: &gone.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, gone.URL)
}

func newInstaller(t *testing.T) installer {
	t.Helper()
	return installer{&start.Services{Table: tabletest.New(t), Work: nowhere(t), Clock: clock.System, Trail: audit.Trail{Keep: time.Hour, Clock: clock.System},
		Config: start.Config{PublicURL: "https://settings.example.com"}}}
}

func (i installer) setUpNow(t *testing.T, email string) *setUpLink {
	t.Helper()
	out, err := i.administrator(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (i installer) user(t *testing.T, out *setUpLink) *people.User {
	t.Helper()
	u, err := people.ReadUser(t.Context(), i.Table, out.OrganizationID, out.UserID)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// change edits the user as the administrator or the owner would.
func (i installer) change(t *testing.T, u *people.User, do func(*table.Tx, *table.Change)) {
	t.Helper()
	tx, edit := table.NewTx(), people.Edit(u, audit.System("test"), i.Clock())
	do(tx, edit)
	tx.Update(edit)
	if err := i.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

func TestINS1TheFirstAdministratorComesWithThePlatform(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	out := i.setUpNow(t, "root@tenantry.example")
	if !strings.HasPrefix(out.Link, "https://settings.example.com/invitation#tnt_inv_") {
		t.Errorf("link %s", out.Link)
	}
	platform, err := tenant.ReadPlatform(t.Context(), i.Table)
	if err != nil || platform == nil || platform.ID != out.OrganizationID || platform.Type != tenant.Platform {
		t.Fatalf("platform %+v, %v", platform, err)
	}
	u := i.user(t, out)
	if u.Status != people.Invited || !u.AdministersMain() || u.Invitation.Recovery {
		t.Errorf("user %+v", u)
	}
	if lasts := time.Until(time.Unix(u.Invitation.ExpiresAt, 0)); lasts > 24*time.Hour || lasts < 23*time.Hour {
		t.Errorf("the link lasts %v", lasts)
	}
	events, err := table.List[audit.Event](t.Context(), i.Table, table.Question{PK: table.AuditKey(u.Root, i.Clock(), "").PK})
	if err != nil || len(events.Items) != 1 || events.Items[0].Actor != audit.System("install") || events.Items[0].Target.ID != u.ID {
		t.Errorf("audit %+v, %v", events, err)
	}
}

func TestINS1InstallersAtTheSameTimeMakeOnePlatform(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	made := make(chan string, 8)
	for n := range cap(made) {
		email := "root@tenantry.example"
		if n%2 == 1 {
			email = "other@tenantry.example"
		}
		go func() {
			out, err := i.administrator(t.Context(), email)
			if err != nil {
				made <- err.Error()
				return
			}
			made <- out.OrganizationID
		}()
	}
	platforms := map[string]int{}
	for range cap(made) {
		platforms[<-made]++
	}
	if len(platforms) != 1 {
		t.Errorf("platforms, or errors: %v", platforms)
	}
}

func TestINS1AUserOfThePlatformIsSetUpAnew(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	first := i.setUpNow(t, "root@tenantry.example")
	u := i.user(t, first)
	i.change(t, u, func(tx *table.Tx, edit *table.Change) { people.Activate(tx, edit, u, nil, i.Clock()) })
	again := i.setUpNow(t, " Root@tenantry.example ")
	after := i.user(t, again)
	if again.UserID != first.UserID || again.Link == first.Link || after.Status != people.Active || after.Epoch != u.Epoch || !after.Invitation.Recovery {
		t.Errorf("the link changed more than itself: %+v", after)
	}

	i.setUpNow(t, "second@tenantry.example") // so that the first may go
	second := i.user(t, i.setUpNow(t, "second@tenantry.example"))
	i.change(t, second, func(tx *table.Tx, edit *table.Change) { people.Activate(tx, edit, second, nil, i.Clock()) })
	i.change(t, after, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, after, i.Clock()) })
	back := i.user(t, i.setUpNow(t, "root@tenantry.example"))
	if back.Status != people.Inactive || back.Invitation == nil {
		t.Errorf("somebody inactive is %+v before the link is used", back)
	}
}

func TestINS1AUserOfThePlatformBecomesAdministrator(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	out := i.setUpNow(t, "root@tenantry.example")
	roles, err := table.All[people.Role](t.Context(), i.Table, table.Question{PK: table.OrganizationPartition(out.OrganizationID), Prefix: "ROLE#"})
	if err != nil {
		t.Fatal(err)
	}
	tx := table.NewTx()
	for _, role := range roles {
		if role.BuiltIn == people.OrdinaryUser {
			people.Invite(tx, out.OrganizationID, &role, people.Person{Name: "Pat", Email: "pat@tenantry.example"}, audit.System("test"), i.Clock())
		}
	}
	if err := i.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	if u := i.user(t, i.setUpNow(t, "pat@tenantry.example")); !u.AdministersMain() {
		t.Errorf("user %+v", u)
	}
	counts, err := i.Table.Counts(t.Context(), out.OrganizationID, table.MembersCount(out.OrganizationID, ""))
	total := 0
	for _, n := range counts {
		total += n
	}
	if err != nil || total != 2 {
		t.Errorf("counts %v, %v", counts, err)
	}
}

func TestINS1WhatIsRefused(t *testing.T) {
	t.Parallel()
	i := newInstaller(t)
	tx := table.NewTx()
	tx.Put(table.EmailKey("taken@acme.example"), people.Claim{Root: "org_elsewhere", User: "usr_elsewhere"})
	if err := i.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]input{
		"an unknown action":                    {Action: "erase", Email: "root@tenantry.example"},
		"no action":                            {Email: "root@tenantry.example"},
		"no address":                           {Action: administrator},
		"an address with a name":               {Action: administrator, Email: "Root <root@tenantry.example>"},
		"an address that signs in for another": {Action: administrator, Email: "Taken@acme.example"},
	} {
		if out, err := i.run(t.Context(), in); err == nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
	if platform, err := tenant.ReadPlatform(t.Context(), i.Table); err != nil || platform != nil {
		t.Errorf("a refused call made a platform: %+v, %v", platform, err)
	}
}
