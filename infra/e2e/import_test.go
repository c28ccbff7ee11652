package e2e

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// theImport is the answer to a file.
type theImport struct {
	DryRun            bool
	Rows, Invitations int
	Existing          []int
	Faults            []rowFault
	Job               *importJob
}

type rowFault struct {
	Row             int
	Column, Message string
}

// importJob is the job that invites the people of a file.
type importJob struct {
	ID, Kind, Status string
	Progress         struct{ Done, Total int }
	Problem          *struct{ Type string }
	Import           *struct {
		Invited, Existing, Failed int
		Failures                  []struct {
			Row     int
			Message string
		}
	}
}

func importPath(org string) string { return usersOf(org) + "/import" }

// anImport is the body of a request to import CSV.
func anImport(text string, dry bool) map[string]any {
	return map[string]any{"format": "csv", "content": base64.StdEncoding.EncodeToString([]byte(text)), "dryRun": dry}
}

// dryRun has a file checked.
func dryRun(t testing.TB, by Person, org, text string) (out theImport) {
	t.Helper()
	by.Do(t, "POST", importPath(org), anImport(text, true)).Expect(t, 200).JSON(t, &out)
	return out
}

// importFile sends a file and waits until its people are invited.
func importFile(t testing.TB, by Person, org, text string) importJob {
	t.Helper()
	var out theImport
	answer := by.DoWithKey(t, "POST", importPath(org), anImport(text, false)).Expect(t, 202)
	answer.JSON(t, &out)
	if out.Job == nil || answer.Header.Get("Location") != jobPath(org, out.Job.ID) {
		t.Fatalf("at %q: %s", answer.Header.Get("Location"), answer.Body)
	}
	return awaitImport(t, by, org, out.Job.ID)
}

func awaitImport(t testing.TB, by Person, org, id string) (one importJob) {
	t.Helper()
	over(t, by, jobPath(org, id), &one)
	return one
}

// rowsOf are so many rows of new people, and their addresses.
func rowsOf(n int, role string) (text string, emails []string) {
	var out strings.Builder
	out.WriteString("name;email;role\r\n")
	for i := range n {
		email := fmt.Sprintf("n%d-%s@acme.example", i, unique())
		fmt.Fprintf(&out, "New %d;%s;%s\r\n", i, email, role)
		emails = append(emails, email)
	}
	return out.String(), emails
}

func TestUSR1_PeopleOfAFileAreInvitedOnceEach(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	text, emails := rowsOf(30, "User")
	if checked := dryRun(t, tree.Admin, tree.Org, text); !checked.DryRun || checked.Rows != 30 || checked.Invitations != 30 || len(checked.Faults) != 0 || checked.Job != nil {
		t.Fatalf("%+v", checked)
	}
	tells := eventsOf(tree.Org, "user.invited")
	before := tells(t)
	done := importFile(t, tree.Admin, tree.Org, "\ufeff"+text)
	if done.Status != "succeeded" || done.Import == nil || done.Import.Invited != 30 || done.Import.Failed != 0 || done.Progress.Done != 30 || done.Progress.Total != 30 {
		t.Fatalf("%+v", done)
	}
	accepted(t, emails[29], tree.Org, tree.Org)
	mailed := mailsTo(t, emails[0])
	if len(mailed) != 1 || !strings.Contains(mailed[0].Text, "the API key \"test\"") {
		t.Errorf("%d mails: %+v", len(mailed), mailed)
	}
	if got := tells(t); got != before+30 || eventsOf(tree.Org, "import.begun")(t) != 1 {
		t.Errorf("%d events of invitations and %d of the import", got-before, eventsOf(tree.Org, "import.begun")(t))
	}
	var again theImport
	tree.Admin.DoWithKey(t, "POST", importPath(tree.Org), anImport(text, false)).Expect(t, 200).JSON(t, &again)
	if again.Invitations != 0 || len(again.Existing) != 30 || again.Existing[0] != 2 || again.Job != nil {
		t.Errorf("sent again: %+v", again)
	}
	if left := len(rawTable(t).partition(t, "IMPORT#"+done.ID+"#0")); left != 0 {
		t.Error("names and addresses are kept after the import")
	}
	inOrder(t, tree.Org)
}

