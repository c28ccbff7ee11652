package e2e

import (
	"net/url"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
)

func TestSSO5_ACertificateThatNobodyKnowsIsLookedForInTheMetadataAtOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	var d Directory
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	stack.Local(t, "PUT", "idp/t-"+unique(), map[string]any{"settings": map[string]any{"attributes": "plain", "sign": "assertion", "nameId": "email"},
		"people": []map[string]any{{"id": "o-1", "userName": "pat", "email": address, "firstName": "Pat", "lastName": "Doe"}}, "groups": []any{}}).JSON(t, &d)
	s.change(t, func(c *connection.Connection) { // it trusts another certificate of the same IdP
		c.Settings.EntityID, c.Settings.SignOn = d.EntityID, map[string]string{samlsp.BindingRedirect: d.SSOURL}
		c.MetadataURL, c.MetadataAt = d.MetadataURL, clock.Format(time.Now().Add(-time.Hour))
	})
	stack.Local(t, "POST", "idp/"+d.Name+"/service-providers", stack.Do(t, "GET", "/saml/"+s.id+"/metadata", nil).Expect(t, 200).Body)
	arrive := func(b *browser) Answer {
		to := b.get(t, "/saml/"+s.id+"/login").Expect(t, 303).Header.Get("Location")
		form := d.signIn(t, "o-1", "url", to)
		return s.arrive(t, b, url.Values{"SAMLResponse": {form.Fields["SAMLResponse"]}})
	}
	b := newBrowser()
	arrive(b).Expect(t, 303)
	b.who(t)
	if n := len(rawTable(t).item(t, "CONNECTION#"+s.id, "CONNECTION")["settings"].(map[string]any)["certificates"].([]any)); n != 2 {
		t.Errorf("%d certificates are trusted", n)
	}
}
