package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// identify asks the gate, and gives the problem's name where it refuses.
func identify(t *testing.T, w *accesstest.World, token, org string) (*access.Caller, string) {
	t.Helper()
	c, err := w.Gate.Identify(t.Context(), access.Request{Token: token, Organization: org, Address: "192.0.2.1", ID: "r-1"})
	if e := problem.As(err); e != nil {
		return c, e.Slug
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, ""
}

// is checks what somebody is to an organization.
func is(t *testing.T, w *accesstest.World, token, org string, want access.Relation) {
	t.Helper()
	c, refused := identify(t, w, token, org)
	if refused != "" {
		t.Fatalf("refused: %s", refused)
	}
	if c.Relation != want {
		t.Errorf("is %q, not %q", c.Relation, want)
	}
}

// refused checks that somebody is turned away.
func refused(t *testing.T, w *accesstest.World, token, org, want string) {
	t.Helper()
	if _, got := identify(t, w, token, org); got != want {
		t.Errorf("answered %q, not %q", got, want)
	}
}

func TestWhatEveryoneIsToEveryOrganization(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	platform, partner, other := w.Tree(tenant.Platform), w.Tree(tenant.Partner), w.Tree(tenant.Client)
	managed, read, unseen := w.ClientOf(partner, tenant.ManageAccess), w.ClientOf(partner, tenant.ReadAccess), w.ClientOf(partner, tenant.NoAccess)
	sub, second, readSub := w.Under(managed), w.Under(managed), w.Under(read)
	root, seller, sellerUser := w.Person(platform.Administrator), w.Person(partner.Administrator), w.Person(partner.User)
	main, own, user := w.Person(managed.Administrator), w.Person(sub.Administrator), w.Person(sub.User)
	for name, c := range map[string]struct {
		who  *accesstest.Person
		org  string
		want access.Relation
	}{
		"the platform to itself":                       {root, platform.ID, access.PlatformAdministrator},
		"the platform to a partner":                    {root, partner.ID, access.PlatformAdministrator},
		"the platform to a suborganization":            {root, sub.ID, access.PlatformAdministrator},
		"a partner to itself":                          {seller, partner.ID, access.MainAdministrator},
		"a partner to a client that it manages":        {seller, managed.ID, access.ManagingPartner},
		"a partner to that one's suborganization":      {seller, sub.ID, access.ManagingPartner},
		"a partner to a client that it reads":          {seller, read.ID, access.ReadingPartner},
		"a partner to that one's suborganization too":  {seller, readSub.ID, access.ReadingPartner},
		"a partner to a client that grants nothing":    {seller, unseen.ID, access.Stranger},
		"a partner to somebody else's client":          {seller, other.ID, access.Stranger},
		"a partner to the platform":                    {seller, platform.ID, access.Stranger},
		"a partner's user to its client":               {sellerUser, managed.ID, access.Stranger},
		"a main administrator to the main":             {main, managed.ID, access.MainAdministrator},
		"a main administrator to a suborganization":    {main, sub.ID, access.MainAdministrator},
		"a main administrator to the partner":          {main, partner.ID, access.Stranger},
		"a main administrator to another client":       {main, other.ID, access.Stranger},
		"a sub's administrator to the sub":             {own, sub.ID, access.OwnAdministrator},
		"a sub's administrator to the main":            {own, managed.ID, access.OfTree},
		"a sub's administrator to another sub":         {own, second.ID, access.OfTree},
		"a sub's administrator to another tree's sub":  {own, readSub.ID, access.Stranger},
		"a user to the own organization":               {user, sub.ID, access.Member},
		"a user to the main":                           {user, managed.ID, access.OfTree},
		"anybody to what does not exist":               {root, id.New(id.Organization), access.Stranger},
		"anybody to what is no id":                     {root, "PLATFORM", access.Stranger},
		"anybody to another kind of id":                {main, main.ID, access.Stranger},
		"anybody to an id in another spelling (lower)": {main, "ORG_" + managed.ID[4:], access.Stranger},
	} {
		t.Run(name, func(t *testing.T) { is(t, w, c.who.Token, c.org, c.want) })
	}
}

func TestPER1WhatChangesHoldsFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	sub := w.Under(acme)
	w.Person(acme.Administrator) // so that the others are not the last
	for name, c := range map[string]struct {
		change func(p *accesstest.Person)
		gone   bool
		want   access.Relation
	}{
		"a demotion": {func(p *accesstest.Person) {
			w.Change(p, func(tx *table.Tx, edit *table.Change) { people.Assign(tx, edit, p.User, acme.User, w.Clock()) })
		}, true, access.Member},
		"a move": {func(p *accesstest.Person) {
			w.Change(p, func(tx *table.Tx, edit *table.Change) { people.Assign(tx, edit, p.User, sub.Administrator, w.Clock()) })
		}, true, access.OfTree},
		"a deactivation": {func(p *accesstest.Person) {
			w.Change(p, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, p.User, w.Clock()) })
		}, true, ""},
		"a removal": {func(p *accesstest.Person) { w.Commit(func(tx *table.Tx) { people.Remove(tx, p.User, w.Clock()) }) }, true, ""},
		"another name": {func(p *accesstest.Person) {
			w.Change(p, func(_ *table.Tx, edit *table.Change) { people.Rename(edit, p.User, "New") })
		}, false, access.MainAdministrator},
		"ended by hand": {func(p *accesstest.Person) {
			w.Change(p, func(_ *table.Tx, edit *table.Change) { people.EndSessions(edit, p.User) })
		}, true, access.MainAdministrator},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.Person(acme.Administrator)
			is(t, w, p.Token, acme.ID, access.MainAdministrator)
			c.change(p)
			if c.gone {
				refused(t, w, p.Token, acme.ID, "unauthenticated")
			} else {
				is(t, w, p.Token, acme.ID, c.want)
			}
			w.SignIn(p)
			if c.want == "" {
				refused(t, w, p.Token, acme.ID, "unauthenticated")
			} else {
				is(t, w, p.Token, acme.ID, c.want)
			}
		})
	}
}