func TestUSR1_TwoFilesWithTheSamePeopleAtOnceInviteEachOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	text, _ := rowsOf(60, "User")
	tells, jobs := eventsOf(tree.Org, "user.invited"), [2]string{}
	before := tells(t)
	if begun := together(2, func(i int) Answer {
		answer := tree.Admin.DoWithKey(t, "POST", importPath(tree.Org), anImport(text, false))
		_, jobs[i], _ = strings.Cut(answer.Header.Get("Location"), "/jobs/")
		return answer
	}); begun[202] != 2 {
		t.Fatalf("answered %v", begun)
	}
	invited, existing := 0, 0
	for _, id := range jobs {
		done := awaitImport(t, tree.Admin, tree.Org, id)
		if done.Status != "succeeded" {
			t.Fatalf("%+v", done)
		}
		invited, existing = invited+done.Import.Invited, existing+done.Import.Existing
	}
	if invited != 60 || existing != 60 || tells(t) != before+60 {
		t.Errorf("%d invited and %d there already, by %d events", invited, existing, tells(t)-before)
	}
	inOrder(t, tree.Org)
}

func TestUSR1_ADryRunListsEveryFaultyRow(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	indexed()
	other, sub := newTree(t), tree.Subs[0]
	madeRole(t, tree.Admin, tree.Org, "Night watch")
	lost := someDomain()
	rawTable(t).write(t, []map[string]any{{"pk": "TREE#" + tree.Org, "sk": "DOMAIN#" + lost, "was": true}})
	good := "good-" + unique() + "@acme.example"
	text := strings.Join([]string{"Name,EMAIL,department,language,organization,organizationId,role,roleId,createdAt",
		"Good," + good + ",Sales,es,,,night WATCH,,yesterday",
		",none,,xx,,,,,",
		"Good," + strings.ToUpper(good) + ",,,,,User,,",
		"Nowhere,a-" + good + ",,,Atlantis,,User,,",
		"Below,b-" + good + ",,,Sub 0,,User,,",
		"Stranger,c-" + good + ",,,," + other.Org + ",User,,",
		"Elsewhere,d-" + good + ",,,," + sub + ",,,", // no role
		"Foreign,e-" + good + ",,,," + sub + ",," + tree.Roles[tree.Org].User + ",",
		"There," + tree.User.Email + ",,,,,User,,",
		"Lost,f@" + lost + ",,,,,User,,",
		strings.Repeat("x", 101) + ",g-" + good + ",\"a\nb\",,,,User,,",
	}, "\n")
	got := dryRun(t, tree.Admin, tree.Org, text)
	var columns []string
	for _, one := range got.Faults {
		columns = append(columns, fmt.Sprintf("%d %s", one.Row, one.Column))
		if one.Message == "" || !strings.Contains(one.Message, " ") {
			t.Errorf("%+v", one)
		}
	}
	want := []string{"3 name", "3 language", "3 email", "3 role", "4 email", "5 organization", "7 organizationId", "8 role", "9 roleId", "11 email", "12 name", "12 department"}
	if diff := cmp.Diff(want, columns); diff != "" || got.Rows != 11 {
		t.Errorf("%+v\n%s", got, diff)
	}
	var refused struct {
		Type   string
		Errors []struct{ Location string }
	}
	tree.Admin.Do(t, "POST", importPath(tree.Org), anImport(text, false)).Expect(t, 422).JSON(t, &refused)
	if !strings.HasSuffix(refused.Type, "faulty-rows") || len(refused.Errors) != len(want) || refused.Errors[0].Location != "body.content[3].name" {
		t.Errorf("%+v", refused)
	}
	header := dryRun(t, tree.Admin, tree.Org, "name,mail,name\nAna,a@acme.example,\n")
	if diff := cmp.Diff([]string{"mail", "name", "email", "role"}, []string{header.Faults[0].Column, header.Faults[1].Column, header.Faults[2].Column, header.Faults[3].Column}); diff != "" {
		t.Errorf("%+v %s", header, diff)
	}
	refusedAs(t, tree.Admin.Do(t, "POST", importPath(tree.Org), map[string]any{"format": "xlsx", "content": "bm9uZQ==", "dryRun": true}), 422, "invalid")
	if len(mailsTo(t, good)) != 0 {
		t.Error("somebody of a faulty file was invited")
	}
}

