package e2e

import "testing"

func TestPER2AManagingPartnerMakesNobodyItsClientsAdministrator(t *testing.T) {
	t.Parallel()
	client, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	employ(t, client, partner, "manage")
	main, sub := client.Roles[client.Org], client.Roles[client.Subs[0]]
	seller := partner.Admin
	invited := map[string]any{"email": "shadow-" + unique() + "@norte.example", "name": "Shadow", "roleId": main.Administrator}
	refusedAs(t, seller.Do(t, "POST", keysOf(client.Org), map[string]any{"name": "Shadow", "roleId": main.Administrator, "delicate": true}), 403, "forbidden")
	refusedAs(t, seller.DoWithKey(t, "POST", keysOf(client.Org), map[string]any{"name": "Shadow", "roleId": main.Administrator}), 403, "forbidden")
	refusedAs(t, seller.Do(t, "POST", usersOf(client.Org), invited), 403, "forbidden")
	refusedAs(t, seller.Do(t, "PATCH", usersOf(client.Org)+"/"+client.User.ID, map[string]any{"roleId": main.Administrator}), 403, "forbidden")
	seller.Do(t, "POST", keysOf(client.Org), map[string]any{"name": "Reader", "roleId": main.User}).Expect(t, 201)
	invited["roleId"] = sub.Administrator // who may there what the partner may
	seller.Do(t, "POST", usersOf(client.Subs[0]), invited).Expect(t, 201)
	platform(t).DoWithKey(t, "PATCH", usersOf(client.Org)+"/"+client.User.ID, map[string]any{"roleId": main.Administrator}).Expect(t, 200)
}