func TestAPasswordSessionEndsWithTheTreesPasswords(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*table.Change){
		"a newer epoch": func(c *table.Change) { c.Add("passwordEpoch", 1) },
		"turned off":    func(c *table.Change) { c.Set("passwordsOff", true) },
	} {
		t.Run(name, func(t *testing.T) {
			w := accesstest.New(t)
			acme := w.Tree(tenant.Client)
			p := w.Person(acme.User)
			w.Commit(func(tx *table.Tx) {
				edit := table.Touch(table.AccessKey(acme.ID))
				change(edit)
				tx.Update(edit)
			})
			refused(t, w, p.Token, "", "unauthenticated")
		})
	}
}

func TestASessionOfAnUnknownMethodDoesNotHold(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	p := w.Person(w.Tree(tenant.Client).User)
	p.Session.Method = "telepathy"
	w.Keep(p)
	refused(t, w, p.Token, "", "unauthenticated")
}

func TestLOG6SessionsEnd(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	administrator, user := w.Person(acme.Administrator), w.Person(acme.User)

	t.Run("not while they are used", func(t *testing.T) {
		for range 7 { // hours
			w.Move(59 * time.Minute)
			is(t, w, administrator.Token, acme.ID, access.MainAdministrator)
			is(t, w, user.Token, acme.ID, access.Member)
		}
	})
	t.Run("an administrator's after eight hours", func(t *testing.T) {
		w.Move(59 * time.Minute)
		is(t, w, administrator.Token, acme.ID, access.MainAdministrator)
		is(t, w, user.Token, acme.ID, access.Member)
		w.Move(9 * time.Minute)
		refused(t, w, administrator.Token, acme.ID, "unauthenticated")
		is(t, w, user.Token, acme.ID, access.Member)
	})
	t.Run("a user's after a day", func(t *testing.T) {
		for range 16 {
			w.Move(58 * time.Minute)
			is(t, w, user.Token, acme.ID, access.Member)
		}
		w.Move(50 * time.Minute)
		refused(t, w, user.Token, acme.ID, "unauthenticated")
	})
	t.Run("unused ones after an hour", func(t *testing.T) {
		w.SignIn(user)
		w.Move(61 * time.Minute)
		refused(t, w, user.Token, acme.ID, "unauthenticated")
	})
}

