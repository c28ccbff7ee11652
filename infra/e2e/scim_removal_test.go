package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func TestSSO7_RemovingAConnectionSaysWhatItsDirectoryBrought(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"active", "inactive"} {
		for _, fate := range []string{"keep", "deactivate"} {
			t.Run(state+" "+fate, func(t *testing.T) {
				t.Parallel()
				tree := newTree(t)
				s := tree.sso(t, tree.Org)
				i, other := s.provisioning(t, true), tree.idp(t, false)
				other.group(t, "Others", other.bring(t, "one@"+other.domain).ID)
				kept, guest := i.bring(t, s.address()), i.bring(t, "guest-"+unique()+"@elsewhere.example")
				i.bring(t, s.address())
				i.group(t, "Unmapped")
				crew := i.group(t, "Crew", kept.ID)
				indexed() // a group is found by the connections that are listed
				tree.maps(t, crew.ID, tree.Org, tree.Roles[tree.Org].User, false)
				i.gives(t, guest.ID, tree.Roles[tree.Org].User)
				s.signIn(t, newBrowser(), kept.UserName).Expect(t, 303)
				if state == "inactive" {
					tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, s.id)+"/deactivate?confirm=2", nil).Expect(t, 200)
				}
				var asked struct {
					Affected     int
					Consequences []string
				}
				path := connectionPath(tree.Org, s.id) + "?users=" + fate
				tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 409).JSON(t, &asked)
				all := strings.Join(asked.Consequences, "\n")
				wanted := []string{"3 users", "2 groups and 1 mapping ", "those without a role are deleted"}
				if fate == "deactivate" {
					wanted = append(wanted, "1 user signed in by it", "they are deactivated")
				}
				for _, one := range wanted {
					if !strings.Contains(all, one) {
						t.Errorf("nothing is said of %q: %s", one, all)
					}
				}
				if asked.Affected != 3 {
					t.Errorf("it concerns %d", asked.Affected)
				}
				tree.Admin.DoWithKey(t, "DELETE", path+fmt.Sprint("&confirm=", asked.Affected), nil).Expect(t, 204)
				comesTrue(t, "nothing left of the connection", func() bool { return below("SCIM#"+s.id, "")(t)+below("CONNECTION#"+s.id, "")(t) == 0 })
				inOrder(t, tree.Org)
			})
		}
	}
}
