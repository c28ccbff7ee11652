package tenant_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// create makes a main organization.
func create(t *testing.T, in *table.Table, o *tenant.Organization) (*tenant.Organization, error) {
	t.Helper()
	tx := table.NewTx()
	tenant.Create(tx, o, audit.System("test"), time.Now())
	return o, in.Commit(t.Context(), tx)
}

func TestThereIsOnePlatformAlsoWhenItIsRaced(t *testing.T) {
	t.Parallel()
	in := tabletest.New(t)
	if none, err := tenant.ReadPlatform(t.Context(), in); none != nil || err != nil {
		t.Fatalf("before: %v, %v", none, err)
	}
	failures := make([]error, 8)
	var makers sync.WaitGroup
	for i := range failures {
		makers.Go(func() { _, failures[i] = create(t, in, &tenant.Organization{Type: tenant.Platform, Name: "Platform"}) })
	}
	makers.Wait()
	made := 0
	for _, err := range failures {
		if err == nil {
			made++
		} else if e := problem.As(err); e == nil || e.Slug != "platform-exists" {
			t.Errorf("failed with %v", err)
		}
	}
	if one, err := tenant.ReadPlatform(t.Context(), in); made != 1 || err != nil || one.Type != tenant.Platform {
		t.Errorf("%d were made; read %+v, %v", made, one, err)
	}
}

func TestANewTreeHasItsState(t *testing.T) {
	t.Parallel()
	in := tabletest.New(t)
	o, err := create(t, in, &tenant.Organization{Type: tenant.Partner, Name: "Seller"})
	if err != nil {
		t.Fatal(err)
	}
	var state tenant.Access
	if found, err := in.Get(t.Context(), table.AccessKey(o.ID), &state); !found || err != nil || !reflect.DeepEqual(state, tenant.Access{Type: tenant.Partner}) {
		t.Errorf("state %+v, %v", state, err)
	}
	read, err := tenant.Read(t.Context(), in, o.ID)
	if err != nil || *read != *o || o.Root != o.ID || o.Language != tenant.DefaultLanguage || o.Version != 1 {
		t.Errorf("made %+v, read %+v, %v", o, read, err)
	}
}

func TestASuborganizationIsUnderItsClientAndCounted(t *testing.T) {
	t.Parallel()
	in := tabletest.New(t)
	client, err := create(t, in, &tenant.Organization{Type: tenant.Client, Name: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	tx, sub := table.NewTx(), &tenant.Organization{Name: "Acme Iberia", Language: "es"}
	tenant.CreateUnder(tx, client, sub, audit.System("test"), time.Now())
	if err := in.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	counts, err := in.Counts(t.Context(), client.ID, table.SuborganizationsCount(client.ID))
	if err != nil || counts[table.SuborganizationsCount(client.ID)] != 1 || sub.Root != client.ID || sub.Main() {
		t.Errorf("made %+v, counted %v, %v", sub, counts, err)
	}
}

func TestPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		of   tenant.Organization
		want []table.Place
	}{
		"a client without a partner": {tenant.Organization{ID: "org_c", Root: "org_c", Type: tenant.Client, Name: "Acme"},
			[]table.Place{table.MainOrganizations("client", "Acme", "org_c")}},
		"a client that grants its partner nothing": {tenant.Organization{ID: "org_c", Root: "org_c", Type: tenant.Client, Name: "Acme",
			Partner: "org_p", PartnerAccess: tenant.NoAccess}, []table.Place{table.MainOrganizations("client", "Acme", "org_c")}},
		"a client that grants its partner something": {tenant.Organization{ID: "org_c", Root: "org_c", Type: tenant.Client, Name: "Acme",
			Partner: "org_p", PartnerAccess: tenant.ReadAccess},
			[]table.Place{table.MainOrganizations("client", "Acme", "org_c"), table.OrganizationsUnder("org_p", "Acme", "org_c")}},
		"a suborganization": {tenant.Organization{ID: "org_s", Root: "org_c", Type: tenant.Suborganization, Name: "Iberia"},
			[]table.Place{table.OrganizationsUnder("org_c", "Iberia", "org_s")}},
	} {
		if got := c.of.Places(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestWhatIsNoOrganizationIsMissing(t *testing.T) {
	t.Parallel()
	in := tabletest.New(t)
	for _, org := range []string{"", "x", id.New(id.Organization), id.New(id.User)} {
		if _, err := tenant.Read(t.Context(), in, org); problem.As(err) == nil || problem.As(err).Code != problem.NotFound {
			t.Errorf("%q: %v", org, err)
		}
	}
}

func TestWhoNeedsASecondFactor(t *testing.T) {
	for _, c := range []struct {
		state               tenant.Access
		administrator, user bool
	}{
		{tenant.Access{Type: tenant.Client}, true, false},
		{tenant.Access{Type: tenant.Client, SecondFactor: tenant.ForAdministrators}, true, false},
		{tenant.Access{Type: tenant.Client, SecondFactor: tenant.ForEveryone}, true, true},
		{tenant.Access{Type: tenant.Client, SecondFactor: tenant.Optional}, false, false},
		{tenant.Access{Type: tenant.Partner, SecondFactor: tenant.Optional}, true, false},
		{tenant.Access{Type: tenant.Platform, SecondFactor: tenant.Optional}, true, false},
	} {
		if a, u := c.state.NeedsSecondFactor(true), c.state.NeedsSecondFactor(false); a != c.administrator || u != c.user {
			t.Errorf("%+v: administrators %t, users %t", c.state, a, u)
		}
	}
}
