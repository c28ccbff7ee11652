package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
)

// aProvisioning is what these tests read of SCIM at a connection.
type aProvisioning struct {
	Enabled, AcceptOutsiders        bool
	Endpoint, EnabledAt, LastCallAt string
	EnabledBy                       struct{ ID string }
}

// aSCIMToken is what these tests read of a token.
type aSCIMToken struct {
	ID, Token, Hint, ExpiresAt, LastUsedAt string
	CreatedBy                              struct{ ID string }
}

func scimOf(org, id string) string { return connectionPath(org, id) + "/scim" }

// provisions makes an active connection of the main organization with SCIM on.
func (tree *Tree) provisions(t testing.TB) aConnection {
	t.Helper()
	c := tree.active(t, tree.Org)
	tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, c.ID), map[string]any{}).Expect(t, 200)
	return c
}

// scimToken makes a token of a connection.
func (tree *Tree) scimToken(t testing.TB, id string) (made aSCIMToken) {
	t.Helper()
	tree.Admin.DoWithKey(t, "POST", scimOf(tree.Org, id)+"/tokens", map[string]any{}).Expect(t, 201).JSON(t, &made)
	return made
}

func (tree *Tree) scimTokens(t testing.TB, id string) (all []aSCIMToken) {
	t.Helper()
	var page struct{ Items []aSCIMToken }
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, id)+"/tokens", nil).Expect(t, 200).JSON(t, &page)
	return page.Items
}

// provisioned are the placeholders of sample events about SCIM; a token belongs to the connection of the same event.
func provisioned(tree *Tree) map[string]func(testing.TB) string {
	newest, directory := "", (*idp)(nil)
	return map[string]func(testing.TB) string{
		"scimConnection": func(t testing.TB) string {
			tree.sweepConnections(t)
			newest = tree.provisions(t).ID
			return newest
		},
		"scimToken": func(t testing.TB) string { return tree.scimToken(t, newest).ID },
		"idpConnection": func(t testing.TB) string { // one for all events: an organization has 20 connections at most
			if directory == nil {
				tree.sweepConnections(t)
				directory = tree.idp(t, false)
			}
			return directory.id
		},
		"idpToken":   func(testing.TB) string { return directory.token.Token },
		"idpAddress": func(testing.TB) string { return unique() + "@" + directory.domain },
		"idpGroup":   func(t testing.TB) string { return directory.group(t, "Group "+unique()).ID },
		"idpUser":    func(t testing.TB) string { return directory.bring(t, unique()+"@"+directory.domain).ID },
		"group":      func(t testing.TB) string { return tree.pushed(t) },
		"mappedGroup": func(t testing.TB) string {
			group := tree.pushed(t)
			tree.maps(t, group, tree.Org, tree.Roles[tree.Org].User, false)
			return group
		},
		"rankedGroup": func(t testing.TB) string {
			for len(tree.stored(t).Ranked()) == 0 {
				tree.maps(t, tree.pushed(t), tree.Org, tree.Roles[tree.Org].User, false)
			}
			return tree.stored(t).Ranked()[0]
		},
	}
}

