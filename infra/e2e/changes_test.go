package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// changes are the changing operations, by the id of each, with how to get into a situation where it can be sent. An operation
// of the API that is not here fails TestEveryChangeHasASituation.
func changes() map[string]func(testing.TB, *Tree) situation {
	all := map[string]func(testing.TB, *Tree) situation{}
	for _, some := range []map[string]func(testing.TB, *Tree) situation{organizationChanges, userChanges, keyChanges, jobChanges, domainChanges, connectionChanges, trialChanges, provisioningChanges, mappingChanges, syncChanges, sessionChanges, meChanges, brandingChanges, authenticationChanges} {
		maps.Copy(all, some)
	}
	return all
}

// key is somebody who sends with the API key of p and has no session.
func withKey(p Person) (Person, []string) {
	return Person{ID: p.ID}, []string{"Authorization", "Bearer " + p.Key}
}

// byKey is a situation of the person's key.
func byKey(p Person, method, path string, body any, isNew, isOld func(testing.TB) bool) situation {
	by, headers := withKey(p)
	return situation{By: by, Method: method, Path: path, Body: body, Headers: headers, New: isNew, Old: isOld}
}

// is compares what get reads with one value.
func is(get func(testing.TB) string, value string) func(testing.TB) bool {
	return func(t testing.TB) bool { return get(t) == value }
}

// attribute reads an attribute of an item, "" where there is none.
func attribute(pk, sk, name string) func(testing.TB) string {
	return func(t testing.TB) string {
		switch value := rawTable(t).item(t, pk, sk)[name].(type) {
		case string:
			return value
		case bool:
			if value {
				return "true"
			}
		}
		return ""
	}
}

// there tells whether there is an item.
func there(pk, sk string) func(testing.TB) bool {
	return func(t testing.TB) bool { return rawTable(t).item(t, pk, sk) != nil }
}

func not(fact func(testing.TB) bool) func(testing.TB) bool {
	return func(t testing.TB) bool { return !fact(t) }
}

// exactly tells whether count is n.
func exactly(n int, count func(testing.TB) int) func(testing.TB) bool {
	return func(t testing.TB) bool { return count(t) == n }
}

// below counts the items of a partition whose sort key begins with prefix.
func below(pk, prefix string) func(testing.TB) int {
	return func(t testing.TB) int {
		n := 0
		for sk := range rawTable(t).partition(t, pk) {
			if strings.HasPrefix(sk, prefix) {
				n++
			}
		}
		return n
	}
}

// listed counts the items of an index's list whose sort key begins with prefix.
func listed(index int, pk, prefix string) func(testing.TB) int {
	return func(t testing.TB) int { return len(rawTable(t).list(t, index, pk, prefix)) }
}