func TestPER3ActingAcrossTreesTakesASecondFactor(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	partner := w.Tree(tenant.Partner)
	client := w.ClientOf(partner, tenant.ManageAccess)
	p := w.Person(partner.Administrator)
	may := func(token, org string, right access.Right) string {
		c, refused := identify(t, w, token, org)
		if refused != "" {
			t.Fatal(refused)
		}
		if e := problem.As(c.May(right)); e != nil {
			return e.Slug
		}
		return ""
	}
	plain := w.Key(p, partner.Administrator, func(k *people.APIKey) { k.SecondFactor = false })
	strong := w.Key(p, partner.Administrator, nil)
	if got := may(p.Token, client.ID, access.EditGeneral); got != "" {
		t.Errorf("with a second factor: %s", got)
	}
	p.Session.SecondFactor = false
	w.Keep(p)
	for name, c := range map[string]struct{ token, org, want string }{
		"a session without, in a client":  {p.Token, client.ID, "second-factor-required"},
		"a session without, at home":      {p.Token, partner.ID, ""},
		"a key made without, in a client": {plain, client.ID, "second-factor-required"},
		"a key made with, in a client":    {strong, client.ID, ""},
	} {
		if got := may(c.token, c.org, access.EditGeneral); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	if got := may(p.Token, "", access.CreateClients); got != "second-factor-required" {
		t.Errorf("creating clients without one: %q", got)
	}
	if got := may(strong, "", access.CreateClients); got != "" {
		t.Errorf("creating clients with one: %q", got)
	}
}

func TestPER3WhatAClientGrantsHoldsAtOnce(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	partner := w.Tree(tenant.Partner)
	client := w.ClientOf(partner, tenant.ManageAccess)
	sub := w.Under(client)
	p := w.Person(partner.Administrator)
	for granted, want := range map[tenant.PartnerAccess]access.Relation{
		tenant.ManageAccess: access.ManagingPartner, tenant.ReadAccess: access.ReadingPartner, tenant.NoAccess: access.Stranger, "": access.Stranger, "all": access.Stranger,
	} {
		w.Commit(func(tx *table.Tx) { tx.Update(table.Touch(client.Key()).Set("partnerAccess", granted)) })
		is(t, w, p.Token, client.ID, want)
		is(t, w, p.Token, sub.ID, want)
	}
}

func TestGEN5ASuspendedTreeIsToldSo(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	platform, acme := w.Tree(tenant.Platform), w.Tree(tenant.Client)
	root, p := w.Person(platform.Administrator), w.Person(acme.Administrator)
	key := w.Key(p, acme.Administrator, nil)
	suspend := func(to bool) {
		w.Commit(func(tx *table.Tx) { tx.Update(table.Touch(table.AccessKey(acme.ID)).Set("suspended", to)) })
	}
	suspend(true)
	refused(t, w, p.Token, acme.ID, "suspended")
	refused(t, w, p.Token, "", "suspended")
	refused(t, w, key, acme.ID, "suspended")
	is(t, w, root.Token, acme.ID, access.PlatformAdministrator)
	suspend(false)
	is(t, w, p.Token, acme.ID, access.MainAdministrator)
	is(t, w, key, acme.ID, access.MainAdministrator)
}

func TestLOG7Keys(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	w.Person(acme.Administrator)
	maker := w.Person(acme.Administrator)
	key := w.Key(maker, acme.Administrator, nil)

	t.Run("act with their role", func(t *testing.T) {
		is(t, w, key, acme.ID, access.MainAdministrator)
		is(t, w, w.Key(maker, acme.User, nil), acme.ID, access.Member)
	})
	t.Run("end when they expire", func(t *testing.T) {
		short := w.Key(maker, acme.User, func(k *people.APIKey) { k.EndsAt = w.Clock().Add(time.Hour).Unix() })
		is(t, w, short, acme.ID, access.Member)
		w.Move(time.Hour)
		refused(t, w, short, acme.ID, "unauthenticated")
	})
	t.Run("are told apart from typing errors", func(t *testing.T) {
		refused(t, w, key[:len(key)-1]+"!", acme.ID, "unauthenticated")
		last := "A" // another character of the alphabet than the one that is there
		if strings.HasSuffix(key, last) {
			last = "B"
		}
		refused(t, w, key[:len(key)-1]+last, acme.ID, "mistyped-key")
	})
	t.Run("do not pass for one another", func(t *testing.T) {
		var stored people.APIKey
		other := w.Key(maker, acme.Administrator, func(k *people.APIKey) { stored = *k })
		stored.Hash = "another"
		w.Commit(func(tx *table.Tx) { tx.Put(stored.Key(), &stored) })
		refused(t, w, other, acme.ID, "unauthenticated")
	})
	t.Run("outlive their maker by the time of grace only", func(t *testing.T) {
		w.Change(maker, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, maker.User, w.Clock()) })
		w.Move(accesstest.KeyGrace)
		is(t, w, key, acme.ID, access.MainAdministrator)
		w.Move(time.Second)
		refused(t, w, key, acme.ID, "unauthenticated")
	})
	t.Run("go on when the maker comes back", func(t *testing.T) {
		w.Change(maker, func(tx *table.Tx, edit *table.Change) { people.Activate(tx, edit, maker.User, nil, w.Clock()) })
		is(t, w, key, acme.ID, access.MainAdministrator)
	})
}

