package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestSCI9_WhoIsInManyGroupsIsDeletedAndCountedOnce(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada := i.bring(t, "ada@"+i.domain).ID
	for k := range 33 {
		i.group(t, "G"+strings.Repeat("x", k), ada)
	}
	actions := map[string]int{}
	for _, event := range eventsOfRequest(t, i.call(t, "DELETE", "/Users/"+ada, "").Expect(t, 204)) {
		actions[event.text("action")]++
	}
	if actions["user.deleted"] != 1 || actions["user.deactivated"] != 0 || actions["membership.removed"] != 2 {
		t.Errorf("recorded: %v", actions)
	}
	left := 0
	for sk, item := range rawTable(t).partition(t, "CONNECTION#"+i.id) {
		if n, is := item["n"].(float64); is && strings.HasPrefix(sk, "DEPARTURES#") {
			left += int(n)
		}
	}
	if left != 1 {
		t.Errorf("%d are counted who left", left)
	}
	inOrder(t, i.tree.Org)
}

func TestSCI9_TheLogSaysWhatWasTakenLeniently(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	u := i.bring(t, "ada@"+i.domain)
	i.list(t, "?filter="+url.QueryEscape("externalId eq jyoung"))
	i.call(t, "PATCH", "/Users/"+u.ID, `{"Operations":[{"op":"add","value":{"shoeSize":"41"}}]}`).Expect(t, 200)
	var page struct {
		Items []struct {
			Method string
			Notes  []string
		}
	}
	i.tree.Admin.DoWithKey(t, "GET", scimOf(i.tree.Org, i.id)+"/requests", nil).Expect(t, 200).JSON(t, &page)
	patched, listed, made := page.Items[0].Notes, page.Items[1].Notes, page.Items[2].Notes
	if !slices.Equal(listed, []string{"the filter compares externalId with a text without quotes"}) || len(made) != 0 {
		t.Errorf("%q, %q", listed, made)
	}
	if len(patched) != 2 || !strings.Contains(patched[0], "PatchOp") || !strings.Contains(patched[1], "shoeSize") {
		t.Errorf("%q", patched)
	}
}

func TestPER7_AnAdministratorWhoComesBackBySCIMIsTold(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	address := "boss-" + unique() + "@" + i.domain
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Boss", "email": address, "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201)
	boss := i.bring(t, address).ID
	told := func() (n int) {
		for _, mail := range mailsTo(t, tree.Admin.Email) {
			if strings.Contains(mail.Text, "(SCIM)") {
				n++
			}
		}
		return n
	}
	i.patch(t, boss, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	i.patch(t, boss, `{"op":"replace","path":"active","value":true}`).Expect(t, 200)
	comesTrue(t, "a mail that tells of the administrator", func() bool { return told() == 1 })
	now := "chief-" + unique() + "@" + i.domain
	i.patch(t, boss, `{"op":"replace","path":"userName","value":"`+now+`"}`).Expect(t, 200)
	i.patch(t, boss, `{"op":"replace","path":"emails","value":[{"value":"`+now+`","type":"work","primary":true}]}`).Expect(t, 200)
	comesTrue(t, "a mail to the address of before", func() bool {
		return slices.ContainsFunc(mailsTo(t, address), func(m Mail) bool { return strings.Contains(m.Subject, "address") })
	})
	if told() != 1 {
		t.Errorf("told %d times", told())
	}
	inOrder(t, tree.Org)
}

func TestUSR1_WhatTheIdPSendsIsShownOnOneLine(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	var u aSCIMUser
	i.call(t, "POST", "/Users", `{"userName":"ada@`+i.domain+`","displayName":"Ada\n\u202eByron","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R\u0001\u2028D`+strings.Repeat("d", 200)+`"}}`).Expect(t, 201).JSON(t, &u)
	got := i.stored(t, u.ID)
	if got.text("name") != "Ada  Byron" || got.text("department") != "R  D"+strings.Repeat("d", 96) {
		t.Errorf("kept: %q, %q", got.text("name"), got.text("department"))
	}
	if u.DisplayName != "Ada\n\u202eByron" {
		t.Errorf("answered: %q", u.DisplayName)
	}
	g := i.group(t, "Crew\u0007\r\n"+strings.Repeat("x", 300))
	if kept := rawTable(t).item(t, "SCIM#"+i.id, "DOC#"+g.ID).text("name"); kept != "Crew   "+strings.Repeat("x", 249) || len(g.DisplayName) != 307 {
		t.Errorf("kept: %q; answered: %q", kept, g.DisplayName)
	}
}

func TestSCI1_HeadIsAnsweredAsGetWithoutBody(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	u := i.bring(t, "ada@"+i.domain)
	for path, status := range map[string]int{"/Users": 200, "/Users/" + u.ID: 200, "/Groups": 200, "/Schemas": 200, "/Users/usr_nobody": 404} {
		head, get := i.call(t, "HEAD", path, ""), i.call(t, "GET", path, "")
		if head.Status != status || get.Status != status || len(head.Body) != 0 || head.Header.Get("ETag") != get.Header.Get("ETag") || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: %d %v %s", path, head.Status, head.Header, head.Body)
		}
	}
}
