package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	mapping "github.com/tenantry/tenantry/shared/directory"
)

// much is a tree with many organizations, in each of which somebody makes a key, who is in many mapped groups besides.
type much struct {
	*idp
	subs   []string
	groups []string
}

const (
	manySubs      = 50 // as many as one person makes keys in
	manyGroups    = 34
	manyAddresses = 30
)

func newMuch(t *testing.T) *much {
	t.Helper()
	tree := newTree(t)
	m := &much{idp: tree.idp(t, false)}
	for range manySubs {
		m.subs = append(m.subs, newSub(t, tree))
	}
	var list []mapping.Mapped
	for n := range manyGroups {
		group := m.push(t, fmt.Sprint("Crew ", n))
		m.groups = append(m.groups, group)
		list = append(list, mapping.Mapped{Group: group, Connection: m.id, Organization: tree.Org, Role: tree.Roles[tree.Org].Administrator, Administrator: true})
	}
	m.maps(t, list...)
	return m
}

// maker is an administrator who makes a key in each organization.
func (m *much) maker(t *testing.T, name string) Person {
	t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "-" + unique() + "@" + m.domain
	m.tree.Admin.DoWithKey(t, "POST", usersOf(m.tree.Org), map[string]string{"email": email, "name": name, "roleId": m.tree.Roles[m.tree.Org].Administrator}).Expect(t, 201)
	maker := accepted(t, email, m.tree.Org, m.tree.Org)
	var making sync.WaitGroup
	for part := range slices.Chunk(m.subs, manySubs/4+1) {
		making.Go(func() {
			for _, sub := range part {
				var roles struct{ Items []struct{ ID, Access string } }
				m.tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+sub+"/roles", nil).Expect(t, 200).JSON(t, &roles)
				maker.Do(t, "POST", keysOf(sub), map[string]any{"name": "Sync", "roleId": roles.Items[0].ID}).Expect(t, 201)
			}
		})
	}
	making.Wait()
	return maker
}

// provisioned has the IdP bring somebody who is there already, with all that one user can have, into all groups.
func (m *much) provisioned(t *testing.T, p Person) aSCIMUser {
	t.Helper()
	u := aSCIMUser{}
	m.call(t, "POST", "/Users", m.with(p.Email, "a")).Expect(t, 201).JSON(t, &u)
	for _, group := range m.groups {
		m.regroup(t, group, adding(t, u.ID)).Expect(t, 204)
	}
	return u
}

// with is the user with as many addresses as there can be.
func (m *much) with(email, prefix string) string {
	var emails []string
	for n := range manyAddresses {
		emails = append(emails, fmt.Sprintf(`{"type":"work","value":"%s%d-%s"}`, prefix, n, email))
	}
	return strings.Replace(m.person(email), `"emails":[`, `"emails":[`+strings.Join(emails[1:], ",")+`,`, 1)
}

// told waits until the administrator got a letter of each organization, and none twice.
func (m *much) told(t *testing.T, of string) {
	t.Helper()
	var letters []string
	comesTrue(t, "a letter of each organization", func() bool {
		letters = nil
		for _, mail := range mailsTo(t, m.tree.Admin.Email) {
			if strings.Contains(mail.Subject, "will end") && strings.Contains(mail.Text, of) {
				letters = append(letters, mail.Subject)
			}
		}
		return len(letters) >= manySubs
	})
	slices.Sort(letters)
	if n := len(slices.Compact(letters)); n != manySubs || len(letters) != manySubs {
		t.Errorf("%d letters of %d organizations", len(letters), n)
	}
}

// left expects that nothing counts the user as there.
func (m *much) left(t *testing.T, id string) {
	t.Helper()
	if rawTable(t).item(t, "USER#"+id, "LEFT") == nil {
		t.Error("the keys go on for ever")
	}
	counts := map[string]float64{}
	for key, row := range rawTable(t).partition(t, "COUNTS#"+m.tree.Org) {
		if name := key[:strings.LastIndexByte(key, '#')]; strings.HasSuffix(name, "#MEMBERS") || strings.HasSuffix(name, "#CONFLICTS") {
			n, _ := row["n"].(float64)
			counts[name] += n
		}
	}
	for name, n := range counts {
		if strings.HasPrefix(name, "GROUP#") && n != 0 {
			t.Errorf("%s counts %g", name, n)
		}
	}
	inOrder(t, m.tree.Org)
}

func TestSCI7_WhoMadeKeysInVeryManyOrganizationsLeavesAtOnce(t *testing.T) {
	t.Parallel()
	m := newMuch(t)

	gone := m.maker(t, "Gone By Scim")
	u := m.provisioned(t, gone)
	m.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
	gone.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	m.told(t, gone.Email)
	m.left(t, u.ID)

	off := m.maker(t, "Off By Scim")
	u = m.provisioned(t, off)
	m.maps(t) // all of them are cleared, and nobody has looked at the user since
	m.call(t, "PUT", "/Users/"+u.ID, strings.Replace(m.with(off.Email, "b"), `"active":true`, `"active":false`, 1)).Expect(t, 200)
	off.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	m.told(t, off.Email)
	if row := m.stored(t, u.ID); row["conflicts"] != nil || row["role"] != nil || row.text("status") != "inactive" {
		t.Errorf("%v", row)
	}
	m.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
	m.left(t, u.ID)
}
