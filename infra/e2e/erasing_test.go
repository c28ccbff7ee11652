package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/blob"
)

// This file erases closed organizations, and looks at all that is stored for what is left of them.

// shortest is the least that ErasureDays can be: whatever is kept for a shorter time has expired when the erasing begins.
const shortest = 7 * 24 * time.Hour

// furnish gives a client one of everything: domains, files, an export, a key of its partner's people, somebody who left, and
// a partner that it had before.
func furnish(t testing.TB, tree *Tree) (needles []string) {
	t.Helper()
	former := newTreeOf(t, platform(t), "partner")
	tree.partner(t)
	employ(t, tree, former, "read")
	employ(t, tree, tree.Partner, "manage")
	tree.Partner.Admin.Do(t, "POST", keysOf(tree.Org), map[string]any{"name": "Partner's", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	left := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+left.ID, nil).Expect(t, 204)
	until(t, not(there("TIMER#person#"+tree.Org+"/"+left.ID, "TIMER")))
	invited := inviteOnly(t, tree, tree.Roles[tree.Org].User)
	domains := []string{someDomain(), someDomain(), someDomain()}
	tree.verified(t, tree.Org, domains[0])
	tree.verified(t, tree.Subs[0], domains[1])
	tree.register(t, tree.Subs[0], domains[2])
	tree.active(t, tree.Org, domains[0])
	tree.begin(t, tree.Subs[0], "entra")
	taken(t, tree.Admin, tree.Org, "logo", "photo.png")
	uploaded(t, tree.Sub, tree.Subs[0], "cover", "photo.png")
	tree.awaitExport(t, tree.beginExport(t))
	keepFiles(t, append([]string{tree.Org}, tree.Subs...)...)
	_, synced := tree.pendingGroup(t, tree.pusher(t), 2)
	tree.syncs(t, "apply", "")
	needles = append(slices.Clone(tree.Subs), tree.Org, left.Email, left.ID, invited, synced[0], synced[1])
	for _, p := range []Person{tree.Admin, tree.Second, tree.User, tree.Sub, tree.SubOne} {
		needles = append(needles, p.Email, p.ID)
	}
	return append(needles, domains...)
}

// keepFiles puts a file for each use into the bucket.
func keepFiles(t testing.TB, orgs ...string) {
	t.Helper()
	for _, org := range orgs {
		for _, prefix := range []string{blob.Images, blob.Uploads, blob.Exports} {
			if err := bucket(t).Put(t.Context(), prefix+org+"/file", []byte("of "+org), blob.Headers{Type: "text/plain"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// expire has the time of a closed tree be over.
func expire(t testing.TB, root string) {
	t.Helper()
	const past = "2026-01-01T00:00:00.000Z"
	state, timer := rawTable(t).item(t, "TREE#"+root, "ACCESS"), rawTable(t).item(t, "TIMER#erasure#"+root, "TIMER")
	state["erasesAt"], timer["due"], timer["gsi2sk"] = past, past, past+"#"+root
	rawTable(t).write(t, []map[string]any{state, timer})
}

// erased runs the schedule until the tree is gone: until the erasing is announced, and then with a clock that is ahead by more
// than it waits.
func erased(t testing.TB, root string) {
	t.Helper()
	until(t, is(attribute("TREE#"+root, "ACCESS", "erasing"), "true"))
	gone := not(there("TREE#"+root, "ACCESS"))
	later(t, 2*time.Minute, gone)
	stack.Local(t, "POST", "queues/idle", nil)
}

func TestGEN6_NothingIsLeftOfAnErasedClient(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	needles := furnish(t, tree)
	closeOrganization(t, tree.Admin, tree.Org)
	until(t, func(t testing.TB) bool { return rawTable(t).item(t, "TREE#"+tree.Org, "ACCESS") != nil })
	platform(t).DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200) // not before its time
	events := eventsOf(platform(t).Org, "organization.erased")
	before := events(t)
	expire(t, tree.Org)
	erased(t, tree.Org)

	nothingOf(t, dump(t, time.Now().Add(shortest)), needles...)
	platform(t).DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 404)
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 404)
	if events(t) <= before {
		t.Error("the platform's audit does not say that something was erased")
	}
	inOrder(t, tree.Partner.Org)
	closeOrganization(t, tree.Partner.Admin, tree.Partner.Org) // which has no client any more
}

func TestGEN6_NothingIsLeftOfAnErasedPartner(t *testing.T) {
	t.Parallel()
	client := newTree(t)
	partner := client.partner(t)
	employ(t, client, partner, "manage")
	partner.Admin.Do(t, "POST", keysOf(client.Org), map[string]any{"name": "Partner's", "roleId": client.Roles[client.Org].User}).Expect(t, 201)
	partner.Admin.Do(t, "PATCH", "/v1/organizations/"+client.Subs[0], map[string]string{"description": "by the partner"}).Expect(t, 200)
	d := partner.verified(t, partner.Org, someDomain())
	keepFiles(t, partner.Org)
	client.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+client.Org+"/partner", nil).Expect(t, 204)
	closeOrganization(t, partner.Admin, partner.Org)
	expire(t, partner.Org)
	erased(t, partner.Org)

	nothingOf(t, dump(t, time.Now().Add(shortest)), partner.Org, partner.Admin.Email, partner.Second.Email, partner.User.Email, d.Name)
	named := 0
	for _, event := range rawTable(t).list(t, 1, "AUDIT#"+client.Org, "") {
		for _, values := range []string{"before", "after"} {
			if of, _ := event[values].(map[string]any); of["partner"] == "erased" {
				named++
			}
		}
	}
	if named != 2 || below("TREE#"+client.Org, "KEY#")(t) != 3 {
		t.Errorf("the client's audit names an erased partner %d times; it has %d keys", named, below("TREE#"+client.Org, "KEY#")(t))
	}
	inOrder(t, client.Org)
}

// kept are the items of the table in which one of the needles stands, as they are stored.
func kept(t testing.TB, needles ...string) (items []map[string]types.AttributeValue) {
	t.Helper()
	o := rawTable(t)
	pages := dynamodb.NewScanPaginator(o.client, &dynamodb.ScanInput{TableName: &o.name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			text := asText(t, asRow(t, item))
			if !strings.Contains(text, `"pk":"RATE#`) && slices.ContainsFunc(needles, func(needle string) bool { return strings.Contains(text, needle) }) {
				items = append(items, item)
			}
		}
	}
	return items
}

// put writes items back as they were.
func (o owned) put(t testing.TB, items []map[string]types.AttributeValue) {
	t.Helper()
	for some := range slices.Chunk(items, 25) {
		var puts []types.WriteRequest
		for _, item := range some {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		for left := map[string][]types.WriteRequest{o.name: puts}; len(left) > 0; {
			out, err := o.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: left})
			if err != nil {
				t.Fatal(err)
			}
			left = out.UnprocessedItems
		}
	}
}

// left are those of the items that are there, as they are now.
func (o owned) left(t testing.TB, items []map[string]types.AttributeValue) (found []row) {
	t.Helper()
	for some := range slices.Chunk(items, 100) {
		var asked types.KeysAndAttributes
		for _, item := range some {
			asked.Keys = append(asked.Keys, map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]})
		}
		for left := map[string]types.KeysAndAttributes{o.name: asked}; len(left) > 0; {
			out, err := o.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: left})
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range out.Responses[o.name] {
				found = append(found, asRow(t, item))
			}
			left = out.UnprocessedKeys
		}
	}
	return found
}

