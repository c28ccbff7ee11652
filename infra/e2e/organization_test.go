package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// organization is what these tests read of one.
type organization struct {
	Status               string
	Members              int
	WithoutAdministrator bool
}

func readOrganization(t testing.TB, p Person, org string) (organization, Answer) {
	t.Helper()
	var o organization
	answer := p.Do(t, "GET", "/v1/organizations/"+org, nil).Expect(t, http.StatusOK)
	answer.JSON(t, &o)
	return o, answer
}

func TestGEN3_ReadingCostsTheSameFor10And2000Members(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	few, many := newTree(t), newTree(t)
	loadMembers(t, few, 7)
	loadMembers(t, many, 1997)
	read := func(tree *Tree, members int) cost {
		one, answer := readOrganization(t, tree.Admin, tree.Org)
		if one.Members != members || one.WithoutAdministrator {
			t.Errorf("%+v, not %d members", one, members)
		}
		return costOf(t, answer)
	}
	if small, large := read(few, 10), read(many, 2000); small != large || small.roundTrips > 3 {
		t.Errorf("10 members cost %+v, 2,000 cost %+v", small, large)
	}
}

// cost is what a request took of the table.
type cost struct {
	roundTrips, itemsRead int
	readUnits             float64
}

func costOf(t testing.TB, answer Answer) (sum cost) {
	t.Helper()
	for _, call := range callsOf(t, answer) {
		if call.Service == "dynamodb" {
			sum.roundTrips, sum.itemsRead, sum.readUnits = sum.roundTrips+1, sum.itemsRead+call.ItemsRead, sum.readUnits+call.ReadUnits
		}
	}
	return sum
}

// loadMembers writes users into the main organization past the product, with all shards of their count, of which a new
// organization has only those that somebody counted on.
func loadMembers(t testing.TB, tree *Tree, n int) {
	t.Helper()
	var items []map[string]any
	role := tree.Roles[tree.Org].User
	for i := range n {
		id, email := fmt.Sprintf("usr_%s%04d", strings.ToUpper(unique()), i), fmt.Sprintf("load-%s-%d@acme.example", unique(), i)
		items = append(items, map[string]any{"pk": "TREE#" + tree.Org, "sk": "USER#" + id, "id": id, "root": tree.Org, "organization": tree.Org, "role": role,
			"portal": "user", "status": "active", "email": email, "name": "Loaded", "version": 1, "gsi1pk": "USERS#" + tree.Org, "gsi1sk": "loaded#" + id},
			map[string]any{"pk": "TREE#" + tree.Org, "sk": "ADDRESS#" + email, "user": id})
	}
	counted := rawTable(t).partition(t, "COUNTS#"+tree.Org)
	for _, of := range []string{role, tree.Roles[tree.Org].Administrator} {
		for shard := range 16 {
			sk := fmt.Sprintf("ORG#%s#MEMBERS#%s#%02d", tree.Org, of, shard)
			was, _ := counted[sk]["n"].(float64)
			if of == role && shard == 7 {
				was += float64(n)
			}
			items = append(items, map[string]any{"pk": "COUNTS#" + tree.Org, "sk": sk, "n": was})
		}
	}
	rawTable(t).write(t, items)
}

func TestGEN2_MembersAreCountedWhileManyAreInvited(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	before, _ := readOrganization(t, tree.Admin, tree.Org)
	var invited sync.WaitGroup
	for range 12 {
		invited.Go(func() {
			tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", map[string]string{"email": unique() + "@acme.example", "name": "Many", "roleId": tree.Roles[tree.Org].User})
		})
	}
	invited.Wait()
	after, _ := readOrganization(t, tree.Admin, tree.Org)
	if before.Members != 3 || after.Members != 15 || before.WithoutAdministrator {
		t.Errorf("members %d, then %d", before.Members, after.Members)
	}
	inOrder(t, tree.Org)
}

