package connection_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// draft is a connection of org_1 whose settings are complete.
func draft(t testing.TB, provider connection.Provider) *connection.Connection {
	t.Helper()
	c := connection.New("org_1", "org_1", "Acme's IdP", provider, "https://portal.example", audit.Made(audit.System("test"), clock.Format(noon)))
	c.Settings.EntityID = "https://idp.example"
	c.Settings.SignOn = map[string]string{samlsp.BindingRedirect: "https://idp.example/sso"}
	c.Settings.Certificates = []connection.Certificate{certificate(t, "idp")}
	return c
}

// certificate is one of an IdP of the tests.
func certificate(t testing.TB, name string) connection.Certificate {
	t.Helper()
	parsed, err := samlsp.ParseCertificates([]byte(samlsptest.Key(name).Base64()))
	if err != nil {
		t.Fatal(err)
	}
	return connection.NewCertificate(parsed[0], connection.ByHand, clock.Format(noon))
}

// pass has a test pass with the settings.
func pass(c *connection.Connection, s *connection.Settings) {
	c.Passed = &connection.Passed{Test: "tst_1", At: clock.Format(noon), Fingerprint: s.Fingerprint(), Certificate: s.Certificates[0].SHA256}
}

func TestSSO4_ATestCountsForTheSettingsThatItPassedWith(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*connection.Settings)
		holds  bool
	}{
		"nothing changes":                  {func(*connection.Settings) {}, true},
		"a certificate is added":           {func(s *connection.Settings) { s.Certificates = append(s.Certificates, certificate(t, "other")) }, true},
		"the certificate is another":       {func(s *connection.Settings) { s.Certificates = []connection.Certificate{certificate(t, "other")} }, false},
		"the entity id changes":            {func(s *connection.Settings) { s.EntityID += "/" }, false},
		"the sign-on URL changes":          {func(s *connection.Settings) { s.SignOn[samlsp.BindingRedirect] += "/" }, false},
		"a binding is added":               {func(s *connection.Settings) { s.SignOn[samlsp.BindingPost] = "https://idp.example/sso" }, false},
		"an attribute is read elsewhere":   {func(s *connection.Settings) { s.Mapping[samlsp.Email] = []string{"upn"} }, false},
		"attributes are read in new order": {func(s *connection.Settings) { s.Mapping[samlsp.Email] = []string{"mail", "email"} }, false},
		"requests are signed":              {func(s *connection.Settings) { s.SignRequests = true }, false},
		"another name id is asked for":     {func(s *connection.Settings) { s.NameIDFormat = samlsp.FormatPersistent }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of := draft(t, connection.Okta)
			if of.Status() != connection.Draft {
				t.Fatal(of.Status())
			}
			pass(of, &of.Settings)
			if of.Status() != connection.Tested {
				t.Fatal(of.Status())
			}
			c.change(&of.Settings)
			if of.Proved(&of.Settings) != c.holds {
				t.Errorf("the test counts: %v", !c.holds)
			}
		})
	}
}

func TestINS5_AConnectionIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	table, of := tabletest.New(t), draft(t, connection.Entra)
	pass(of, &of.Settings)
	store(t, table, of)
	read, err := connection.Read(t.Context(), table, of.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read.Status() != connection.Tested || read.SP != of.SP || read.Settings.Fingerprint() != of.Settings.Fingerprint() {
		t.Errorf("%+v", read)
	}
	sp, err := read.ServiceProvider(&read.Settings, nil)
	if err != nil || len(sp.IdP.Certificates) != 1 || sp.ACS != "https://portal.example/saml/"+of.ID+"/acs" {
		t.Errorf("%+v, %v", sp, err)
	}
	all, err := connection.OfTree(t.Context(), table, "org_1", "org_1")
	if err != nil || len(all) != 1 || all[0].ID != of.ID {
		t.Errorf("%+v, %v", all, err)
	}
}

func store(t *testing.T, to *table.Table, of *connection.Connection) {
	t.Helper()
	tx := table.NewTx()
	tx.Put(of.Key(), of, table.ConnectionsOf(of.Root, of.Organization, of.ID))
	if err := to.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

func ExampleNew() {
	c := connection.New("org_1", "org_1", "Acme", connection.Entra, "https://portal.example", audit.Made(audit.System("example"), ""))
	fmt.Println(c.Status(), c.SSORequired, c.Settings.Missing())
	// Output: draft true [idp.entityId idp.ssoUrl idp.certificates]
}