// goOn invokes the worker with the message of a job, as the queue would, with faults, and gives the number of its calls.
func goOn(t testing.TB, root, job, faults string) (calls int) {
	t.Helper()
	body := asText(t, map[string]any{"version": 1, "kind": "job", "id": job, "tree": root})
	event := map[string]any{"Records": []any{map[string]any{"messageId": "1", "body": body, "eventSource": "aws:sqs"}}}
	var headers []string
	if faults != "" {
		headers = []string{"X-Local-Fault", faults}
	}
	answer := stack.Do(t, "POST", "/_local/invoke/WorkerFunction", event, headers...)
	if faults == "" && (answer.Status != 200 || strings.Contains(string(answer.Body), "itemIdentifier")) {
		t.Fatalf("the job did not go on: %d %s", answer.Status, answer.Body)
	}
	return len(allCallsOf(t, answer))
}

// A tree is erased again and again, the worker killed at each of its calls in turn, before it is done and after: the end is
// always the same, and comes once, which the count of the partner's clients shows. Several trees share the calls. With FAULTS=some,
// every eighth call is, one way or the other, in one tree.
func TestFaultsWholeGEN6_ErasingEndsTheSameWhereverTheWorkerIsKilled(t *testing.T) {
	t.Parallel()
	trees := 4
	if os.Getenv("FAULTS") == "some" {
		trees = 1
	}
	for which := range trees {
		t.Run(fmt.Sprintf("tree %d of %d", which+1, trees), func(t *testing.T) {
			t.Parallel()
			eraseAgainAndAgain(t, func(call int) bool { return call%trees == which })
		})
	}
}