func TestGEN2AClientChoosesAPartnerByItsCode(t *testing.T) {
	t.Parallel()
	tree, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	path := "/v1/organizations/" + tree.Org
	var made struct{ Code string }
	partner.Admin.Do(t, "POST", "/v1/organizations/"+partner.Org+"/partner-codes", nil).Expect(t, 201).JSON(t, &made)
	partner.Admin.Do(t, "GET", path, nil).Expect(t, 404)
	tree.Admin.Do(t, "PUT", path+"/partner", map[string]string{"code": made.Code}).Expect(t, 200)
	tree.Admin.Do(t, "PUT", path+"/partner", map[string]string{"code": made.Code}).Expect(t, 422)
	partner.Admin.Do(t, "GET", path, nil).Expect(t, 404)
	tree.Admin.Do(t, "PATCH", path, map[string]string{"partnerAccess": "read"}).Expect(t, 200)
	partner.Admin.Do(t, "GET", path, nil).Expect(t, 200)
	partner.Admin.Do(t, "PATCH", path, map[string]string{"name": "X"}).Expect(t, 403)
	tree.Admin.Do(t, "PATCH", path, map[string]string{"partnerAccess": "manage"}).Expect(t, 200)
	partner.Admin.Do(t, "PATCH", path, map[string]string{"name": "Looked after"}).Expect(t, 200)
	comesTrue(t, "the partner lists its client", func() bool {
		return slices.Contains(listedNames(t, partner.Admin, "/v1/organizations"), "Looked after")
	})
	for _, administrator := range []Person{tree.Admin, tree.Second} {
		comesTrue(t, "the administrators are told", func() bool { return len(mailsTo(t, administrator.Email)) >= 4 })
	}
	tree.Admin.Do(t, "DELETE", path+"/partner", nil).Expect(t, 204)
	partner.Admin.Do(t, "GET", path, nil).Expect(t, 404)
}

func TestGEN4ASuborganizationIsDeletedOnceItIsEmpty(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := "/v1/organizations/" + tree.Subs[0]
	left := tree.Admin.Do(t, "DELETE", sub, nil).Expect(t, 409)
	if !strings.Contains(string(left.Body), "2 users, 1 API key.") {
		t.Errorf("it names %s", left.Body)
	}
	tree.Admin.Do(t, "DELETE", sub+"/api-keys/"+strings.Split(tree.Sub.Key, ".")[2], nil).Expect(t, 204)
	for _, member := range []Person{tree.Sub, tree.SubOne} {
		tree.Admin.Do(t, "DELETE", sub+"/users/"+member.ID, nil).Expect(t, 204)
	}
	tree.Admin.Do(t, "DELETE", sub, nil).Expect(t, 204)
	tree.Admin.Do(t, "GET", sub, nil).Expect(t, 404)
	comesTrue(t, "it is not listed any more", func() bool {
		return len(listedNames(t, tree.Admin, "/v1/organizations/"+tree.Org+"/suborganizations")) == 1
	})
	inOrder(t, tree.Org)
}

func TestGEN5ASuspendedTreeIsToldSoAndLosesNothing(t *testing.T) {
	t.Parallel()
	tree, root := newTree(t), platform(t)
	path := "/v1/organizations/" + tree.Org
	root.DoWithKey(t, "POST", path+"/suspend", nil).Expect(t, 204)
	for _, p := range []Person{tree.Admin, tree.User, tree.Sub} {
		if answer := p.Do(t, "GET", "/v1/organizations/"+p.Org, nil).Expect(t, 403); !strings.Contains(string(answer.Body), "problem:suspended") {
			t.Errorf("answered %s", answer.Body)
		}
	}
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 403)
	root.DoWithKey(t, "POST", path+"/resume", nil).Expect(t, 204)
	if o, _ := readOrganization(t, tree.Admin, tree.Org); o.Status != "active" || o.Members != 3 {
		t.Errorf("resumed as %+v", o)
	}
	tree.Sub.DoWithKey(t, "GET", "/v1/organizations/"+tree.Sub.Org, nil).Expect(t, 200)
}

func TestAPI1TheDescriptionIsServed(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("../openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if served := stack.Do(t, "GET", "/openapi.json", nil).Expect(t, 200); string(served.Body) != string(want) {
		t.Error("/openapi.json is not infra/openapi.json: build the functions again")
	}
	stack.Do(t, "GET", "/healthz", nil).Expect(t, 200)
}

// listedNames are the names of a list's first page.
func listedNames(t testing.TB, p Person, path string) []string {
	t.Helper()
	var page struct{ Items []struct{ Name string } }
	p.Do(t, "GET", path, nil).Expect(t, 200).JSON(t, &page)
	names := []string{}
	for _, item := range page.Items {
		names = append(names, item.Name)
	}
	return names
}
