package export

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// archive is a table whose calls are counted.
type archive struct {
	*table.Table
	t     *testing.T
	calls atomic.Int64
}

// Do counts a call on its way to the table.
func (a *archive) Do(r *http.Request) (*http.Response, error) {
	a.calls.Add(1)
	return http.DefaultClient.Do(r)
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	a := &archive{t: t}
	config, name := tabletest.Raw(t)
	config.HTTPClient = a
	a.Table = table.Open(config, name, tabletest.Signer{}, clock.System)
	return a
}

func (a *archive) commit(do func(tx *table.Tx)) {
	a.t.Helper()
	tx := table.NewTx()
	do(tx)
	if err := a.Commit(a.t.Context(), tx); err != nil {
		a.t.Fatal(err)
	}
}

// organization makes an organization, under another one or not, and gives its role of ordinary users.
func (a *archive) organization(o, above *tenant.Organization) (user *people.Role) {
	a.t.Helper()
	a.commit(func(tx *table.Tx) {
		if above == nil {
			tenant.Create(tx, o, audit.System("test"), time.Now())
		} else {
			tenant.CreateUnder(tx, above, o, audit.System("test"), time.Now())
		}
		_, user = people.NewRoles(tx, o.ID, audit.System("test"), time.Now())
	})
	return user
}

// written is the file of a tree, by kind, with the calls that reading it took.
func (a *archive) written(root string) (byKind map[string][]map[string]any, calls int64) {
	a.t.Helper()
	before := a.calls.Load()
	w := &walk{table: a.Table, root: root, now: time.Now()}
	text, _, err := w.fill(a.t.Context())
	if err != nil || w.Part != end {
		a.t.Fatalf("the walk ends at %+v: %v", w.place, err)
	}
	byKind = map[string][]map[string]any{}
	for lines := json.NewDecoder(strings.NewReader(string(text))); ; {
		var one map[string]any
		if err := lines.Decode(&one); err == io.EOF {
			return byKind, a.calls.Load() - before
		} else if err != nil {
			a.t.Fatal(err)
		}
		kind := one["kind"].(string)
		byKind[kind] = append(byKind[kind], one)
	}
}

func TestADT3_AFileShowsEachThingOnceAndSaysOfWhichOrganization(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	acme, sub := &tenant.Organization{Type: tenant.Client, Name: "Acme"}, &tenant.Organization{Name: "Sub"}
	role := a.organization(acme, nil)
	a.organization(sub, acme)
	a.commit(func(tx *table.Tx) {
		people.Invite(tx, acme.ID, role, people.Person{Name: "Ana", Email: "ana@acme.example"}, audit.System("test"), time.Now())
		tx.Put(table.BrandingKey(sub.ID), branding.Branding{Palette: &branding.Palette{Primary: "#000000"}})
		// what the tree knows of the names of domains, of one that it lost too
		tx.Put(table.DomainNameKey(acme.ID, "acme.example"), tenant.Standing{Organization: acme.ID, Domain: "dom_1", Verified: true})
		tx.Put(table.DomainNameKey(acme.ID, "lost.example"), tenant.Standing{Was: true})
		tx.Put(table.DomainKey(acme.ID, "dom_1"), map[string]any{"id": "dom_1", "organization": acme.ID, "name": "acme.example", "verified": true})
	})
	file, _ := a.written(acme.ID)
	for kind, want := range map[string]int{"organization": 2, "role": 4, "user": 1, "domain": 1, "branding": 1} {
		if len(file[kind]) != want {
			t.Errorf("%d lines of kind %s, not %d: %v", len(file[kind]), kind, want, file[kind])
		}
	}
	if of := file["branding"][0]["organization"]; of != sub.ID {
		t.Errorf("the branding of %s is shown as that of %v", sub.ID, of)
	}
}

// What is not exported is not read: otherwise a part of the file that begins with the addresses of a million people would take
// longer than a worker runs, each time anew.
func TestADT3_AFileCostsWhatIsInItAndNotWhatStandsBesideIt(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	acme := &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	a.organization(acme, nil)
	_, alone := a.written(acme.ID)
	for from := range 12 {
		a.commit(func(tx *table.Tx) {
			for i := range 90 {
				tx.Put(table.AddressKey(acme.ID, fmt.Sprintf("%d-%d@acme.example", from, i)), people.Claim{Root: acme.ID})
			}
		})
	}
	if _, calls := a.written(acme.ID); calls != alone {
		t.Errorf("%d calls with a thousand addresses, %d without", calls, alone)
	}

	partner := &tenant.Organization{Type: tenant.Partner, Name: "Partner"}
	a.organization(partner, nil)
	_, alone = a.written(partner.ID)
	for i := range 20 {
		a.organization(&tenant.Organization{Type: tenant.Client, Name: fmt.Sprint("Client ", i), Partner: partner.ID, PartnerAccess: tenant.ManageAccess}, nil)
	}
	if _, calls := a.written(partner.ID); calls != alone {
		t.Errorf("%d calls with twenty clients, %d without", calls, alone)
	}
}

func TestUSR1_AFileOfASuborganizationCostsItsOwnUsers(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	acme, sub := &tenant.Organization{Type: tenant.Client, Name: "Acme"}, &tenant.Organization{Name: "Sub"}
	ofMain, ofSub := a.organization(acme, nil), a.organization(sub, acme)
	invite := func(role *people.Role, count, from int) {
		a.commit(func(tx *table.Tx) {
			for i := range count {
				people.Invite(tx, acme.ID, role, people.Person{Name: "Pat", Email: fmt.Sprintf("%d-%d@acme.example", from, i)}, audit.System("test"), time.Now())
			}
		})
	}
	invite(ofSub, 3, 0)
	written := func() (users int, calls int64) {
		before := a.calls.Load()
		r := &roster{table: a.Table, root: acme.ID, org: sub.ID, names: map[string]string{}}
		_, users, behind, err := r.sheet().fill(t.Context(), CSV, place{}, true)
		if err != nil || behind.Part != end {
			t.Fatalf("%+v, %v", behind, err)
		}
		return users, a.calls.Load() - before
	}
	users, alone := written()
	if users != 3 {
		t.Errorf("%d users", users)
	}
	for from := range 8 {
		invite(ofMain, 40, from+1)
	}
	if users, calls := written(); users != 3 || calls != alone {
		t.Errorf("%d users; %d calls beside three hundred others, %d without", users, calls, alone)
	}
}