var provisioningChanges = map[string]func(testing.TB, *Tree) situation{
	"set-provisioning": func(t testing.TB, tree *Tree) situation {
		tree.sweepConnections(t)
		c := tree.active(t, tree.Org)
		on := func(t testing.TB) bool { return storedConnection(t, c.ID).Provisioning != nil }
		return byKey(tree.Admin, "PUT", scimOf(tree.Org, c.ID), map[string]any{"acceptOutsiders": true}, on, not(on))
	},
	"delete-provisioning": func(t testing.TB, tree *Tree) situation {
		tree.sweepConnections(t)
		c := tree.provisions(t)
		on := func(t testing.TB) bool { of := storedConnection(t, c.ID); return of.Provisions() }
		return byKey(tree.Admin, "DELETE", scimOf(tree.Org, c.ID), nil, not(on), on)
	},
	"make-scim-token": func(t testing.TB, tree *Tree) situation {
		tree.sweepConnections(t)
		c := tree.provisions(t)
		n := func(t testing.TB) int { return len(storedConnection(t, c.ID).Tokens) }
		return byKey(tree.Admin, "POST", scimOf(tree.Org, c.ID)+"/tokens", map[string]any{}, exactly(1, n), exactly(0, n))
	},
	"confirm-scim-token": func(t testing.TB, tree *Tree) situation {
		tree.sweepConnections(t)
		c := tree.provisions(t)
		token := tree.heldToken(t, c.ID)
		confirmed := func(t testing.TB) bool { return storedConnection(t, c.ID).Tokens[0].ConfirmedAt != "" }
		return byKey(tree.Admin, "POST", scimOf(tree.Org, c.ID)+"/tokens/"+token.ID+"/confirm", nil, confirmed, not(confirmed))
	},
	"revoke-scim-token": func(t testing.TB, tree *Tree) situation {
		tree.sweepConnections(t)
		c := tree.provisions(t)
		token := tree.scimToken(t, c.ID)
		n := func(t testing.TB) int { return len(storedConnection(t, c.ID).Tokens) }
		return byKey(tree.Admin, "DELETE", scimOf(tree.Org, c.ID)+"/tokens/"+token.ID, nil, exactly(0, n), exactly(1, n))
	},
}

// heldToken makes a token of the connection that a restore holds; see heldKey.
func (tree *Tree) heldToken(t testing.TB, connection string) aSCIMToken {
	t.Helper()
	token, o := tree.scimToken(t, connection), rawTable(t)
	stored := o.item(t, "CONNECTION#"+connection, "CONNECTION")
	stored["tokens"].([]any)[0].(map[string]any)["createdAt"] = beforeTheRestore
	o.write(t, append(longRestored(t), stored))
	return token
}

func TestINS6_AHeldSCIMTokenWorksOnceAnAdministratorConfirmsIt(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.provisions(t)
	i := &idp{tree: tree, id: c.ID, token: tree.heldToken(t, c.ID)}
	path := scimOf(tree.Org, c.ID) + "/tokens"
	var all struct {
		Items []struct {
			ID   string
			Held bool
		}
	}
	held := func() bool {
		t.Helper()
		tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &all)
		return len(all.Items) == 1 && all.Items[0].Held
	}
	answer := i.call(t, "GET", "/Users", "")
	i.refused(t, answer, 401, "")
	if !held() || !strings.Contains(string(answer.Body), "restored from a backup") {
		t.Errorf("%+v, %s", all, answer.Body)
	}
	tree.User.Do(t, "POST", path+"/"+i.token.ID+"/confirm", nil).Expect(t, 403)
	tree.Sub.Do(t, "POST", path+"/"+i.token.ID+"/confirm", nil).Expect(t, 403)
	refusedAs(t, tree.Admin.Do(t, "POST", path+"/tok_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW/confirm", nil), 404, "not-found")
	events := eventsOf(tree.Org, "connection.scim-token-confirmed")
	for range 2 { // the second time nothing is held
		tree.Admin.Do(t, "POST", path+"/"+i.token.ID+"/confirm", nil).Expect(t, 200)
	}
	if n := events(t); n != 1 || held() {
		t.Errorf("%d events, %+v", n, all)
	}
	awaitMail(t, tree.Second.Email, "SCIM token works again")
	i.call(t, "GET", "/Users", "").Expect(t, 200)
}

