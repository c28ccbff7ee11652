package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// aKey is an API key as the API shows one.
type aKey struct {
	ID, Name, RoleID, Hint, Secret, ExpiresAt, EndsBecause, LastUsedAt, LastUsedFrom string
	Delicate, Held                                                                   bool
	CreatedBy                                                                        struct{ Type, ID, Name, Email string }
}

func keysOf(org string) string { return "/v1/organizations/" + org + "/api-keys" }

// keyIn waits until the key is in the list, as ready says it should be, and gives it.
func keyIn(t testing.TB, by Person, org, id string, ready func(aKey) bool) aKey {
	t.Helper()
	var page struct{ Items []aKey }
	var found aKey
	if !holdsInTime(func() bool {
		by.DoWithKey(t, "GET", keysOf(org), nil).Expect(t, 200).JSON(t, &page)
		at := slices.IndexFunc(page.Items, func(key aKey) bool { return key.ID == id && ready(key) })
		if at >= 0 {
			found = page.Items[at]
		}
		return at >= 0
	}) {
		t.Fatalf("the key %s is not as it should be in %+v", id, page.Items)
	}
	return found
}

func TestLOG7_AKeyIsMadeUsedAndDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	body := map[string]any{"name": "Nightly export", "roleId": tree.Roles[tree.Org].Administrator, "expiresAt": time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)}
	once := unique()
	var key, again aKey
	tree.Admin.Do(t, "POST", keysOf(tree.Org), body, "Idempotency-Key", once).Expect(t, 201).JSON(t, &key)
	tree.Admin.Do(t, "POST", keysOf(tree.Org), body, "Idempotency-Key", once).Expect(t, 201).JSON(t, &again)
	if !strings.HasPrefix(key.Secret, "tnt_key_") || !strings.HasSuffix(key.Secret, key.Hint) || again.ID != key.ID || again.Secret != "" {
		t.Fatalf("made %+v, replayed %+v", key, again)
	}
	awaitMail(t, tree.Second.Email, "API key") // PER-7
	holder := Person{Key: key.Secret}
	holder.DoWithKey(t, "GET", usersOf(tree.Org), nil).Expect(t, 200)
	refusedAs(t, holder.DoWithKey(t, "POST", keysOf(tree.Org), body), 403, "forbidden") // without the delicate scope
	shown := keyIn(t, tree.Admin, tree.Org, key.ID, func(k aKey) bool { return k.LastUsedAt != "" })
	if shown.Secret != "" || shown.CreatedBy.Email != tree.Admin.Email || shown.EndsBecause != "expiry" || !strings.HasPrefix(shown.LastUsedFrom, "198.") {
		t.Errorf("listed as %+v", shown)
	}
	inOrder(t, tree.Org)
	tree.Admin.Do(t, "DELETE", keysOf(tree.Org)+"/"+key.ID, nil).Expect(t, 204)
	refusedAs(t, holder.DoWithKey(t, "GET", usersOf(tree.Org), nil), 401, "unauthenticated")
	tree.Admin.Do(t, "DELETE", keysOf(tree.Org)+"/"+key.ID, nil).Expect(t, 404)
	inOrder(t, tree.Org)
}

func TestLOG7_AKeyEndsSomeDaysAfterItsMakerLeft(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	key := keyIn(t, tree.Admin, tree.Org, keyID(tree.Second.Key), func(aKey) bool { return true })
	if key.ExpiresAt != "" {
		t.Errorf("ends at %s", key.ExpiresAt)
	}
	var child aKey // which the key made: it ends with the same person
	tree.Second.DoWithKey(t, "POST", keysOf(tree.Subs[0]), map[string]any{"name": "Of the key", "roleId": tree.Roles[tree.Subs[0]].User}).Expect(t, 201).JSON(t, &child)
	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+tree.Second.ID, nil).Expect(t, 204)
	left := keyIn(t, tree.Admin, tree.Org, key.ID, func(k aKey) bool { return k.EndsBecause == "maker-left" })
	if ends, err := time.Parse(time.RFC3339, left.ExpiresAt); err != nil || time.Until(ends) < 6*24*time.Hour || time.Until(ends) > 8*24*time.Hour {
		t.Errorf("ends at %s", left.ExpiresAt)
	}
	keyIn(t, tree.Admin, tree.Subs[0], child.ID, func(k aKey) bool { return k.EndsBecause == "maker-left" && k.CreatedBy.Type == "key" })
	awaitMail(t, tree.Admin.Email, "will end")
}

