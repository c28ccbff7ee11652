package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// playing is held by the test that plays the providers.
var playing sync.Mutex

// onlyPlayer has the test play the providers by itself. It needs a stack that was told where they are.
func onlyPlayer(t *testing.T) {
	t.Helper()
	if stack.folder == "" {
		t.Skip("somebody else started the stack")
	}
	t.Parallel()
	playing.Lock()
	t.Cleanup(playing.Unlock)
}

func TestLOG4_PeopleSignInByAnAccountAndNotByAnAddress(t *testing.T) {
	onlyPlayer(t)
	google, tree := playsGoogle(t), newTree(t)
	p, mine := ordinary(t, tree), someSubject()
	var found struct{ Methods []string }
	stack.Do(t, "POST", "/v1/session/discover", map[string]string{"email": p.Email}).Expect(t, 200).JSON(t, &found)
	if strings.Join(found.Methods, " ") != "password microsoft google" {
		t.Errorf("offered are %v", found.Methods)
	}
	turnedAway(t, google.signIn(t, atGoogle(mine, "nobody-"+unique()+"@acme.example"), ""), "no-account")
	unproved := atGoogle(mine, p.Email)
	unproved.Claims["email_verified"] = false
	turnedAway(t, google.signIn(t, unproved, ""), "address-not-proved")

	if in := cameIn(t, google.signIn(t, atGoogle(mine, strings.ToUpper(p.Email)), "?email="+p.Email)); in.ID != p.ID { // the first match
		t.Fatalf("came in as %s", in.ID)
	}
	if in := cameIn(t, google.signIn(t, atGoogle(mine, "renamed-"+unique()+"@acme.example"), "")); in.ID != p.ID { // the account stays
		t.Errorf("with another address came in as %s", in.ID)
	}
	turnedAway(t, google.signIn(t, atGoogle(someSubject(), p.Email), ""), "no-account") // another account with the address
	got := signingInOf(t, tree.Admin, tree.Org, p.ID)
	if len(got.Methods) != 2 || got.Methods[0].Method != "google" || got.Methods[0].Count != 2 || got.Methods[0].LastSignInFrom == "" {
		t.Errorf("shown as %+v", got.Methods)
	}

	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	turnedAway(t, google.signIn(t, atGoogle(mine, p.Email), ""), "no-account")
	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+p.ID, nil).Expect(t, 204) // and nothing of it is left (GEN-7)
	later(t, time.Minute, func(t testing.TB) bool { return len(rawTable(t).partition(t, "USER#"+p.ID)) == 0 })
	other := ordinary(t, tree)
	if in := cameIn(t, google.signIn(t, atGoogle(mine, other.Email), "")); in.ID != other.ID {
		t.Errorf("who was removed is %s", in.ID)
	}
}

func TestLOG4_ASignInIsFinishedOnceByTheBrowserThatBeganIt(t *testing.T) {
	onlyPlayer(t)
	google, tree := playsGoogle(t), newTree(t)
	p := ordinary(t, tree)
	cookie, address := google.begin(t, "")
	other, _ := google.begin(t, "")
	google.SignIn(atGoogle(someSubject(), p.Email))
	query := google.Visit(t, address)
	turnedAway(t, google.back(t, query, ""), "provider-refused") // login CSRF: a browser that began nothing,
	turnedAway(t, google.back(t, query, other), "provider-refused")
	cameIn(t, google.back(t, query, cookie))
	turnedAway(t, google.back(t, query, cookie), "provider-refused")
	denied, _ := google.begin(t, "")
	turnedAway(t, google.back(t, map[string][]string{"error": {"access_denied"}, "state": {"x"}}, denied), "provider-refused")
}