func TestSSO6_SCIMIsSwitchedOnForAnActiveConnectionOfTheMainOrganization(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	draft, sub := tree.begin(t, tree.Org, "okta"), tree.active(t, tree.Subs[0])
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, draft.ID), map[string]any{}), 409, "connection-inactive")
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Subs[0], sub.ID), map[string]any{}), 409, "main-only")
	refusedAs(t, tree.Sub.DoWithKey(t, "PUT", scimOf(tree.Subs[0], sub.ID), map[string]any{}), 403, "forbidden")
	c := tree.active(t, tree.Org)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", scimOf(tree.Org, c.ID)+"/tokens", map[string]any{}), 409, "scim-off")
	var got aProvisioning
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, c.ID), nil).Expect(t, 200).JSON(t, &got)
	if got.Enabled || got.Endpoint != "" {
		t.Errorf("before: %+v", got)
	}
	answer := tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, c.ID), map[string]any{"acceptOutsiders": true}).Expect(t, 200)
	answer.JSON(t, &got)
	if !got.Enabled || !got.AcceptOutsiders || !strings.HasSuffix(got.Endpoint, "/scim/v2/"+c.ID) || got.EnabledBy.ID != keyID(tree.Admin.Key) || got.LastCallAt != "" {
		t.Errorf("on: %+v", got)
	}
	if events := eventsOfRequest(t, answer); len(events) != 1 || events[0].text("action") != "connection.scim-on" {
		t.Errorf("the audit says %+v", events)
	}
	mailedTo(t, tree.Admin.Email, "by SCIM")
	again := tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, c.ID), map[string]any{"acceptOutsiders": true}).Expect(t, 200)
	if events := eventsOfRequest(t, again); len(events) != 0 {
		t.Errorf("switched on again: %+v", events)
	}
	// Whoever leaves must lose access also while nobody signs in by the connection.
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/deactivate?confirm=0", nil).Expect(t, 200)
	if storedConnection(t, c.ID).Provisioning == nil {
		t.Error("SCIM ended with the sign-ins")
	}
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, c.ID), nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, c.ID), nil).Expect(t, 204)
	if of := storedConnection(t, c.ID); of.Provisions() || len(of.Tokens) > 0 {
		t.Errorf("off: %+v %+v", of.Provisioning, of.Tokens)
	}
	comesTrue(t, "SCIM is off", func() bool { return storedConnection(t, c.ID).Provisioning == nil })
}

func TestSSO6_TwoTokensAreValidAtOnceAndShownOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.provisions(t)
	path := scimOf(tree.Org, c.ID) + "/tokens"
	answer := tree.Admin.DoWithKey(t, "POST", path, map[string]any{}, "Idempotency-Key", unique()).Expect(t, 201)
	var first aSCIMToken
	answer.JSON(t, &first)
	if !strings.HasPrefix(first.Token, "tnt_scim_"+c.ID+".") || !strings.HasSuffix(first.Token, first.Hint) || first.CreatedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("made %+v", first)
	}
	stored := storedConnection(t, c.ID)
	if len(stored.Tokens) != 1 || strings.Contains(first.Token, stored.Tokens[0].Hash) || stored.Tokens[0].Hash == "" {
		t.Errorf("stored %+v", stored.Tokens)
	}
	mailedTo(t, tree.Admin.Email, "New SCIM token")
	second := tree.scimToken(t, c.ID)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", path, map[string]any{}), 409, "too-many-tokens")
	for _, one := range tree.scimTokens(t, c.ID) {
		if one.Token != "" {
			t.Errorf("a token is shown again: %+v", one)
		}
	}
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+first.ID, nil).Expect(t, 204)
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", path+"/"+first.ID, nil), 404, "not-found")
	if left := tree.scimTokens(t, c.ID); len(left) != 1 || left[0].ID != second.ID {
		t.Errorf("left: %+v", left)
	}
}