var organizationChanges = map[string]func(testing.TB, *Tree) situation{
	"create-organization": func(t testing.TB, _ *Tree) situation {
		name := "fault " + unique()
		made := listed(2, "MAINS", "client#"+name+"#")
		body := map[string]any{"type": "client", "name": name, "email": "hello@acme.example",
			"administrator": map[string]string{"email": "first-" + unique() + "@acme.example", "name": "First"}}
		return byKey(platform(t), "POST", "/v1/organizations", body, exactly(1, made), exactly(0, made))
	},
	"edit-organization": func(t testing.TB, tree *Tree) situation {
		was, name := attribute("ORG#"+tree.Org, "ORG", "name"), "Renamed "+unique()
		return byKey(tree.Admin, "PATCH", "/v1/organizations/"+tree.Org, map[string]string{"name": name}, is(was, name), is(was, was(t)))
	},
	"create-suborganization": func(t testing.TB, tree *Tree) situation {
		name := "sub " + unique()
		made := listed(1, "ORGS#"+tree.Org, name+"#")
		return byKey(tree.Admin, "POST", "/v1/organizations/"+tree.Org+"/suborganizations", map[string]string{"name": name}, exactly(1, made), exactly(0, made))
	},
	"delete-organization": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		is := there("ORG#"+sub, "ORG")
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+sub, nil, not(is), is)
	},
	"set-partner": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		setPartner(t, tree, "")
		of := attribute("ORG#"+tree.Org, "ORG", "partner")
		return byKey(tree.Admin, "PUT", "/v1/organizations/"+tree.Org+"/partner", map[string]string{"code": partnerCode(t, partner)}, is(of, partner.Org), is(of, of(t)))
	},
	"remove-partner": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		setPartner(t, tree, partnerCode(t, partner))
		of := attribute("ORG#"+tree.Org, "ORG", "partner")
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+tree.Org+"/partner", nil, is(of, ""), is(of, partner.Org))
	},
	"create-partner-code": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		events := eventsOf(partner.Org, "partner-code.created")
		n := events(t)
		return byKey(partner.Admin, "POST", "/v1/organizations/"+partner.Org+"/partner-codes", nil, exactly(n+1, events), exactly(n, events))
	},
	"give-recovery": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
		given := there("USER#"+p.ID, "CREDENTIAL#recovery-link")
		return situation{By: freshPlatform(t), Method: "POST", Path: recoveryOf(tree.Org), Body: aRecovery(p.ID), New: given, Old: not(given)}
	},
	"suspend-organization": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		platform(t).DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/resume", nil)
		suspended := is(attribute("TREE#"+partner.Org, "ACCESS", "suspended"), "true")
		return byKey(platform(t), "POST", "/v1/organizations/"+partner.Org+"/suspend", nil, suspended, not(suspended))
	},
	"resume-organization": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		platform(t).DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/suspend", nil)
		suspended := is(attribute("TREE#"+partner.Org, "ACCESS", "suspended"), "true")
		return byKey(platform(t), "POST", "/v1/organizations/"+partner.Org+"/resume", nil, not(suspended), suspended)
	},
	"close-organization": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		platform(t).DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/reopen", nil)
		name := rawTable(t).item(t, "ORG#"+partner.Org, "ORG").text("name")
		closed := isClosed(partner.Org)
		return byKey(platform(t), "POST", "/v1/organizations/"+partner.Org+"/close?confirm=3", map[string]string{"name": name}, closed, not(closed))
	},
	"reopen-organization": func(t testing.TB, tree *Tree) situation {
		partner := tree.partner(t)
		closeOrganization(t, platform(t), partner.Org)
		closed := isClosed(partner.Org)
		return byKey(platform(t), "POST", "/v1/organizations/"+partner.Org+"/reopen", nil, not(closed), closed)
	},
}

// partner is a partner that the tests of one tree share.
func (tree *Tree) partner(t testing.TB) *Tree {
	t.Helper()
	if tree.Partner == nil {
		tree.Partner = newTreeOf(t, platform(t), "partner")
	}
	return tree.Partner
}

// setPartner gives the tree the partner of the code, or none.
func setPartner(t testing.TB, tree *Tree, code string) {
	t.Helper()
	method, body := "PUT", any(map[string]string{"code": code})
	if code == "" {
		method, body = "DELETE", nil
	}
	tree.Admin.DoWithKey(t, method, "/v1/organizations/"+tree.Org+"/partner", body)
}

func newSub(t testing.TB, tree *Tree) string {
	t.Helper()
	var sub struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/suborganizations", map[string]string{"name": "Sub " + unique()}).Expect(t, 201).JSON(t, &sub)
	return sub.ID
}

func partnerCode(t testing.TB, partner *Tree) string {
	t.Helper()
	var made struct{ Code string }
	partner.Admin.DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/partner-codes", nil).Expect(t, 201).JSON(t, &made)
	return made.Code
}

// eventsOf counts the audit events of an action in an organization.
func eventsOf(org, action string) func(testing.TB) int {
	return func(t testing.TB) int {
		events := rawTable(t).list(t, 1, "AUDIT#"+org, "")
		return len(slices.DeleteFunc(events, func(event row) bool { return event.text("action") != action }))
	}
}