func TestLOG7_KeysRefuseWhatTheirMakerMayNotGive(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	key := func(role string, more ...any) map[string]any {
		body := map[string]any{"name": "Key", "roleId": role}
		for i := 0; i+1 < len(more); i += 2 {
			body[more[i].(string)] = more[i+1]
		}
		return body
	}
	sub := tree.Subs[0]
	for name, refused := range map[string]struct {
		by     Person
		path   string
		body   map[string]any
		status int
	}{
		"by a user":                    {tree.User, keysOf(tree.Org), key(tree.Roles[tree.Org].User), 403},
		"in the main organization":     {tree.Sub, keysOf(tree.Org), key(tree.Roles[tree.Org].User), 403},
		"in another tree":              {tree.Admin, keysOf(other.Org), key(other.Roles[other.Org].User), 404},
		"a role of another tree":       {tree.Admin, keysOf(tree.Org), key(other.Roles[other.Org].User), 422},
		"a role of a suborganization":  {tree.Admin, keysOf(tree.Org), key(tree.Roles[sub].User), 422},
		"an end that is past":          {tree.Admin, keysOf(tree.Org), key(tree.Roles[tree.Org].User, "expiresAt", "2020-01-01T00:00:00Z"), 422},
		"an end in a hundred years":    {tree.Admin, keysOf(tree.Org), key(tree.Roles[tree.Org].User, "expiresAt", "2126-01-01T00:00:00Z"), 422},
		"an end that is none":          {tree.Admin, keysOf(tree.Org), key(tree.Roles[tree.Org].User, "expiresAt", "tomorrow"), 422},
		"a name that is empty":         {tree.Admin, keysOf(tree.Org), key(tree.Roles[tree.Org].User, "name", " "), 422},
		"an unknown field of the body": {tree.Admin, keysOf(tree.Org), key(tree.Roles[tree.Org].User, "secret", "mine"), 422},
	} {
		t.Run(name, func(t *testing.T) {
			refused.by.Do(t, "POST", refused.path, refused.body).Expect(t, refused.status)
		})
	}
	ofMain, ofOther := keyID(tree.Admin.Key), keyID(other.Admin.Key)
	tree.Sub.Do(t, "DELETE", keysOf(sub)+"/"+ofMain, nil).Expect(t, 403)
	tree.Sub.Do(t, "DELETE", keysOf(sub)+"/"+ofOther, nil).Expect(t, 404)
	tree.Admin.Do(t, "DELETE", keysOf(sub)+"/"+ofMain, nil).Expect(t, 404)
	inOrder(t, tree.Org)
}

// heldKey makes a key that a restore holds, and gives its id. Since a mark of now would end everybody's sessions, the key and
// the mark are from long ago.
func heldKey(t testing.TB, tree *Tree) string {
	t.Helper()
	var made aKey
	tree.Admin.DoWithKey(t, "POST", keysOf(tree.Org), map[string]any{"name": "From before", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &made)
	o := rawTable(t)
	key := o.item(t, "TREE#"+tree.Org, "KEY#"+made.ID)
	key["createdAt"] = beforeTheRestore
	o.write(t, append(longRestored(t), key))
	return made.ID
}

const beforeTheRestore = "2019-01-01T00:00:00.000Z"

// longRestored are the marks of a restore in 2020, as far as there are none.
func longRestored(t testing.TB) (items []map[string]any) {
	t.Helper()
	for shard := range 16 {
		if pk := fmt.Sprintf("RESTORED#%d", shard); rawTable(t).item(t, pk, pk) == nil {
			items = append(items, map[string]any{"pk": pk, "sk": pk, "at": time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()})
		}
	}
	return items
}

func TestINS6_AHeldKeyWorksOnceAnAdministratorConfirmsIt(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	id := heldKey(t, tree)
	path := keysOf(tree.Org) + "/" + id + "/confirm"
	if key := keyIn(t, tree.Admin, tree.Org, id, func(k aKey) bool { return k.Held }); key.Name != "From before" {
		t.Errorf("listed as %+v", key)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", path, nil), 403, "forbidden") // by a key, delicate as it is
	tree.User.Do(t, "POST", path, nil).Expect(t, 403)
	tree.Sub.Do(t, "POST", path, nil).Expect(t, 403)
	var confirmed aKey
	tree.Admin.Do(t, "POST", path, nil).Expect(t, 200).JSON(t, &confirmed)
	if confirmed.Held || confirmed.ID != id {
		t.Errorf("confirmed as %+v", confirmed)
	}
	awaitMail(t, tree.Second.Email, "API key works again") // PER-7
	events := eventsOf(tree.Org, "key.confirmed")
	tree.Admin.Do(t, "POST", path, nil).Expect(t, 200)
	if n := events(t); n != 1 {
		t.Errorf("confirmed twice, it is audited %d times", n)
	}
}
