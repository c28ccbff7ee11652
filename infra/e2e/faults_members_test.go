package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/directory"
)

// This file kills whoever changes many members, at each call in turn: the request that patches a group, and the worker that applies a mapping
// or empties a deleted group. What comes of it is compared with what comes of it where nobody is killed, item by item.

// patched is a group with people who are about to join and leave it.
type patched struct {
	*idp
	group         string
	joins, leaves []string
}

// patched makes such a group, which is mapped: the next place of the ranks is the caller's to give.
func (i *idp) patched(t testing.TB, joins, leaves int) *patched {
	t.Helper()
	p := &patched{idp: i, group: i.group(t, "Group "+unique()).ID}
	for n := range joins + leaves {
		user := i.bring(t, unique()+"@"+i.domain).ID
		if n < joins {
			p.joins = append(p.joins, user)
		} else {
			p.leaves = append(p.leaves, user)
		}
	}
	return p
}

// turn has those who joined leave, and the other way round.
func (p *patched) turn() { p.joins, p.leaves = p.leaves, p.joins }

func (p *patched) operations(t testing.TB) string {
	t.Helper()
	return adding(t, p.joins...) + "," + removing(t, p.leaves...)
}

// states is what there is of the group and its people: who is in it, with which role, and how often each was changed.
func (p *patched) states(t testing.TB) map[string]any {
	t.Helper()
	all := map[string]any{}
	for sk := range rawTable(t).partition(t, "GROUP#"+p.group) {
		all[sk] = "there"
	}
	if rawTable(t).item(t, "TIMER#members#"+p.id+"/"+p.group, "TIMER") != nil {
		all["TIMER"] = "there"
	}
	for sk, row := range rawTable(t).partition(t, "COUNTS#"+p.tree.Org) {
		if name := sk[:strings.LastIndexByte(sk, '#')]; strings.HasPrefix(name, "GROUP#"+p.group+"#") {
			before, _ := all[name].(float64)
			n, _ := row["n"].(float64)
			all[name] = before + n
		}
	}
	for _, user := range slices.Concat(p.joins, p.leaves) {
		stored := p.stored(t, user)
		for _, name := range []string{"groups", "grouped", "version", "epoch", "organization", "role", "roleGroup", "portal", "conflicts"} {
			all[user+" "+name] = stored[name]
		}
	}
	return all
}

// afterwards is what the states are to be once the operations are done, by what they were before.
func (p *patched) afterwards(before map[string]any, mapped directory.Mapped) map[string]any {
	after := map[string]any{}
	for name, value := range before {
		after[name] = value
	}
	for _, user := range p.joins {
		after["USER#"+user], after[user+" groups"] = "there", []string{p.group}
		after[user+" organization"], after[user+" role"], after[user+" roleGroup"], after[user+" portal"] = mapped.Organization, mapped.Role, p.group, "user"
	}
	for _, user := range p.leaves {
		delete(after, "USER#"+user)
		for _, name := range []string{" groups", " organization", " role", " roleGroup", " portal"} {
			after[user+name] = nil
		}
	}
	for _, user := range slices.Concat(p.joins, p.leaves) {
		for _, name := range []string{" grouped", " version", " epoch"} {
			n, _ := before[user+name].(float64)
			after[user+name] = n + 1
		}
	}
	changed := float64(len(p.joins) + len(p.leaves))
	members, _ := before["GROUP#"+p.group+"#MEMBERS"].(float64)
	changes, _ := before["GROUP#"+p.group+"#CHANGES"].(float64)
	after["GROUP#"+p.group+"#MEMBERS"], after["GROUP#"+p.group+"#CHANGES"] = members+float64(len(p.joins)-len(p.leaves)), changes+changed
	return after
}

