package e2e

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

// atCopy is what there is when the backup is made, of which each part is used, ended or taken away afterwards.
type atCopy struct {
	root, leaver, removed, stayer, visitor, forgetful, challenged, recovering, protected Person

	tree, partner *Tree
	reset         string   // forgetful's link to set a password
	invited       string   // the address of somebody who is invited,
	invitation    string   // and the token
	setUp         string   // the token of a set-up link
	challenge     string   // challenged's sign-in
	recoveryCodes []string // recovering's
	code          string   // a code of protected's app, used afterwards
	partnerCode   string
	spare         aKey // deleted afterwards
}

func prepare(t *testing.T) *atCopy {
	t.Helper()
	c := &atCopy{root: platform(t), tree: newTree(t)}
	administrator := c.tree.Roles[c.tree.Org].Administrator
	c.partner = newTreeOf(t, c.root, "partner")
	c.leaver, c.challenged = c.tree.Invite(t, c.tree.Org, administrator), c.tree.Invite(t, c.tree.Org, administrator)
	c.removed, c.stayer, c.visitor, c.forgetful = ordinary(t, c.tree), ordinary(t, c.tree), ordinary(t, c.tree), ordinary(t, c.tree)
	c.protected, c.recovering = withSecondFactor(t, c.tree), ordinary(t, c.tree)
	c.recovering.TOTP = enrolling(t, c.recovering)
	var codes struct{ RecoveryCodes []string }
	c.recovering.Do(t, "POST", "/v1/me/second-factor/confirm", map[string]string{"code": codeNow(t, c.recovering.TOTP)}).Expect(t, 200).JSON(t, &codes)
	c.recoveryCodes = codes.RecoveryCodes
	c.reset = resetToken(t, c.forgetful)
	c.invited = inviteOnly(t, c.tree, c.tree.Roles[c.tree.Org].User)
	c.invitation = mailedToken(t, c.invited, "invitation")
	c.setUp = linkToken(t, install(t, "set-up-"+unique()+"@tenantry.example").Link)
	c.partnerCode = partnerCode(t, c.partner)
	c.tree.Admin.DoWithKey(t, "POST", keysOf(c.tree.Org), map[string]any{"name": "Spare", "roleId": c.tree.Roles[c.tree.Org].User}).Expect(t, 201).JSON(t, &c.spare)
	c.challenge = challengeOf(t, c.challenged)
	stack.Local(t, "POST", "queues/idle", nil) // a mail that is being sent would be its worker's until the lease ends
	return c
}

// resetToken asks for a link to set a password and gives its token.
func resetToken(t testing.TB, p Person) string {
	t.Helper()
	return newToken(t, p.Email, "password-reset", func() {
		stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
	})
}

// newToken gives the token of a mail that comes because of what ask does, and not that of an older one.
func newToken(t testing.TB, email, kind string, ask func()) string {
	t.Helper()
	mails := len(mailsTo(t, email))
	ask()
	comesTrue(t, "a mail to "+email, func() bool { return len(mailsTo(t, email)) > mails })
	return mailedToken(t, email, kind)
}

// goOn is what happens after the backup.
func (c *atCopy) goOn(t *testing.T) {
	t.Helper()
	admin, users := c.tree.Admin, usersOf(c.tree.Org)
	admin.DoWithKey(t, "PATCH", users+"/"+c.leaver.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	admin.DoWithKey(t, "DELETE", users+"/"+c.removed.ID, nil).Expect(t, 204)
	admin.DoWithKey(t, "DELETE", keysOf(c.tree.Org)+"/"+c.spare.ID, nil).Expect(t, 204)
	admin.DoWithKey(t, "PUT", "/v1/organizations/"+c.tree.Org+"/partner", map[string]string{"code": c.partnerCode}).Expect(t, 200)
	c.visitor.Do(t, "DELETE", "/v1/session", nil).Expect(t, 204)
	stack.Do(t, "POST", "/v1/session/password-reset/"+c.reset, map[string]string{"password": "after-the-copy-" + password}).Expect(t, 204)
	for _, token := range []string{c.invitation, c.setUp} {
		if p := (Person{}); p.accept(token) != nil {
			t.Fatalf("the link %s is not accepted", token)
		}
	}
	c.secondFactor(t, c.challenge, nextCode(t, c.challenged)).Expect(t, 204)
	c.secondFactor(t, challengeOf(t, c.recovering), c.recoveryCodes[0]).Expect(t, 204)
	c.code = nextCode(t, c.protected)
	c.secondFactor(t, challengeOf(t, c.protected), c.code).Expect(t, 204)
}

func (c *atCopy) secondFactor(t testing.TB, challenge, code string) Answer {
	t.Helper()
	return stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challenge, "code": code})
}

