package tenant_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/tenant"
)

func TestAUT1_WhoNeedsASecondFactor(t *testing.T) {
	t.Parallel()
	for policy, people := range map[tenant.Policy]struct{ member, administrator bool }{
		"":                       {false, true},
		tenant.ForAdministrators: {false, true},
		tenant.Optional:          {false, false},
		tenant.ForEveryone:       {true, true},
		"a later release's":      {true, true}, // as strict as can be
	} {
		for _, kind := range []tenant.Type{tenant.Platform, tenant.Partner, tenant.Client} {
			access := tenant.Access{Type: kind, SecondFactor: policy}
			if got := access.NeedsSecondFactor(false); got != people.member {
				t.Errorf("%s, policy %q, a member: %v", kind, policy, got)
			}
			if got := access.NeedsSecondFactor(true); got != (people.administrator || kind != tenant.Client) {
				t.Errorf("%s, policy %q, an administrator: %v", kind, policy, got)
			}
		}
	}
}

func TestOnlyASuborganizationIsNoMainOne(t *testing.T) {
	t.Parallel()
	for kind, main := range map[tenant.Type]bool{tenant.Platform: true, tenant.Partner: true, tenant.Client: true, tenant.Suborganization: false} {
		if got := (&tenant.Organization{Type: kind}).Main(); got != main {
			t.Errorf("%s: %v", kind, got)
		}
	}
}
