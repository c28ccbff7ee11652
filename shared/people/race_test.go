package people_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestWhatHappensAtOnceLeavesEverythingInAgreement(t *testing.T) {
	t.Parallel()
	f := plant(t, tabletest.New(t))
	made := map[string]int{}
	for n := range 4 {
		user, err := f.invite(n%2, 0, f.address(n))
		f.must(t, err)
		f.must(t, f.act(n%2, user, activate))
		made[user] = n % 2
	}
	var mutex sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { f.wander(t, made, &mutex) })
	}
	all.Wait()
	got := f.stored(t, made, wanderers)
	if diff := cmp.Diff(f.follows(got.Users), got); diff != "" {
		t.Errorf("what the users imply (-) and what is stored (+): %s", diff)
	}
	for tree, administrators := range got.Administrators {
		if len(administrators) == 0 {
			t.Errorf("tree %d is without administrator", tree)
		}
	}
}

// wanderers is how many addresses they use.
const wanderers = 8

// wander does random things to random users.
func (f *forest) wander(t *testing.T, made map[string]int, mutex *sync.Mutex) {
	for range 40 {
		mutex.Lock()
		var user string
		var tree int
		for user, tree = range made {
			break
		}
		mutex.Unlock()
		var err error
		switch rand.N(7) {
		case 0, 1:
			tree = rand.N(2)
			if user, err = f.invite(tree, rand.N(4), f.address(rand.N(wanderers))); err == nil {
				mutex.Lock()
				made[user] = tree
				mutex.Unlock()
			}
		case 2, 3:
			err = f.act(tree, user, activate)
		case 4:
			err = f.act(tree, user, deactivate)
		case 5:
			err = f.act(tree, user, assign(f.roles[tree][rand.N(4)]))
		case 6:
			err = f.act(tree, user, []func(*table.Tx, *people.User){remove, reinvite}[rand.N(2)])
		}
		if slug := slugOf(err); slug != "<nil>" && slug != "address-in-use" && slug != "last-administrator" {
			t.Errorf("answered %v", err)
		}
	}
}

func TestPER5_TwoLastAdministratorsNeverDemoteEachOther(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	ways := []func(f *forest) func(*table.Tx, *people.User){
		func(f *forest) func(*table.Tx, *people.User) { return assign(f.roles[0][1]) },
		func(*forest) func(*table.Tx, *people.User) { return deactivate },
		func(*forest) func(*table.Tx, *people.User) { return remove },
	}
	for race := range 50 {
		f := plant(t, tab)
		var refused atomic.Int32
		var all sync.WaitGroup
		var users [2]string
		for i := range users {
			var err error
			users[i], err = f.invite(0, 0, f.address(i))
			f.must(t, err)
			f.must(t, f.act(0, users[i], activate))
		}
		for _, user := range users {
			all.Go(func() {
				err := f.act(0, user, ways[race%len(ways)](f))
				if slugOf(err) == "last-administrator" {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got := f.stored(t, map[string]int{users[0]: 0, users[1]: 0}, 2)
		if refused.Load() != 1 || len(got.Administrators[0]) != 1 {
			t.Fatalf("race %d: %d refused, left %v", race, refused.Load(), got.Administrators[0])
		}
	}
}