// afterRestore does what an operator does, and gives the time of the mark.
func afterRestore(t testing.TB) time.Time {
	t.Helper()
	printed, err := exec.CommandContext(t.Context(), "make", "--silent", "-C", "../..", "after-restore", "URL="+stack.URL).CombinedOutput()
	if err != nil {
		t.Fatalf("make after-restore: %v\n%s", err, printed)
	}
	var done struct {
		RestoredAt time.Time
		Told       string
	}
	Answer{Status: 200, Body: printed[strings.IndexByte(string(printed), '{'):]}.JSON(t, &done)
	if done.RestoredAt.IsZero() || !strings.HasPrefix(done.Told, "job_") {
		t.Fatalf("make after-restore printed %s", printed)
	}
	return done.RestoredAt
}

func TestINS6_ARestoredTableRevivesNobody(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	c, backup := prepare(t), t.TempDir()
	waitingMail(t)
	restart(t, func(folder string) { copyTable(t, folder, backup) })
	c.goOn(t)
	c.leaver.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	restart(t, func(folder string) { copyTable(t, backup, folder) })
	c.leaver.Do(t, "GET", "/v1/me", nil).Expect(t, 200) // a restore alone brings the leaver back
	c.leaver.DoWithKey(t, "GET", usersOf(c.tree.Org), nil).Expect(t, 200)

	mark := afterRestore(t)
	t.Run("nobody comes back", c.nobodyComesBack)
	t.Run("waiting mails are dropped", nothingWaits)
	t.Run("all administrators are told", func(t *testing.T) {
		for _, person := range []Person{c.root, c.tree.Admin, c.tree.Second, c.partner.Admin} {
			awaitMail(t, person.Email, "restored from a backup")
		}
	})
	t.Run("the operator comes in", c.operatorComesIn)
	t.Run("everybody else goes on", func(t *testing.T) { c.othersGoOn(t, mark) })
	t.Run("done again it voids more", func(t *testing.T) {
		c.root.Do(t, "GET", "/v1/me", nil).Expect(t, 200)
		if again := afterRestore(t); !again.After(mark) {
			t.Errorf("marked at %v, then at %v", mark, again)
		}
		c.root.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
		refusedAs(t, c.tree.Admin.DoWithKey(t, "GET", usersOf(c.tree.Org), nil), 403, "key-held")
	})
}

func (c *atCopy) nobodyComesBack(t *testing.T) {
	for name, p := range map[string]Person{"leaver": c.leaver, "removed": c.removed, "visitor": c.visitor, "stayer": c.stayer, "root": c.root} {
		if answer := p.Do(t, "GET", "/v1/me", nil); answer.Status != 401 {
			t.Errorf("the session of %s: %d", name, answer.Status)
		}
		refusedAs(t, stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}), 401, "wrong-credentials")
	}
	for name, key := range map[string]string{"leaver": c.leaver.Key, "deleted": c.spare.Secret, "administrator": c.tree.Admin.Key, "platform": c.root.Key} {
		answer := Person{Key: key}.DoWithKey(t, "GET", "/v1/session", nil)
		if answer.Status != 403 || slug(t, answer) != "key-held" {
			t.Errorf("the key of %s: %d %s", name, answer.Status, answer.Body)
		}
	}
	refusedAs(t, stack.Do(t, "POST", "/v1/session/password-reset/"+c.reset, map[string]string{"password": "leavers-" + password}), 404, "link-ended")
	for _, token := range []string{c.invitation, c.setUp} {
		refusedAs(t, stack.Do(t, "GET", "/v1/invitations/"+token, nil), 404, "link-ended")
		refusedAs(t, stack.Do(t, "POST", "/v1/invitations/"+token, map[string]string{"password": password}), 404, "link-ended")
	}
	refusedAs(t, c.secondFactor(t, c.challenge, codeNow(t, c.challenged.TOTP)), 401, "challenge-ended")
}

// waitingMail puts a mail into the outbox whose message is lost. It cannot be opened: a worker that tried would fail.
func waitingMail(t testing.TB) {
	t.Helper()
	o := rawTable(t)
	o.write(t, []map[string]any{{"pk": "OUTBOX#3", "sk": "mai_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", "kind": "invitation", "sealed": "x",
		"created": time.Now().Unix(), "expiresAt": time.Now().Add(time.Hour).Unix()}})
}