// killed sends the patch, kills the function at that call, and has the next change of the group go on. Nothing of it is done, or all: then it is
// as if nobody had been killed. over tells that there is no such call.
func (p *patched) killed(t testing.TB, kind string, at int, mapped directory.Mapped) (over bool) {
	t.Helper()
	before := p.states(t)
	want := p.afterwards(before, mapped)
	answer := p.regroup(t, p.group, p.operations(t), "X-Local-Fault", fmt.Sprintf("%s@%d", kind, at))
	if over = answer.Status == 204; !over && answer.Status != 502 {
		t.Errorf("%s at call %d: %d %s", kind, at, answer.Status, answer.Body)
	}
	got := p.goneOnWith(t)
	if none := cmp.Diff(before, got); none == "" && !over {
		p.regroup(t, p.group, p.operations(t)).Expect(t, 204)
		got = p.goneOnWith(t)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s at call %d (-as without, +as it is):\n%s", kind, at, diff)
	}
	p.regroup(t, p.group, p.operations(t)).Expect(t, 204)
	if diff := cmp.Diff(want, p.states(t)); diff != "" {
		t.Errorf("%s at call %d, and sent again (-, +):\n%s", kind, at, diff)
	}
	p.turn()
	return over
}

// goneOnWith has the next change of the group come, which goes on with what is intended of it, and gives the states then. It need not wait until
// that counts as abandoned by whoever was killed.
func (p *patched) goneOnWith(t testing.TB) map[string]any {
	t.Helper()
	if rawTable(t).item(t, "GROUP#"+p.group, "INTENT") != nil {
		rawTable(t).set(t, "GROUP#"+p.group, "INTENT", "touched", 1)
	}
	p.regroup(t, p.group, removing(t, "nobody")).Expect(t, 204)
	return p.states(t)
}

// TestFaultsWholeOfAPatch kills a patch at each call: of two who join and one who leaves, which is more than one transaction. `make faults` does it in both
// ways, and with more members than are read at once.
func TestFaultsWholeOfAPatch(t *testing.T) {
	t.Parallel()
	const lanes = 4
	sizes, kinds := [][]int{{2, 1}}, []string{"kill"}
	if os.Getenv("FAULTS") != "some" {
		sizes, kinds = append(sizes, []int{41, 2}), []string{"kill", "kill-after"}
	}
	for _, size := range sizes {
		for _, kind := range kinds {
			t.Run(fmt.Sprintf("%s at %d joining and %d leaving", kind, size[0], size[1]), func(t *testing.T) {
				tree := newTree(t)
				i := tree.idp(t, false)
				var all []*patched
				var mapped []directory.Mapped
				for range lanes {
					p := i.patched(t, size[0], size[1])
					all = append(all, p)
					mapped = append(mapped, directory.Mapped{Group: p.group, Connection: i.id, Organization: tree.Org, Role: tree.Roles[tree.Org].User})
				}
				i.maps(t, mapped...)
				var working sync.WaitGroup
				for lane, p := range all {
					working.Go(func() {
						p.regroup(t, p.group, adding(t, p.leaves...)) // those who are to leave first
						at := lane + 1
						for !t.Failed() && !p.killed(t, kind, at, mapped[lane]) {
							at += lanes
						}
						t.Logf("it is fewer than %d calls", at)
					})
				}
				working.Wait()
				inOrder(t, tree.Org)
			})
		}
	}
}

// worker is a stack of its own with a group of many members, whose worker is killed.
type worker struct {
	*idp
	people []string
}

// cutOffAt does something with the worker being killed at that call, and tells whether it was.
func (w *worker) cutOffAt(t testing.TB, kind string, at int, do func()) (was bool) {
	t.Helper()
	stack.Local(t, "POST", "queues/idle", nil)
	before := workerCutOff(t)
	stack.Local(t, "POST", "faults", map[string]any{"function": "WorkerFunction", "faults": []map[string]any{{"kind": kind, "at": at}}})
	do()
	stack.Local(t, "POST", "queues/idle", nil)
	return workerCutOff(t) > before
}

// states are the roles of the people, and how often each was changed since before.
func (w *worker) states(t testing.TB) map[string]row {
	t.Helper()
	all, tree := map[string]row{}, rawTable(t).partition(t, "TREE#"+w.tree.Org)
	for _, user := range w.people {
		stored := tree["USER#"+user]
		all[user] = row{}
		for _, name := range []string{"organization", "role", "roleGroup", "portal", "groups", "grouped", "version", "epoch", "conflicts"} {
			all[user][name] = stored[name]
		}
	}
	return all
}