var sessionChanges = map[string]func(testing.TB, *Tree) situation{
	"sign-in-with-password": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
		sessions := below("USER#"+p.ID, "SESSION#")
		return situation{Method: "POST", Path: "/v1/session/password", Body: map[string]string{"email": p.Email, "password": password},
			New: func(t testing.TB) bool { return sessions(t) > 1 }, Old: exactly(1, sessions)}
	},
	"give-second-factor": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
		challenge := challengeOf(t, p)
		sessions := below("USER#"+p.ID, "SESSION#")
		return situation{Method: "POST", Path: "/v1/session/second-factor", Body: map[string]string{"challenge": challenge, "code": nextCode(t, p)},
			New: exactly(2, sessions), Old: exactly(1, sessions), Once: true}
	},
	"enrol-second-factor-to-sign-in": func(t testing.TB, tree *Tree) situation {
		email := inviteOnly(t, tree, tree.Roles[tree.Org].Administrator)
		var next struct{ Challenge string }
		stack.Do(t, "POST", "/v1/invitations/"+mailedToken(t, email, "invitation"), map[string]string{"password": password}).Expect(t, 200).JSON(t, &next)
		user := strings.Split(next.Challenge, ".")[1]
		sealed := func(t testing.TB) bool {
			for sk, item := range rawTable(t).partition(t, "USER#"+user) {
				if strings.HasPrefix(sk, "CHALLENGE#") && item.text("sealed") != "" {
					return true
				}
			}
			return false
		}
		return situation{Method: "POST", Path: "/v1/session/second-factor/enrol", Body: map[string]string{"challenge": next.Challenge}, New: sealed, Old: not(sealed)}
	},
	"request-password-reset": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
		stack.Local(t, "POST", "queues/idle", nil)
		waiting := waitingMails(t)
		asked := func(t testing.TB) bool {
			stack.Local(t, "POST", "queues/idle", nil)
			return len(mailsTo(t, p.Email)) > 1 || waitingMails(t) > waiting
		}
		return situation{Method: "POST", Path: "/v1/session/password-reset", Body: map[string]string{"email": p.Email}, New: asked, Old: not(asked)}
	},
	"reset-password": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
		stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
		token := mailedToken(t, p.Email, "password-reset")
		events := eventsOf(tree.Org, "password.reset")
		n := events(t)
		return situation{Method: "POST", Path: "/v1/session/password-reset/" + token, Body: map[string]string{"password": "another-" + password},
			New: exactly(n+1, events), Old: exactly(n, events), Once: true}
	},
	"open-recovery": func(t testing.TB, tree *Tree) situation {
		token, p := recoveryLink(t, tree)
		waits := there("USER#"+p.ID, "CREDENTIAL#recovery-link")
		return situation{Method: "POST", Path: "/v1/session/recovery/" + token, New: not(waits), Old: waits, Once: true}
	},
	"accept-invitation": func(t testing.TB, tree *Tree) situation {
		email := inviteOnly(t, tree, tree.Roles[tree.Org].User)
		claimed := there("EMAIL#"+email, "EMAIL")
		return situation{Method: "POST", Path: "/v1/invitations/" + mailedToken(t, email, "invitation"), Body: map[string]string{"password": password},
			New: claimed, Old: not(claimed), Once: true}
	},
	"sign-out": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
		sessions := below("USER#"+p.ID, "SESSION#")
		return situation{By: p, Method: "DELETE", Path: "/v1/session", New: exactly(0, sessions), Old: exactly(1, sessions), Once: true}
	},
	"reauthenticate": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
		events := eventsOf(tree.Org, "session.reauthenticated")
		n := events(t)
		return situation{By: p, Method: "POST", Path: "/v1/session/reauthenticate", Body: map[string]string{"password": password}, New: exactly(n+1, events), Old: exactly(n, events)}
	},
}

// inviteOnly invites somebody who does not accept, and gives the address.
func inviteOnly(t testing.TB, tree *Tree, role string) string {
	t.Helper()
	email := "i-" + unique() + "@acme.example"
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", map[string]string{"email": email, "name": "Ida Invited", "roleId": role}).Expect(t, 201)
	return email
}

// challengeOf signs in by password, up to the second factor.
func challengeOf(t testing.TB, p Person) string {
	t.Helper()
	var next struct{ Next, Challenge string }
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 200).JSON(t, &next)
	if next.Next != "second-factor" {
		t.Fatalf("the next step of %s is %q", p.Email, next.Next)
	}
	return next.Challenge
}