func TestSSO6_OfManyTokensMadeAtOnceTwoAreThere(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.provisions(t)
	var made atomic.Int64
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			switch answer := tree.Admin.DoWithKey(t, "POST", scimOf(tree.Org, c.ID)+"/tokens", map[string]any{}); answer.Status {
			case 201:
				made.Add(1)
			case 409, 503:
			default:
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if there := len(tree.scimTokens(t, c.ID)); int(made.Load()) != there || there > connection.MostTokens || there == 0 {
		t.Errorf("%d made, %d there", made.Load(), there)
	}
}

func TestSSO6_ATokenThatEndsIsToldOfAndMakesRoom(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.provisions(t)
	path := scimOf(tree.Org, c.ID) + "/tokens"
	for _, at := range []time.Time{time.Now().Add(-time.Minute), time.Now().AddDate(2, 0, 1)} {
		if answer := tree.Admin.DoWithKey(t, "POST", path, map[string]any{"expiresAt": at.UTC().Format(time.RFC3339)}); answer.Status != 422 && answer.Status != 400 {
			t.Errorf("%v: %d %s", at, answer.Status, answer.Body)
		}
	}
	ends := time.Now().Add(20 * 24 * time.Hour).UTC().Truncate(time.Second)
	var made aSCIMToken
	tree.Admin.DoWithKey(t, "POST", path, map[string]any{"expiresAt": ends.Format(time.RFC3339)}).Expect(t, 201).JSON(t, &made)
	tree.scimToken(t, c.ID)
	if made.ExpiresAt != clock.Format(ends) {
		t.Errorf("it ends %s", made.ExpiresAt)
	}
	until(t, func(t testing.TB) bool { return storedConnection(t, c.ID).Warned[made.ID] == 30 })
	mailedTo(t, tree.Admin.Email, "A SCIM token of")
	endToken(t, c.ID, made.ID)
	tree.scimToken(t, c.ID)
	for _, left := range tree.scimTokens(t, c.ID) {
		if left.ID == made.ID {
			t.Error("a token that has ended took up room")
		}
	}
}

// endToken has a token have ended a minute ago.
func endToken(t testing.TB, id, token string) {
	t.Helper()
	of := storedConnection(t, id)
	for i := range of.Tokens {
		if of.Tokens[i].ID == token {
			of.Tokens[i].EndsAt = time.Now().Add(-time.Minute).Unix()
		}
	}
	tokens, err := attributevalue.Marshal(of.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	o := rawTable(t)
	if _, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &o.name, Key: connectionItem(id), UpdateExpression: aws.String("SET tokens = :t"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":t": tokens}}); err != nil {
		t.Fatal(err)
	}
}

func TestSSO6_WhoWillBeTakenOverIsListed(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	c := tree.active(t, tree.Org, d.Name)
	var invited struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Subs[0]+"/users", map[string]string{"name": "Sam", "email": "Sam@" + d.Name,
		"roleId": tree.Roles[tree.Subs[0]].User}).Expect(t, http.StatusCreated).JSON(t, &invited)
	// Somebody of a verified domain that does not lead to the connection counts, somebody of one that is not verified any more does not,
	// nor does whom a connection provisions.
	lost, other := tree.verified(t, tree.Org, someDomain()), tree.idp(t, false)
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"domains": []string{d.Name, lost.Name}}).Expect(t, 200)
	ids := map[string]string{}
	for _, name := range []string{other.domain, lost.Name} {
		var u struct{ ID string }
		tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Kim", "email": "kim@" + name, "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &u)
		ids[name] = u.ID
	}
	tree.removeDomain(t, tree.Org, lost)
	other.gives(t, other.bring(t, "lee@"+other.domain).ID, tree.Roles[tree.Org].User).Expect(t, 200)
	indexed()
	found, cursor := []string{}, ""
	for {
		var page struct {
			Items      []struct{ ID, Email, Status, OrganizationID string }
			NextCursor string
		}
		tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, c.ID)+"/takeovers?limit=2&cursor="+cursor, nil).Expect(t, 200).JSON(t, &page)
		for _, one := range page.Items {
			found = append(found, one.ID+one.OrganizationID+one.Status)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	slices.Sort(found)
	wanted := []string{invited.ID + tree.Subs[0] + "invited", ids[other.domain] + tree.Org + "invited"}
	if slices.Sort(wanted); !slices.Equal(found, wanted) {
		t.Errorf("found %v, not %v", found, wanted)
	}
	if got := other.bring(t, "kim@"+other.domain); got.ID != ids[other.domain] {
		t.Errorf("who is listed was not taken over: %s", got.ID)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "GET", scimOf(tree.Subs[0], tree.begin(t, tree.Subs[0], "okta").ID)+"/takeovers", nil), 409, "main-only")
}