func TestPER6WhatIsDelicateTakesARecentSignIn(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	p := w.Person(acme.Administrator)
	fresh := func(token string) string {
		c, refused := identify(t, w, token, acme.ID)
		if refused != "" {
			t.Fatal(refused)
		}
		e := problem.As(c.Fresh())
		if e == nil {
			return ""
		}
		if e.Slug == "reauthentication-required" && len(e.Ways) == 0 {
			t.Error("it does not say how to sign in again")
		}
		return e.Slug
	}
	scoped := w.Key(p, acme.Administrator, nil)
	plain := w.Key(p, acme.Administrator, func(k *people.APIKey) { k.Delicate = false })
	w.Move(10 * time.Minute)
	for name, c := range map[string]struct{ token, want string }{
		"a session of ten minutes": {p.Token, ""}, "a key with the scope": {scoped, ""}, "a key without it": {plain, "forbidden"},
	} {
		if got := fresh(c.token); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
	w.Move(time.Second)
	if got := fresh(p.Token); got != "reauthentication-required" {
		t.Errorf("a session a second older: %q", got)
	}
}

func TestNobodyComesWithoutAToken(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	p, other := w.Person(acme.User), w.Person(acme.User)
	for name, token := range map[string]string{
		"none":                         "",
		"some text":                    "Bearer",
		"a session of somebody else's": p.Token[:len("tnt_ses_")+len(p.Root)+1] + other.ID + p.Token[len("tnt_ses_")+len(p.Root)+1+len(p.ID):],
		"a session as a key":           "tnt_key_" + p.Token[len("tnt_ses_"):],
	} {
		if _, got := identify(t, w, token, acme.ID); got != "unauthenticated" && got != "mistyped-key" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestALastUseIsWrittenEveryFiveMinutesAtMost(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	p := w.Person(acme.Administrator)
	var stored people.APIKey
	key := w.Key(p, acme.Administrator, func(k *people.APIKey) { stored = *k })
	used := func() string {
		is(t, w, key, acme.ID, access.MainAdministrator)
		var k people.APIKey
		if _, err := w.Table.Get(t.Context(), stored.Key(), &k); err != nil {
			t.Fatal(err)
		}
		if k.LastUsedFrom != "192.0.2.1" || k.Version != stored.Version {
			t.Errorf("used from %q, version %d", k.LastUsedFrom, k.Version)
		}
		return k.LastUsedAt
	}
	first := used()
	w.Move(5 * time.Minute)
	if again := used(); again != first {
		t.Errorf("written again after five minutes: %s, %s", first, again)
	}
	w.Move(time.Second)
	if later := used(); later == first {
		t.Error("not written after more than five minutes")
	}
}