// nextCode is a code that was not used yet: of the step after the present one, which clocks that differ a little allow.
func nextCode(t testing.TB, p Person) string {
	t.Helper()
	code, err := totp.GenerateCode(p.TOTP, time.Now().Add(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// waitingMails counts the mails in the outbox.
func waitingMails(t testing.TB) int {
	n := 0
	for _, shard := range []string{"0", "1", "2", "3", "4", "5", "6", "7"} {
		n += len(rawTable(t).partition(t, "OUTBOX#"+shard))
	}
	return n
}

// own is a situation of a new user's own account, which leaves an audit event of the action.
func own(t testing.TB, tree *Tree, p Person, method, path string, body any, action string) situation {
	t.Helper()
	events := eventsOf(tree.Org, action)
	n := events(t)
	return situation{By: p, Method: method, Path: path, Body: body, New: exactly(n+1, events), Old: exactly(n, events)}
}

// ordinary is a new user of the tree.
func ordinary(t testing.TB, tree *Tree) Person {
	t.Helper()
	return tree.Invite(t, tree.Org, tree.Roles[tree.Org].User)
}

// withSecondFactor is a new user of the tree who has set up a second factor without having to.
func withSecondFactor(t testing.TB, tree *Tree) Person {
	t.Helper()
	p := ordinary(t, tree)
	p.TOTP = enrolling(t, p)
	p.Do(t, "POST", "/v1/me/second-factor/confirm", map[string]string{"code": codeNow(t, p.TOTP)}).Expect(t, 200)
	return p
}

// enrolling begins to set up a second factor and gives its secret.
func enrolling(t testing.TB, p Person) string {
	t.Helper()
	var begun struct{ Secret string }
	p.Do(t, "POST", "/v1/me/second-factor", nil).Expect(t, 200).JSON(t, &begun)
	return begun.Secret
}

func codeNow(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

var meChanges = map[string]func(testing.TB, *Tree) situation{
	"edit-own-profile": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		was, name := attribute("TREE#"+tree.Org, "USER#"+p.ID, "name"), "Myself "+unique()
		return situation{By: p, Method: "PATCH", Path: "/v1/me", Body: map[string]string{"name": name}, New: is(was, name), Old: is(was, was(t))}
	},
	"change-own-password": func(t testing.TB, tree *Tree) situation {
		return own(t, tree, ordinary(t, tree), "POST", "/v1/me/password", map[string]string{"current": password, "password": "another-" + password}, "password.changed")
	},
	"change-own-address": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		waiting := there("USER#"+p.ID, "CREDENTIAL#address")
		return situation{By: p, Method: "POST", Path: "/v1/me/address", Body: map[string]string{"email": "moved-" + unique() + "@acme.example"}, New: waiting, Old: not(waiting)}
	},
	"confirm-address": func(t testing.TB, tree *Tree) situation {
		token, to := addressLink(t, ordinary(t, tree))
		claimed := there("EMAIL#"+to, "EMAIL")
		return situation{Method: "POST", Path: "/v1/me/address/" + token, New: claimed, Old: not(claimed), Once: true}
	},
	"enrol-own-second-factor": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		waiting := there("USER#"+p.ID, "CREDENTIAL#totp-enrolment")
		return situation{By: p, Method: "POST", Path: "/v1/me/second-factor", New: waiting, Old: not(waiting)}
	},
	"confirm-own-second-factor": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		enrolled := there("USER#"+p.ID, "CREDENTIAL#totp")
		return situation{By: p, Method: "POST", Path: "/v1/me/second-factor/confirm", Body: map[string]string{"code": codeNow(t, enrolling(t, p))}, New: enrolled, Old: not(enrolled)}
	},
	"renew-own-recovery-codes": func(t testing.TB, tree *Tree) situation {
		return own(t, tree, withSecondFactor(t, tree), "POST", "/v1/me/second-factor/recovery-codes", nil, "recovery-codes.renewed")
	},
	"remove-own-second-factor": func(t testing.TB, tree *Tree) situation {
		p := withSecondFactor(t, tree)
		enrolled := there("USER#"+p.ID, "CREDENTIAL#totp")
		return situation{By: p, Method: "DELETE", Path: "/v1/me/second-factor", New: not(enrolled), Old: enrolled}
	},
	"end-own-other-sessions": func(t testing.TB, tree *Tree) situation {
		return own(t, tree, ordinary(t, tree), "DELETE", "/v1/me/sessions", nil, "sessions.ended")
	},
	"end-own-session": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		other := signedInAgain(t, p)
		sessions := below("USER#"+p.ID, "SESSION#")
		var page struct {
			Items []struct {
				ID      string
				Current bool
			}
		}
		other.Do(t, "GET", "/v1/me/sessions", nil).Expect(t, 200).JSON(t, &page)
		for _, session := range page.Items {
			if !session.Current {
				return situation{By: other, Method: "DELETE", Path: "/v1/me/sessions/" + session.ID, New: exactly(1, sessions), Old: exactly(2, sessions)}
			}
		}
		t.Fatalf("no other session in %+v", page)
		return situation{}
	},
}

