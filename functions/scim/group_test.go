package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
)

// TestSCI10_AsManyMembersAsAreAnsweredCanBeSent fills a page of 100 groups, which is what Okta asks for and cannot ask for less of.
func TestSCI10_AsManyMembersAsAreAnsweredCanBeSent(t *testing.T) {
	t.Parallel()
	for _, members := range []int{mostDescribedOfAll, mostDescribedOfAll + 1, 40_000, mostMembers} {
		t.Run(fmt.Sprint(members), func(t *testing.T) {
			t.Parallel()
			page := aPage(members, 100)
			if err := page.encode(); err != nil {
				t.Error(err)
			}
			if got := strings.Contains(string(page.text), `"$ref"`); got != (members <= mostDescribedOfAll) {
				t.Errorf("that they are described is %t", got)
			}
		})
	}
}

// aPage is an answer with so many groups, which have so many members together.
func aPage(members, groups int) *reply {
	base := "https://settings.customers.example-company.com/scim/v2/" + id.New(id.Connection)
	list := scim.List{Total: groups, Start: 1}
	for n := range groups {
		users := make([]string, members/groups)
		for i := range users {
			users[i] = id.New(id.User)
		}
		group := &scim.Resource{Type: scim.Group, Values: scim.Object{"id": id.New(id.Group), "displayName": fmt.Sprint("Group ", n)}}
		group.Values["members"] = scim.MembersOf(base, users, len(users) > describedOf(members))
		list.Resources = append(list.Resources, group.Values)
	}
	return &reply{status: 200, body: list}
}