// eraseAgainAndAgain kills the worker at those of its calls that are this tree's.
func eraseAgainAndAgain(t *testing.T, mine func(call int) bool) {
	tree := newTree(t)
	needles := furnish(t, tree)
	closeOrganization(t, tree.Admin, tree.Org)
	stack.Local(t, "POST", "queues/idle", nil)
	job := "job_" + ulid.Make().String()
	state, now := rawTable(t).item(t, "TREE#"+tree.Org, "ACCESS"), time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00")
	state["erasing"], state["erasure"] = true, job
	watch := tree.Org + "/" + job
	rawTable(t).write(t, []map[string]any{state, {"pk": "TREE#" + tree.Org, "sk": "JOB#" + job, "id": job, "root": tree.Org, "organization": tree.Org,
		"kind": "erase", "status": "queued", "step": 0, "done": 0, "total": 0, "owner": map[string]any{"type": "system", "id": "erasure"}, "createdAt": now, "updatedAt": now},
		{"pk": "TIMER#job#" + watch, "sk": "TIMER", "kind": "job", "owner": watch, "due": "2036-01-01T00:00:00.000Z", "gsi2pk": "DUE#job#0", "gsi2sk": "2036-01-01T00:00:00.000Z#" + watch}})
	all := kept(t, needles...)
	clients := func() (n int) {
		for sk, item := range rawTable(t).partition(t, "COUNTS#"+tree.Partner.Org) {
			if strings.Contains(sk, "#CLIENTS#") {
				one, _ := item["n"].(float64)
				n += int(one)
			}
		}
		return n
	}
	begin := func() (had int) {
		rawTable(t).put(t, all)
		keepFiles(t, append([]string{tree.Org}, tree.Subs...)...)
		indexed() // an index hides for half a second what was just written; the erasing comes weeks later
		return clients()
	}
	end := func(t testing.TB, had int) {
		t.Helper()
		for range 3 { // what was handed on, or failed
			if there("TREE#"+tree.Org, "ACCESS")(t) {
				goOn(t, tree.Org, job, "")
			}
		}
		if lost := had - clients(); lost != 1 {
			t.Errorf("the partner lost %d clients", lost)
		}
		for _, left := range rawTable(t).left(t, all) {
			nothingOf(t, []string{asText(t, left)}, needles...)
		}
		for _, org := range append([]string{tree.Org}, tree.Subs...) {
			for _, prefix := range []string{blob.Images, blob.Uploads, blob.Exports} {
				if keys := keysUnder(t, prefix+org+"/"); len(keys) > 0 {
					t.Errorf("files are left: %v", keys)
				}
			}
		}
	}

	had := begin()
	var progress struct{ Status, Kind string }
	platform(t).DoWithKey(t, "GET", jobPath(tree.Org, job), nil).Expect(t, 200).JSON(t, &progress)
	if progress.Status != "queued" || progress.Kind != "erase" {
		t.Errorf("the platform sees %+v", progress)
	}
	calls := goOn(t, tree.Org, job, "")
	end(t, had)
	for n := 1; n <= calls; n++ {
		for i, kind := range []string{"kill", "kill-after"} {
			if !mine(n) || os.Getenv("FAULTS") == "some" && n%16 != 8*i {
				continue
			}
			t.Run(fmt.Sprintf("%s at call %d of %d", kind, n, calls), func(t *testing.T) {
				had := begin()
				goOn(t, tree.Org, job, fmt.Sprintf("%s@%d", kind, n))
				end(t, had)
			})
		}
	}
	nothingOf(t, dump(t, time.Now().Add(shortest)), needles...)
}