// signedInAgain opens a second session of somebody without a second factor.
func signedInAgain(t testing.TB, p Person) Person {
	t.Helper()
	answer := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 204)
	if err := p.signedIn(answer); err != nil {
		t.Fatal(err)
	}
	return p
}

var userChanges = map[string]func(testing.TB, *Tree) situation{
	"create-role": func(t testing.TB, tree *Tree) situation {
		name := "fault " + unique()
		claimed := there("ORG#"+tree.Org, "ROLENAME#"+name)
		return byKey(tree.Admin, "POST", rolesOf(tree.Org), map[string]string{"name": name, "portalAccess": "user"}, claimed, not(claimed))
	},
	"edit-role": func(t testing.TB, tree *Tree) situation {
		role, to := madeRole(t, tree.Admin, tree.Org, "Fault "+unique()), "fault "+unique()
		named := there("ORG#"+tree.Org, "ROLENAME#"+to)
		return byKey(tree.Admin, "PATCH", rolesOf(tree.Org)+"/"+role, map[string]string{"name": to}, named, not(named))
	},
	"delete-role": func(t testing.TB, tree *Tree) situation {
		role := madeRole(t, tree.Admin, tree.Org, "Fault "+unique())
		is := there("ORG#"+tree.Org, "ROLE#"+role)
		return byKey(tree.Admin, "DELETE", rolesOf(tree.Org)+"/"+role, nil, not(is), is)
	},
	"invite-user": func(t testing.TB, tree *Tree) situation {
		email := "fault-" + unique() + "@acme.example"
		claimed := there("TREE#"+tree.Org, "ADDRESS#"+email)
		body := map[string]string{"email": email, "name": "Fay Fault", "roleId": tree.Roles[tree.Org].Administrator}
		return byKey(tree.Admin, "POST", "/v1/organizations/"+tree.Org+"/users", body, claimed, not(claimed))
	},
	"edit-user": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
		role, to := attribute("TREE#"+tree.Org, "USER#"+p.ID, "role"), tree.Roles[tree.Subs[0]].User
		body := map[string]string{"organizationId": tree.Subs[0], "roleId": to, "name": "Moved"}
		return byKey(tree.Admin, "PATCH", "/v1/organizations/"+tree.Org+"/users/"+p.ID, body, is(role, to), is(role, role(t)))
	},
	"delete-user": func(t testing.TB, tree *Tree) situation {
		p := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
		is := there("TREE#"+tree.Org, "USER#"+p.ID)
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+tree.Org+"/users/"+p.ID, nil, not(is), is)
	},
	"resend-invitation": func(t testing.TB, tree *Tree) situation {
		_, user := invited(t, tree)
		events := eventsOf(tree.Org, "user.reinvited")
		n := events(t)
		return byKey(tree.Admin, "POST", "/v1/organizations/"+tree.Org+"/users/"+user+"/invitation", nil, exactly(n+1, events), exactly(n, events))
	},
	"revoke-invitation": func(t testing.TB, tree *Tree) situation {
		email, user := invited(t, tree)
		claimed := there("TREE#"+tree.Org, "ADDRESS#"+email)
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+tree.Org+"/users/"+user+"/invitation", nil, not(claimed), claimed)
	},
	"end-user-sessions": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		events := eventsOf(tree.Org, "user.sessions-ended")
		n := events(t)
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+tree.Org+"/authentication/users/"+p.ID+"/sessions", nil, exactly(n+1, events), exactly(n, events))
	},
}

