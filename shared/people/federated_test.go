package people_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestAUT5_SignInsAreCountedByConnectionInOneItem(t *testing.T) {
	t.Parallel()
	opened, u, now := tabletest.New(t), &people.User{ID: "usr_1", Root: "org_1"}, time.Now()
	for i, s := range []people.Federation{{}, {Connection: "con_a", Phone: "+34 600"}, {Connection: "con_b", Phone: "1"}, {Connection: "con_b"}} {
		tx := table.NewTx()
		people.CountSignIn(tx, u, &people.Session{Method: people.BySAML, Federation: s}, "192.0.2.1", now.Add(time.Duration(i)*time.Second))
		if err := opened.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	var item map[string]any
	var all people.SignIns
	key := table.MethodKey(u.ID, string(people.BySAML))
	if err := opened.GetMany(t.Context(), table.Want(key, &item), table.Want(key, &all)); err != nil || all.Count != 4 {
		t.Fatalf("%+v %v", all, err)
	}
	at := func(i int) string { return clock.Format(now.Add(time.Duration(i) * time.Second)) }
	want := []people.FederatedSignIns{
		{Connection: "con_b", SignIns: people.SignIns{Count: 2, LastAt: at(3), LastFrom: "192.0.2.1"}},
		{Connection: "con_a", Phone: "+34 600", SignIns: people.SignIns{Count: 1, LastAt: at(1), LastFrom: "192.0.2.1"}},
		{SignIns: people.SignIns{Count: 1}}, // of before connections were told apart
	}
	if diff := cmp.Diff(want, people.Federated(item, all)); diff != "" {
		t.Error(diff)
	}
	if got := people.Federated(nil, people.SignIns{}); len(got) != 0 {
		t.Errorf("of nobody %+v", got)
	}
}
