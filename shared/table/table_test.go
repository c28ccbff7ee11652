package table_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

var errTaken = problem.New(problem.Conflict, "taken", "There is one already.")

type thing struct {
	SK        string `dynamodbav:"sk,omitempty"`
	Name      string `dynamodbav:"name"`
	Version   int    `dynamodbav:"version,omitempty"`
	ExpiresAt int64  `dynamodbav:"expiresAt,omitempty"`
}

func key(n int) table.Key { return table.Key{PK: "ORG#1", SK: fmt.Sprintf("THING#%03d", n)} }

// keep commits one change and fails the test where it is refused.
func keep(t *testing.T, tab *table.Table, fill func(tx *table.Tx)) {
	t.Helper()
	if err := change(tab, fill); err != nil {
		t.Fatal(err)
	}
}

func change(tab *table.Table, fill func(tx *table.Tx)) error {
	tx := table.NewTx()
	fill(tx)
	return tab.Commit(context.Background(), tx)
}

func things(t *testing.T, tab *table.Table, n int) {
	t.Helper()
	for first := 0; first < n; first += 100 {
		keep(t, tab, func(tx *table.Tx) {
			for i := first; i < min(first+100, n); i++ {
				tx.Put(key(i), thing{Name: fmt.Sprint("n", i), Version: 1}, table.Place{Index: 1, PK: "LIST", SK: fmt.Sprintf("%03d", i)},
					table.Place{Index: 2, PK: "KEYS", SK: fmt.Sprintf("%03d", i)})
			}
		})
	}
}

func TestGetMany(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 130)
	t.Run("reads more than a batch, a key asked for twice included", func(t *testing.T) {
		got := make([]thing, 131)
		wants := make([]*table.Wanted, 0, 131)
		for i := range 130 {
			wants = append(wants, table.Want(key(i), &got[i]))
		}
		wants = append(wants, table.Want(key(7), &got[130]))
		if err := tab.GetMany(context.Background(), wants...); err != nil {
			t.Fatal(err)
		}
		for i, want := range wants {
			if i < 130 && (!want.Found || got[i].Name != fmt.Sprint("n", i)) {
				t.Errorf("item %d: found %v, %+v", i, want.Found, got[i])
			}
		}
		if !wants[130].Found || got[130].Name != "n7" {
			t.Errorf("the second reader of a key got %+v", got[130])
		}
	})
	t.Run("does not find what is not there, nor the zero key", func(t *testing.T) {
		var one, two, three thing
		absent, zero, there := table.Want(key(999), &one), table.Want(table.Key{}, &two), table.Want(key(1), &three)
		if err := tab.GetMany(context.Background(), absent, zero, there); err != nil {
			t.Fatal(err)
		}
		if absent.Found || zero.Found || !there.Found {
			t.Errorf("absent %v, zero %v, there %v", absent.Found, zero.Found, there.Found)
		}
	})
}