// invited invites an ordinary user who does not accept, and gives the address and the id.
func invited(t testing.TB, tree *Tree) (email, user string) {
	t.Helper()
	email = inviteOnly(t, tree, tree.Roles[tree.Org].User)
	return email, rawTable(t).item(t, "TREE#"+tree.Org, "ADDRESS#"+email).text("user")
}

var keyChanges = map[string]func(testing.TB, *Tree) situation{
	"make-api-key": func(t testing.TB, tree *Tree) situation {
		keys := below("TREE#"+tree.Org, "KEY#")
		n := keys(t)
		body := map[string]any{"name": "Fault", "roleId": tree.Roles[tree.Org].User}
		return byKey(tree.Admin, "POST", "/v1/organizations/"+tree.Org+"/api-keys", body, exactly(n+1, keys), exactly(n, keys))
	},
	"confirm-api-key": func(t testing.TB, tree *Tree) situation {
		key := heldKey(t, tree)
		confirmed := func(t testing.TB) bool { return attribute("TREE#"+tree.Org, "KEY#"+key, "confirmedAt")(t) != "" }
		return situation{By: tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator), Method: "POST", Path: keysOf(tree.Org) + "/" + key + "/confirm",
			New: confirmed, Old: not(confirmed)}
	},
	"delete-api-key": func(t testing.TB, tree *Tree) situation {
		var made struct{ ID string }
		body := map[string]any{"name": "Fault", "roleId": tree.Roles[tree.Org].User}
		tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/api-keys", body).Expect(t, 201).JSON(t, &made)
		is := there("TREE#"+tree.Org, "KEY#"+made.ID)
		return byKey(tree.Admin, "DELETE", "/v1/organizations/"+tree.Org+"/api-keys/"+made.ID, nil, not(is), is)
	},
}

var authenticationChanges = map[string]func(testing.TB, *Tree) situation{
	"set-authentication-policy": func(t testing.TB, tree *Tree) situation {
		tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "administrators"))
		named := func(t testing.TB) bool { return rawTable(t).item(t, "TREE#"+tree.Org, "ACCESS")["breakGlass"] != nil }
		return byKey(tree.Admin, "PUT", policyOf(tree.Org), aPolicy(true, "administrators", tree.Second.ID), named, not(named))
	},
	"edit-sign-in": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		off := attribute("TREE#"+tree.Org, "USER#"+p.ID, "passwordOff")
		return byKey(tree.Admin, "PATCH", signInsOf(tree.Org, p.ID), map[string]bool{"emailPassword": false}, is(off, "true"), is(off, ""))
	},
	"send-password-reset": func(t testing.TB, tree *Tree) situation {
		p, events := ordinary(t, tree), eventsOf(tree.Org, "user.password-reset-sent")
		n := events(t)
		return byKey(tree.Admin, "POST", signInsOf(tree.Org, p.ID)+"/password-reset", nil, exactly(n+1, events), exactly(n, events))
	},
	"delete-user-password": func(t testing.TB, tree *Tree) situation {
		p := ordinary(t, tree)
		is := there("USER#"+p.ID, "CREDENTIAL#password")
		return byKey(tree.Admin, "DELETE", signInsOf(tree.Org, p.ID)+"/password", nil, not(is), is)
	},
	"reset-user-second-factor": func(t testing.TB, tree *Tree) situation {
		p := withSecondFactor(t, tree)
		is := there("USER#"+p.ID, "CREDENTIAL#totp")
		return byKey(tree.Admin, "DELETE", signInsOf(tree.Org, p.ID)+"/second-factor", nil, not(is), is)
	},
}