func TestLOG9_AnInvitationIsAcceptedByAnAccountWithTheInvitedAddress(t *testing.T) {
	onlyPlayer(t)
	microsoft, google, tree := playsMicrosoft(t), playsGoogle(t), newTree(t)
	email := inviteOnly(t, tree, tree.Roles[tree.Org].User)
	token := "?invitation=" + mailedToken(t, email, "invitation")
	turnedAway(t, microsoft.signIn(t, atMicrosoft(someSubject(), "other-"+unique()+"@acme.example", true), token), "other-address")
	turnedAway(t, microsoft.signIn(t, atMicrosoft(someSubject(), email, false), ""), "address-not-proved")
	turnedAway(t, google.signIn(t, atGoogle(someSubject(), email), ""), "no-account") // an invitation that nobody opened holds nothing
	mine := someSubject()
	in := cameIn(t, microsoft.signIn(t, atMicrosoft(mine, email, false), token)) // the mailbox is proved by the link
	if got := rawTable(t).item(t, "TREE#"+tree.Org, "USER#"+in.ID); got.text("status") != "active" || got.text("email") != email {
		t.Errorf("accepted as %v", got)
	}
	cameIn(t, microsoft.signIn(t, atMicrosoft(mine, "", false), ""))
	turnedAway(t, microsoft.signIn(t, atMicrosoft(someSubject(), email, false), token), "link-ended")

	// Another tree's invitation to the address gives it nobody: the account goes on to be who it was.
	stranger := newTree(t)
	stranger.Admin.DoWithKey(t, "POST", usersOf(stranger.Org), map[string]string{"email": email, "name": "Mine Now", "roleId": stranger.Roles[stranger.Org].User}).Expect(t, 201)
	if again := cameIn(t, microsoft.signIn(t, atMicrosoft(mine, email, true), "")); again.ID != in.ID {
		t.Errorf("came in as %s, not %s", again.ID, in.ID)
	}
	// Once the tree is closed, the account is free like the address.
	closeOrganization(t, platform(t), tree.Org)
	turnedAway(t, microsoft.signIn(t, atMicrosoft(mine, "", true), ""), "address-not-proved")
	freed := mailedToken(t, email, "invitation")
	if moved := cameIn(t, microsoft.signIn(t, atMicrosoft(mine, email, true), "?invitation="+freed)); moved.ID == in.ID {
		t.Errorf("came in as %s of the closed tree", moved.ID)
	}
}

func TestPER6_MicrosoftIsMadeToAskAgain(t *testing.T) {
	onlyPlayer(t)
	microsoft, tree := playsMicrosoft(t), newTree(t)
	who := atMicrosoft(someSubject(), tree.Second.Email, true)
	who.SignedIn = time.Now().Add(-time.Hour)
	in := cameIn(t, microsoft.signIn(t, who, ""))
	key := map[string]any{"name": "Late", "roleId": tree.Roles[tree.Org].User}
	refused := in.Do(t, "POST", keysOf(tree.Org), key)
	refusedAs(t, refused, 403, "reauthentication-required")
	if !strings.Contains(string(refused.Body), `"ways":["microsoft"]`) {
		t.Errorf("answered %s", refused.Body)
	}
	turnedAway(t, microsoft.signIn(t, who, "/reauthenticate", "Cookie", in.Cookie), "provider-refused") // it did not ask
	who.SignedIn = time.Time{}
	other := atMicrosoft(someSubject(), tree.Admin.Email, true)
	turnedAway(t, microsoft.signIn(t, other, "/reauthenticate", "Cookie", in.Cookie), "no-account") // somebody else
	back := microsoft.signIn(t, who, "/reauthenticate", "Cookie", in.Cookie)
	if back.Header.Get("Location") != stack.URL+"/" {
		t.Fatalf("sent to %s", back.Header.Get("Location"))
	}
	in.Do(t, "POST", keysOf(tree.Org), key).Expect(t, 201)
	stack.Do(t, "GET", "/v1/session/oidc/google/reauthenticate", nil, "Cookie", in.Cookie).Expect(t, 404)

	// An account counts as a way in for who would turn passwords off (PER-5), and stays one.
	off := turnOff(t, tree)
	if len(off.Administrators) != 1 || off.Administrators[0].UserID != tree.Second.ID || off.Administrators[0].Ways[0] != "microsoft" {
		t.Errorf("answered %+v", off)
	}
	cameIn(t, microsoft.signIn(t, who, ""))
}
