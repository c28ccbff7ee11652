package main

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func asksToReset(address string) *mail.Claimed {
	return &mail.Claimed{Letter: mail.Letter{Kind: mail.ResetRequest, To: address}}
}

func TestLOG5OnlyWhoMaySignInGetsAResetLink(t *testing.T) {
	t.Parallel()
	b := newBench(t, "no-reply@tenantry.example")
	opened := b.table
	r := resets{&start.Services{Table: opened, Outbox: b.outbox, Clock: func() time.Time { return b.now }}}

	tx, o := table.NewTx(), &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	tenant.Create(tx, o, audit.System("test"), time.Now())
	_, role := people.NewRoles(tx, o.ID, audit.System("test"), time.Now())
	users := map[string]*people.User{}
	for _, name := range []string{"active", "invited", "inactive"} {
		users[name], _ = people.Invite(tx, o.ID, role, people.Person{Name: name, Email: name + "@acme.example", Language: "es"}, audit.System("test"), time.Now())
	}
	commit(t, opened, tx)
	for _, name := range []string{"active", "inactive"} {
		tx, edit := table.NewTx(), people.Edit(users[name], audit.System("test"), time.Now())
		people.Activate(tx, edit, users[name], nil, time.Now())
		tx.Update(edit)
		commit(t, opened, tx)
	}
	tx = table.NewTx()
	edit := people.Edit(users["inactive"], audit.System("test"), time.Now())
	people.Deactivate(tx, edit, users["inactive"], time.Now())
	tx.Update(edit)
	commit(t, opened, tx)

	for name, mails := range map[string]int{"unknown": 0, "invited": 0, "inactive": 0, "active": 1} {
		b.messages = nil
		if err := r.prepare(t.Context(), asksToReset(name+"@acme.example")); err != nil {
			t.Fatal(err)
		}
		if len(b.messages) != mails {
			t.Errorf("%s: %d mails", name, len(b.messages))
		}
	}
	b.messages = nil
	if err := r.prepare(t.Context(), asksToReset(" ACTIVE@acme.example")); err != nil {
		t.Fatal(err)
	}
	claimed, err := b.outbox.Claim(t.Context(), b.messages[0].Shard, b.messages[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var link people.ResetLink
	found, err := opened.Get(t.Context(), people.ResetLinkKey(users["active"].ID), &link)
	if err != nil || !found {
		t.Fatalf("no link is stored: %v", err)
	}
	_, hash, err := secret.Parse(secret.Reset, claimed.Data.Token)
	if err != nil || hash != link.Hash || claimed.To != "active@acme.example" || claimed.Language != "es" || link.Epoch != users["active"].Epoch {
		t.Errorf("the mail is %+v, the link %+v, %v", claimed.Letter, link, err)
	}
}

func commit(t *testing.T, to *table.Table, tx *table.Tx) {
	t.Helper()
	if err := to.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}
