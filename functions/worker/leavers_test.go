package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// leaving is somebody who made keys in many organizations, with the bench of whose outbox the letters go.
type leaving struct {
	*accesstest.World
	*bench
	t     *testing.T
	maker *accesstest.Person
}

const manyOrganizations = 60

func newLeaving(t *testing.T) *leaving {
	x := &leaving{World: accesstest.New(t), bench: newBench(t, from), t: t}
	x.outbox = mail.NewOutbox(x.World.Table, secrettest.Keyring(t), x.bench, x.World.Clock, slog.New(slog.DiscardHandler))
	services := &start.Services{Table: x.World.Table, Outbox: x.outbox, Clock: x.World.Clock, Config: start.Config{KeyGrace: 7 * 24 * time.Hour}}
	x.table, x.tasks[mail.Leaver] = x.World.Table, leavers{services}.tell
	x.maker = x.World.Person(x.Tree(tenant.Client).Administrator)
	return x
}

// makes has the maker make keys of these names in an organization.
func (x *leaving) makes(in *accesstest.Organization, change func(*people.APIKey), names ...string) {
	for _, name := range names {
		var made *people.APIKey
		x.Key(x.maker, in.User, func(key *people.APIKey) {
			key.Root, key.Name, made = in.ID, name, key
			if change != nil {
				change(key)
			}
		})
		x.Commit(func(tx *table.Tx) {
			tx.Put(table.MadeKey(x.maker.ID, made.ID), people.Made{Root: made.Root, Organization: made.Organization, Key: made.ID})
		})
	}
}

// leaves marks that the maker leaves, and gives the notice of it.
func (x *leaving) leaves() (shard int, id string) {
	x.t.Helper()
	x.messages = nil
	x.Commit(func(tx *table.Tx) {
		tx.Put(table.DepartureKey(x.maker.ID), people.Departure{At: x.World.Clock().Unix()})
		if err := x.maker.TellOfKeys(x.t.Context(), x.World.Table, x.outbox, tx); err != nil {
			x.t.Fatal(err)
		}
	})
	if len(x.messages) != 1 {
		x.t.Fatalf("leaving posts %d mails", len(x.messages))
	}
	return x.messages[0].Shard, x.messages[0].ID
}

// letters are those that were posted since, by the names of their organizations.
func (x *leaving) letters() map[string]mail.Data {
	x.t.Helper()
	all := map[string]mail.Data{}
	for _, m := range x.messages {
		claimed, err := x.outbox.Claim(x.t.Context(), m.Shard, m.ID)
		if err != nil {
			x.t.Fatal(err)
		}
		if claimed == nil || claimed.Kind != mail.KeyEnds {
			continue
		}
		if _, again := all[claimed.Administrators]; again {
			x.t.Errorf("%s is told twice", claimed.Administrators)
		}
		all[claimed.Administrators] = claimed.Data
	}
	return all
}

func TestLOG7_EveryOrganizationIsToldOnceOfTheKeysOfALeaver(t *testing.T) {
	t.Parallel()
	x := newLeaving(t)
	orgs := make([]*accesstest.Organization, manyOrganizations)
	for i := range orgs {
		orgs[i] = x.Tree(tenant.Client)
		x.makes(orgs[i], nil, fmt.Sprint("sync ", i), fmt.Sprint("export ", i))
	}
	many, ended := x.Tree(tenant.Client), x.Tree(tenant.Client)
	for i := range 13 {
		x.makes(many, nil, fmt.Sprintf("key %02d", i))
	}
	x.makes(ended, func(key *people.APIKey) { key.EndsAt = x.World.Clock().Unix() }, "over")
	shard, id := x.leaves()
	notice, err := x.outbox.Claim(t.Context(), shard, id)
	if err != nil || notice == nil {
		t.Fatal(notice, err)
	}
	for _, told := range orgs[:30] { // by an attempt that was cut off
		if err := notice.Remember(t.Context(), told.ID); err != nil {
			t.Fatal(err)
		}
	}
	x.Move(2 * time.Minute)
	if err := x.deliver(t.Context(), x.messages[0]); err != nil {
		t.Fatal(err)
	}
	got := x.letters()
	if len(got) != manyOrganizations-30+1 {
		t.Errorf("%d letters", len(got))
	}
	for i, told := range orgs[30:] {
		if d := got[told.ID]; d.Organization != told.Name || d.Key != fmt.Sprintf("export %d, sync %d", i+30, i+30) || d.Count != 0 || d.Person != x.maker.Display() ||
			d.ExpiresAt.Sub(d.At) != 7*24*time.Hour {
			t.Errorf("%s: %+v", told.Name, d)
		}
	}
	if d := got[many.ID]; !strings.HasPrefix(d.Key, "key 00, ") || !strings.HasSuffix(d.Key, ", key 09") || d.Count != 3 {
		t.Errorf("of many: %+v", d)
	}
}

func TestLOG7_ANoticeOfALeaverThatTwoWorkOnIsWorkedOnOnce(t *testing.T) {
	t.Parallel()
	x := newLeaving(t)
	x.makes(x.Tree(tenant.Client), nil, "sync")
	shard, id := x.leaves()
	first, err := x.outbox.Claim(t.Context(), shard, id)
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	x.Move(2 * time.Minute)
	if err := x.deliver(t.Context(), x.messages[0]); err != nil {
		t.Fatal(err)
	}
	if err := x.tasks[mail.Leaver](t.Context(), first); err == nil {
		t.Error("the one that took too long did it again")
	}
	if got := x.letters(); len(got) != 1 {
		t.Errorf("%d letters", len(got))
	}
}

func TestLOG7_NobodyIsToldOfALeaverWhoIsBack(t *testing.T) {
	t.Parallel()
	x := newLeaving(t)
	x.makes(x.Tree(tenant.Client), nil, "sync")
	x.leaves()
	x.Commit(func(tx *table.Tx) { tx.Delete(table.DepartureKey(x.maker.ID), 0) })
	if err := x.deliver(t.Context(), x.messages[0]); err != nil {
		t.Fatal(err)
	}
	if got := x.letters(); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}
