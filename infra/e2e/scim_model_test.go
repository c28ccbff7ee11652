package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/directory"
)

// modelled is a user as a simple model has it: what an IdP has said, and nothing of how the server keeps it.
type modelled struct {
	id, name string
	active   bool
	groups   map[string]bool
}

// TestSCI4_WhatTheServerHoldsIsWhatASimpleModelHolds has 16 clients create, group, move, rename, deactivate, reactivate and delete users
// in random order. MODEL_USERS=1000 does it with as many, MODEL_SEED=n as the run that printed n.
func TestSCI4_WhatTheServerHoldsIsWhatASimpleModelHolds(t *testing.T) {
	t.Parallel()
	const clients, changesEach = 16, 5
	number := func(name string, otherwise uint64) uint64 {
		n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
		if err != nil {
			return otherwise
		}
		return n
	}
	users, seed := int(number("MODEL_USERS", 160)), number("MODEL_SEED", uint64(time.Now().UnixNano()))
	t.Logf("MODEL_SEED=%d MODEL_USERS=%d", seed, users)
	tree := newTree(t)
	i := tree.idp(t, false)
	var groups []string
	var mapped []directory.Mapped
	for n := range 6 {
		groups = append(groups, i.group(t, fmt.Sprint("Group ", n)).ID)
		if org := []string{tree.Org, tree.Subs[0], tree.Subs[1]}[n%3]; n < 4 {
			mapped = append(mapped, directory.Mapped{Group: groups[n], Organization: org, Role: tree.Roles[org].User})
		}
	}
	i.maps(t, mapped...)
	worlds := make([]*clientOfModel, clients)
	var working sync.WaitGroup
	for n := range worlds {
		worlds[n] = &clientOfModel{idp: i, t: t, number: n, groups: groups, random: rand.New(rand.NewPCG(seed, uint64(n)))}
		working.Go(func() {
			for range users / clients * changesEach {
				worlds[n].step(users / clients)
			}
		})
	}
	working.Wait()
	if t.Failed() {
		return
	}
	in := map[string][]string{}
	for _, w := range worlds {
		for _, u := range w.users {
			i.is(t, u, mapped)
			for _, group := range slices.Sorted(maps.Keys(u.groups)) {
				in[group] = append(in[group], u.id)
			}
		}
		for _, id := range w.gone {
			i.refused(t, i.call(t, "GET", "/Users/"+id, ""), 404, "")
		}
	}
	for _, group := range groups {
		i.hasMembers(t, group, in[group]...)
	}
	inOrder(t, tree.Org)
}

// clientOfModel is one of the clients, with the users that only it changes. The groups are everybody's.
type clientOfModel struct {
	*idp
	t      *testing.T
	number int
	groups []string
	random *rand.Rand
	users  []*modelled
	gone   []string
	made   int
}

// step does one change: at first mostly new users, until there are so many.
func (w *clientOfModel) step(most int) {
	if w.made < most && (len(w.users) == 0 || w.random.IntN(3) == 0) {
		w.create()
		return
	}
	if len(w.users) == 0 {
		return
	}
	n := w.random.IntN(len(w.users))
	switch u := w.users[n]; w.random.IntN(10) {
	case 0:
		w.call(w.t, "DELETE", "/Users/"+u.id, "").Expect(w.t, 204)
		w.users, w.gone = slices.Delete(w.users, n, n+1), append(w.gone, u.id)
	case 1, 2:
		u.active = !u.active
		w.patch(w.t, u.id, `{"op":"Replace","path":"active","value":"`+map[bool]string{true: "True", false: "False"}[u.active]+`"}`).Expect(w.t, 200)
	case 3:
		u.name = w.nextName()
		w.patch(w.t, u.id, `{"op":"replace","path":"userName","value":"`+u.name+`"}`).Expect(w.t, 200)
	case 4, 5: // again, or for the first time
		w.move(u, "", w.anyGroup())
	case 6:
		w.move(u, w.anyGroup(), "")
	default:
		w.move(u, w.anyGroup(), w.anyGroup())
	}
}

func (w *clientOfModel) nextName() string {
	w.made++
	return fmt.Sprintf("m%d-%d@%s", w.number, w.made, w.domain)
}

func (w *clientOfModel) anyGroup() string { return w.groups[w.random.IntN(len(w.groups))] }

func (w *clientOfModel) create() {
	name := w.nextName()
	u := w.bring(w.t, name)
	w.users = append(w.users, &modelled{id: u.ID, name: name, active: true, groups: map[string]bool{}})
}

// move takes the user out of one group and puts it into another, as IdPs do: by two requests. An empty one is none.
func (w *clientOfModel) move(u *modelled, from, to string) {
	if from != "" {
		w.regroup(w.t, from, removing(w.t, u.id)).Expect(w.t, 204)
		delete(u.groups, from)
	}
	if to != "" {
		w.regroup(w.t, to, adding(w.t, u.id)).Expect(w.t, 204)
		u.groups[to] = true
	}
}

// is expects the user to be as the model has it: in what is answered, in the groups, in the role that follows.
func (i *idp) is(t testing.TB, u *modelled, mapped []directory.Mapped) {
	t.Helper()
	var got struct {
		aSCIMUser
		Groups []struct{ Value string }
	}
	i.call(t, "GET", "/Users/"+u.id, "").Expect(t, 200).JSON(t, &got)
	shown := map[string]bool{}
	for _, group := range got.Groups {
		shown[group.Value] = true
	}
	if got.Active != u.active || !strings.EqualFold(got.UserName, u.name) || !maps.Equal(shown, u.groups) {
		t.Errorf("%s is %+v, not %+v", u.id, got, *u)
	}
	var gives directory.Mapped
	in := 0
	for _, m := range mapped { // in the order of their ranks
		if u.groups[m.Group] {
			if in++; in == 1 {
				gives = m
			}
		}
	}
	stored := i.stored(t, u.id)
	conflicts, _ := stored["conflicts"].([]string)
	if stored.text("organization") != gives.Organization || stored.text("role") != gives.Role || stored.text("roleGroup") != gives.Group ||
		(len(conflicts) > 0) != (in > 1) || (stored.text("status") == "active") != u.active {
		t.Errorf("%s in %v has %v", u.id, slices.Collect(maps.Keys(u.groups)), stored)
	}
}
