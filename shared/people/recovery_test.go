package people_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestLOG11_WhatVoidsALinkForRecovery(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		user func(*people.User)
		mark bool
		good bool
	}{
		"nothing":          {user: func(*people.User) {}, good: true},
		"a deactivation":   {user: func(u *people.User) { u.Status = people.Inactive }},
		"a demotion":       {user: func(u *people.User) { u.Portal = people.UserAccess }},
		"a move":           {user: func(u *people.User) { u.Organization = "org_other" }},
		"ended sessions":   {user: func(u *people.User) { u.Epoch++ }},
		"another address":  {user: func(u *people.User) { u.Email = "other@acme.example" }},
		"an address taken": {user: func(u *people.User) { u.Email = "" }},
		"a restore":        {user: func(*people.User) {}, mark: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := accesstest.New(t)
			u := w.Person(w.Tree(tenant.Client).Administrator).User
			var token string
			w.Commit(func(tx *table.Tx) { token = people.GiveRecovery(tx, u, w.Clock()) })
			var link people.RecoveryLink
			if found, err := w.Table.Get(t.Context(), people.RecoveryLinkKey(u.ID), &link); !found || err != nil {
				t.Fatal(err)
			}
			_, hash, err := secret.Parse(secret.Recovery, token)
			if err != nil {
				t.Fatal(err)
			}
			var mark restore.Mark
			if change.mark {
				mark.At = w.Clock().UnixMilli()
			}
			change.user(u)
			if link.Opens(hash, u, mark) != change.good || link.Opens("another", u, mark) {
				t.Errorf("opens: %t", !change.good)
			}
		})
	}
}