// changed expects that each of the people was changed once since before, to the same for all.
func (w *worker) changed(t testing.TB, what string, before map[string]row, to row) {
	t.Helper()
	want := map[string]row{}
	for user, was := range before {
		want[user] = row{}
		for name, value := range was {
			want[user][name] = value
		}
		for name, value := range to {
			if n, grows := value.(int); grows {
				is, _ := was[name].(float64)
				value = is + float64(n)
			}
			want[user][name] = value
		}
	}
	if diff := cmp.Diff(want, w.states(t)); diff != "" {
		t.Fatalf("%s (-as without, +as it is):\n%s", what, diff)
	}
}

// some is which calls are broken: all of them, or fewer and fewer for those who wait for the result.
func some(at int) int {
	if os.Getenv("FAULTS") == "some" {
		return at + 1 + at*2/3
	}
	return at + 1
}

// TestFaultsWholeOfAMapping kills the worker at each call of applying a mapping to 101 members, who come into the one organization and the other by turns.
func TestFaultsWholeOfAMapping(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	w := &worker{idp: tree.idp(t, false)}
	group := w.group(t, "Crowd").ID
	w.people = w.crowd(t, group, 101)
	indexed()
	tree.maps(t, group, tree.Org, tree.Roles[tree.Org].User, true)
	stack.Local(t, "POST", "queues/idle", nil)
	for at := 1; ; at = some(at) {
		org, kind, before := tree.Subs[at%2], []string{"kill", "kill-after"}[at/2%2], w.states(t)
		if org == before[w.people[0]].text("organization") {
			org = tree.Org
		}
		what := fmt.Sprintf("%s at call %d", kind, at)
		cutOff := w.cutOffAt(t, kind, at, func() {
			begun := tree.maps(t, group, org, tree.Roles[org].User, true)
			if done := awaitMapping(t, tree, begun.JobID); done.Status != "succeeded" || done.Progress.Done != 101 || done.Mapping.Left+done.Mapping.Kept+done.Mapping.Taken > 0 {
				t.Fatalf("%s: %+v", what, done)
			}
		})
		w.changed(t, what, before, row{"organization": org, "role": tree.Roles[org].User, "roleGroup": group, "portal": "user", "version": 1, "epoch": 1})
		if m := tree.stored(t); m.List[m.Of(group)].Pending {
			t.Fatalf("%s: the mapping is pending", what)
		}
		if !cutOff {
			t.Logf("applying a mapping to 101 is fewer than %d calls", at)
			break
		}
	}
	inOrder(t, tree.Org)
}

// TestFaultsWholeOfADeletedGroup kills the worker at each call of taking the members out of a group that was deleted, who lose the role that it
// gave.
func TestFaultsWholeOfADeletedGroup(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	w := &worker{idp: tree.idp(t, false)}
	w.people = w.idp.people(t, "p", 30)
	for at := 1; ; at = some(at) {
		group := w.group(t, "Crew "+unique()).ID
		w.maps(t, directory.Mapped{Group: group, Connection: w.id, Organization: tree.Subs[0], Role: tree.Roles[tree.Subs[0]].User})
		w.regroup(t, group, adding(t, w.people...)).Expect(t, 204)
		before, kind := w.states(t), []string{"kill", "kill-after"}[at%2]
		what := fmt.Sprintf("%s at call %d", kind, at)
		cutOff := w.cutOffAt(t, kind, at, func() {
			w.call(t, "DELETE", "/Groups/"+group, "").Expect(t, 204)
			comesTrue(t, what+", and the group is empty", func() bool { return len(rawTable(t).partition(t, "GROUP#"+group)) == 0 })
		})
		w.changed(t, what, before, row{"organization": nil, "role": nil, "roleGroup": nil, "portal": nil, "groups": nil, "grouped": 1, "version": 1, "epoch": 1})
		if rows := rawTable(t).partition(t, "SCIM#"+w.id); rows["DOC#"+group] != nil || hasPrefix(rows, "GONE#"+group) {
			t.Fatalf("%s: something of the group is left", what)
		}
		if !cutOff {
			t.Logf("emptying a group of 30 is fewer than %d calls", at)
			break
		}
	}
	inOrder(t, tree.Org)
}