// A file that is faulty all over is answered as a whole, and again for its Idempotency-Key.
func TestUSR1_TwoThousandFaultyRowsAreAnsweredAgain(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	text := "name,email,language,role\n" + strings.Repeat("\u2028,none,none,none\n", 2000)
	var answers [2]theImport
	key := unique()
	for i := range answers {
		tree.Admin.Do(t, "POST", importPath(tree.Org), anImport(text, true), "Idempotency-Key", key).Expect(t, 200).JSON(t, &answers[i])
	}
	if len(answers[0].Faults) != 8000 || !reflect.DeepEqual(answers[0], answers[1]) {
		t.Errorf("%d faults, then %d", len(answers[0].Faults), len(answers[1].Faults))
	}
}

func TestPER2_NobodyImportsBeyondWhatTheyAdminister(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	indexed()
	sub := tree.Subs[0]
	row := func(organization, role string) string {
		return fmt.Sprintf("name,email,organization,role\nNew,%s@acme.example,%s,%s\n", unique(), organization, role)
	}
	for name, c := range map[string]struct {
		by        Person
		org, text string
		faults    int
	}{
		"into the own organization":         {tree.Sub, sub, row("", "User"), 0},
		"by its name":                       {tree.Sub, sub, row("Sub 0", "Organization Administrator"), 0},
		"into the other suborganization":    {tree.Sub, sub, row("Sub 1", "User"), 1},
		"into the main organization":        {tree.Sub, sub, row(rawTable(t).item(t, "ORG#"+tree.Org, "ORG").text("name"), "User"), 1},
		"from above into a suborganization": {tree.Admin, tree.Org, row("Sub 1", "Organization Administrator"), 0},
		"by a path":                         {tree.Admin, tree.Org, row(rawTable(t).item(t, "ORG#"+tree.Org, "ORG").text("name")+"/Sub 1", "User"), 0},
		"into another tree":                 {tree.Admin, tree.Org, row(rawTable(t).item(t, "ORG#"+other.Org, "ORG").text("name"), "User"), 1},
	} {
		if got := dryRun(t, c.by, c.org, c.text); len(got.Faults) != c.faults {
			t.Errorf("%s: %+v", name, got)
		}
	}
	tree.Sub.Do(t, "POST", importPath(tree.Org), anImport(row("", "User"), true)).Expect(t, 403)
	tree.User.Do(t, "POST", importPath(tree.Org), anImport(row("", "User"), true)).Expect(t, 403)
	tree.Admin.Do(t, "POST", importPath(other.Org), anImport(row("", "User"), true)).Expect(t, 404)

	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	if got := dryRun(t, partner.Admin, tree.Org, row("", "Organization Administrator")); len(got.Faults) != 1 || got.Faults[0].Column != "role" {
		t.Errorf("a partner makes an administrator of its client: %+v", got)
	}
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	administrators := row("", "Organization Administrator")
	if got := dryRun(t, tree.Admin, tree.Org, administrators); len(got.Faults) != 0 {
		t.Errorf("%+v", got)
	}
	refusedAs(t, tree.Admin.Do(t, "POST", importPath(tree.Org), anImport(administrators, false)), 403, "reauthentication-required")
	if done := importFile(t, tree.Admin, tree.Org, administrators); done.Import.Invited != 1 {
		t.Errorf("%+v", done)
	}
	awaitMail(t, tree.Second.Email, "new administrator")
	inOrder(t, tree.Org)
}

func TestPER8_ATreeInvitesSoManyADayByFiles(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	day := time.Now().UnixNano() / int64(24*time.Hour)
	for _, window := range []int64{day, day + 1} {
		key := fmt.Sprintf("RATE#invited/%s#%d", tree.Org, window)
		rawTable(t).write(t, []map[string]any{{"pk": key, "sk": key, "n": 9_999}})
	}
	one, _ := rowsOf(1, "User")
	two, _ := rowsOf(2, "User")
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", importPath(tree.Org), anImport(two, false)), 429, "too-many-requests")
	if got := dryRun(t, tree.Admin, tree.Org, one); got.Invitations != 1 {
		t.Errorf("%+v", got)
	}
	other := newTree(t)
	other.Admin.DoWithKey(t, "POST", importPath(other.Org), anImport(one, false)).Expect(t, 202)
}