func TestExpiredItemsAreNotThere(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tab := tabletest.NewAt(t, func() time.Time { return now })
	keep(t, tab, func(tx *table.Tx) {
		tx.Create(key(1), thing{Name: "short", ExpiresAt: table.Expiry(now.Add(time.Minute))}, errTaken)
	})
	again := func() error {
		return change(tab, func(tx *table.Tx) {
			tx.Create(key(1), thing{Name: "next", ExpiresAt: table.Expiry(now.Add(time.Hour))}, errTaken)
		})
	}
	if err := again(); !errors.Is(err, errTaken) {
		t.Fatalf("created over an item that lives: %v", err)
	}
	now = now.Add(2 * time.Minute)
	var got thing
	if found, err := tab.Get(context.Background(), key(1), &got); found || err != nil {
		t.Errorf("an expired item was read: %v %v", found, err)
	}
	page, err := table.List[thing](context.Background(), tab, table.Question{PK: "ORG#1"})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("an expired item was listed: %v %v", page, err)
	}
	if err := again(); err != nil {
		t.Errorf("an expired item is in the way: %v", err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 25)
	want := make([]string, 25)
	for i := range want {
		want[i] = fmt.Sprint("n", i)
	}
	for name, q := range map[string]table.Question{
		"of the table":                     {PK: "ORG#1", Prefix: "THING#", Limit: 7},
		"of an index":                      {Index: 1, PK: "LIST", Limit: 7},
		"of an index of keys, completed":   {Index: 2, PK: "KEYS", Limit: 7},
		"of an index, by a part of a name": {Index: 1, PK: "LIST", Prefix: "0", Limit: 10},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			pages := 0
			for {
				page, err := table.List[thing](context.Background(), tab, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range page.Items {
					got = append(got, one.Name)
				}
				pages++
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if pages < 3 {
				t.Errorf("%d pages", pages)
			}
		})
	}
	t.Run("between two sort keys", func(t *testing.T) {
		all, err := table.All[thing](context.Background(), tab, table.Question{PK: "ORG#1", Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for name, one := range map[string]struct {
			from, before string
			want         []thing
		}{"from": {key(3).SK + "+", "", all[4:]}, "before": {"", key(6).SK, all[:6]}, "both": {key(3).SK + "+", key(5).SK + "+", all[4:6]}, "nothing": {key(3).SK + "+", key(3).SK + "+", nil}} {
			got, err := table.All[thing](context.Background(), tab, table.Question{PK: "ORG#1", From: one.from, Before: one.before})
			if diff := cmp.Diff(one.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v %s", name, err, diff)
			}
		}
	})
	t.Run("descending", func(t *testing.T) {
		page, err := table.List[thing](context.Background(), tab, table.Question{PK: "ORG#1", Descending: true, Limit: 1})
		if err != nil || page.Items[0].Name != "n24" {
			t.Errorf("%v %v", page.Items, err)
		}
	})
	t.Run("the limit is bounded", func(t *testing.T) {
		page, err := table.List[thing](context.Background(), tab, table.Question{PK: "ORG#1", Limit: 1 << 30})
		if err != nil || len(page.Items) != 25 {
			t.Errorf("%d items, %v", len(page.Items), err)
		}
	})
}

func TestAPI4_CursorsAreBoundToTheirQuestion(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 5)
	question := table.Question{PK: "ORG#1", Prefix: "THING#", Limit: 2, About: "org_1 status=active"}
	page, err := table.List[thing](context.Background(), tab, question)
	if err != nil {
		t.Fatal(err)
	}
	question.Cursor = page.Next
	if _, err := table.List[thing](context.Background(), tab, question); err != nil {
		t.Fatalf("its own cursor: %v", err)
	}
	forged := []byte(page.Next)
	forged[3] ^= 1
	for name, with := range map[string]func(q *table.Question){
		"another organization": func(q *table.Question) { q.PK = "ORG#2" },
		"another list":         func(q *table.Question) { q.Prefix = "" },
		"another order":        func(q *table.Question) { q.Descending = true },
		"another filter":       func(q *table.Question) { q.About = "org_1 status=invited" },
		"forged":               func(q *table.Question) { q.Cursor = string(forged) },
		"no cursor":            func(q *table.Question) { q.Cursor = "xx" },
	} {
		t.Run(name, func(t *testing.T) {
			q := question
			with(&q)
			if _, err := table.List[thing](context.Background(), tab, q); problem.As(err) == nil || problem.As(err).Code != problem.InvalidInput {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestFoldMakesOneOfWhatLooksTheSame(t *testing.T) {
	for _, pair := range [][2]string{{"Ada@Acme.Example", "ada@acme.example"}, {" x ", "x"}, {"ﬁn", "fin"}, {"Straße", "STRASSE"}, {"é", "e\u0301"}} {
		if table.Fold(pair[0]) != table.Fold(pair[1]) {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], table.Fold(pair[0]), table.Fold(pair[1]))
		}
	}
}