func nothingWaits(t *testing.T) {
	stack.Local(t, "POST", "queues/idle", nil)
	stack.Local(t, "POST", "invoke/MaintenanceFunction", map[string]any{"task": "sweep", "time": time.Now().Add(2 * time.Minute)})
	stack.Local(t, "POST", "queues/idle", nil)
	o, err := openTable()
	if err != nil {
		t.Fatal(err)
	}
	for _, shard := range []string{"0", "1", "2", "3", "4", "5", "6", "7"} {
		if left := o.partition(t, "OUTBOX#"+shard); len(left) > 0 {
			t.Errorf("in the outbox: %v", left)
		}
	}
	var queues []struct {
		Name string
		Dead int
	}
	stack.Local(t, "GET", "queues", nil).JSON(t, &queues)
	for _, queue := range queues {
		if queue.Dead > 0 {
			t.Errorf("%d messages of %s are among the dead letters", queue.Dead, queue.Name)
		}
	}
}

// operatorComesIn has the platform's administrator come in by `make admin`, which replaces password and second factor.
func (c *atCopy) operatorComesIn(t *testing.T) {
	if err := c.root.accept(linkToken(t, install(t, c.root.Email).Link)); err != nil {
		t.Fatal(err)
	}
	c.root.Do(t, "GET", "/v1/organizations", nil).Expect(t, 200)
}

// setPasswordAnew sets a new password by a mailed link and signs in with it, up to the second factor where there is one.
func setPasswordAnew(t testing.TB, p *Person) (challenge string) {
	t.Helper()
	stack.Do(t, "POST", "/v1/session/password-reset/"+resetToken(t, *p), map[string]string{"password": "anew-" + password}).Expect(t, 204)
	answer := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": "anew-" + password})
	if answer.Status == 204 {
		if err := p.signedIn(answer); err != nil {
			t.Fatal(err)
		}
		return ""
	}
	var next struct{ Challenge string }
	answer.Expect(t, 200).JSON(t, &next)
	return next.Challenge
}

func (c *atCopy) othersGoOn(t *testing.T, mark time.Time) {
	setPasswordAnew(t, &c.stayer)
	c.stayer.Do(t, "GET", "/v1/organizations/"+c.tree.Org, nil).Expect(t, 200)
	refusedAs(t, c.secondFactor(t, setPasswordAnew(t, &c.recovering), c.recoveryCodes[0]), 403, "wrong-code")
	refusedAs(t, c.secondFactor(t, setPasswordAnew(t, &c.protected), c.code), 403, "wrong-code")

	admin := &c.tree.Admin
	challenge := setPasswordAnew(t, admin)
	time.Sleep(time.Until(mark.Truncate(30 * time.Second).Add(30 * time.Second))) // codes of the app from before are void
	answer := c.secondFactor(t, challenge, nextCode(t, *admin)).Expect(t, 204)
	if err := admin.signedIn(answer); err != nil {
		t.Fatal(err)
	}
	c.keysGoOn(t, *admin)
	refused := admin.Do(t, "PUT", "/v1/organizations/"+c.tree.Org+"/partner", map[string]string{"code": c.partnerCode})
	if refused.Status != 422 {
		t.Errorf("a partner's code that was used: %d %s", refused.Status, refused.Body)
	}
	admin.Do(t, "PATCH", usersOf(c.tree.Org)+"/"+c.leaver.ID, map[string]string{"status": "inactive"}).Expect(t, 200) // as the letter says
	var page struct{ Items []aUser }
	admin.Do(t, "GET", usersOf(c.tree.Org), nil).Expect(t, 200).JSON(t, &page)
	for _, user := range page.Items {
		if user.Email == c.invited {
			token := newToken(t, c.invited, "invitation", func() {
				admin.Do(t, "POST", usersOf(c.tree.Org)+"/"+user.ID+"/invitation", nil).Expect(t, 200)
			})
			if p := (Person{}); p.accept(token) != nil {
				t.Error("the new invitation is not accepted")
			}
			return
		}
	}
	t.Errorf("the invited user is not in %+v", page.Items)
}

// keysGoOn confirms the administrator's own key, and no other.
func (c *atCopy) keysGoOn(t *testing.T, admin Person) {
	t.Helper()
	admin.Do(t, "POST", keysOf(c.tree.Org)+"/"+keyID(admin.Key)+"/confirm", nil).Expect(t, 200)
	admin.DoWithKey(t, "GET", usersOf(c.tree.Org), nil).Expect(t, 200)
	var page struct{ Items []aKey }
	admin.Do(t, "GET", keysOf(c.tree.Org), nil).Expect(t, 200).JSON(t, &page)
	held := map[string]bool{}
	for _, key := range page.Items {
		held[key.ID] = key.Held
	}
	if !held[keyID(c.leaver.Key)] || !held[c.spare.ID] {
		t.Errorf("held are %v", held)
	}
	admin.Do(t, "DELETE", keysOf(c.tree.Org)+"/"+c.spare.ID, nil).Expect(t, 204)
}