// What an export writes an import takes: whoever is there is passed over.
func TestUSR1_AnExportCanBeImported(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	formula := "=cmd-" + unique()
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"name": formula, "department": "'=1"}).Expect(t, 200)
	for _, format := range []string{"csv", "xlsx"} {
		var begun anExport
		tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "users", "format": format}).Expect(t, 202).JSON(t, &begun)
		answer, err := http.Get(tree.awaitExport(t, begun).URL)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got theImport
		body := map[string]any{"format": format, "content": content, "dryRun": true}
		tree.Admin.Do(t, "POST", importPath(tree.Org), body).Expect(t, 200).JSON(t, &got)
		if got.Rows != 5 || len(got.Existing) != 5 || len(got.Faults) != 0 {
			t.Errorf("%s: %+v", format, got)
		}
		if format == "csv" && !strings.Contains(string(content), "'"+formula) {
			t.Errorf("the cell is no text: %s", content)
		}
	}
}

// Who may not invite any more by the time that the people are invited does not.
func TestPER1_AnImportEndsWithTheRightsOfWhoBeganIt(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	text, emails := rowsOf(1, "User")
	var out theImport
	tree.Second.Do(t, "POST", importPath(tree.Org), anImport(text, false)).Expect(t, 202).JSON(t, &out)
	awaitImport(t, tree.Admin, tree.Org, out.Job.ID)
	mailedToken(t, emails[0], "invitation")

	item := rawTable(t).item(t, "TREE#"+tree.Org, "JOB#"+out.Job.ID)
	_, emails = rowsOf(1, "User")
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.Second.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	late := anyJob(t, tree, tree.Org, "queued")
	item["id"], item["sk"], item["status"], item["step"] = late, "JOB#"+late, "queued", 0
	delete(item, "result")
	delete(item, "expiresAt")
	person := map[string]any{"line": 2, "name": "Late", "email": emails[0], "language": "en", "organization": tree.Org, "role": tree.Roles[tree.Org].User}
	rawTable(t).write(t, []map[string]any{item, {"pk": "IMPORT#" + late + "#0", "sk": "IMPORT#" + late + "#0", "people": []any{person}, "by": "Second"}})
	timerOf(t, tree.Org, late)
	runs(t, "Due", time.Now())
	if done := awaitImport(t, tree.Admin, tree.Org, late); done.Status != "failed" || done.Problem == nil || !strings.HasSuffix(done.Problem.Type, "forbidden") {
		t.Errorf("%+v", done)
	}
	if len(mailsTo(t, emails[0])) != 0 {
		t.Error("somebody was invited by who has left")
	}
}

// An import whose worker is killed at its first call, then at its second, and so on, invites everybody all the same, and nobody twice.
func TestUSR1_AnImportGoesOnWhereItsWorkerWasKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	for at := 1; ; at++ {
		stack.Local(t, "POST", "queues/idle", nil)
		cutOff := workerCutOff(t)
		stack.Local(t, "POST", "faults", map[string]any{"function": "WorkerFunction", "faults": []map[string]any{{"kind": []string{"kill", "kill-after"}[at%2], "at": at}}})
		text, emails := rowsOf(15, "User")
		invited := eventsOf(tree.Org, "user.invited")
		before := invited(t)
		done := importFile(t, tree.Admin, tree.Org, text)
		if done.Status != "succeeded" || done.Import.Invited != 15 || done.Import.Existing != 0 || invited(t) != before+15 {
			t.Fatalf("killed at call %d: %+v, %d events", at, done, invited(t)-before)
		}
		stack.Local(t, "POST", "queues/idle", nil) // a mail whose message was lost is sent by the sweep
		runs(t, "Sweep", time.Now().Add(2*time.Minute))
		for _, email := range emails {
			mailedToken(t, email, "invitation")
		}
		inOrder(t, tree.Org)
		if workerCutOff(t) == cutOff {
			t.Logf("a whole import is %d calls", at-1)
			return
		}
	}
}
