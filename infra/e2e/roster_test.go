package e2e

import (
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// roster exports the users of the organization in a format, and gives the file and its media type.
func roster(t testing.TB, by Person, org, format string) (content []byte, kind string) {
	t.Helper()
	indexed() // by an index the members of a suborganization are read
	var e anExport
	by.DoWithKey(t, "POST", exportsOf(org), map[string]string{"what": "users", "format": format}).Expect(t, 202).JSON(t, &e)
	if over(t, by, exportsOf(org)+"/"+e.ID, &e); e.Status != "succeeded" {
		t.Fatalf("the export does not succeed: %+v", e)
	}
	answer, err := http.Get(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || !strings.HasSuffix(strings.Trim(answer.Header.Get("Content-Disposition"), `"`), "."+format) {
		t.Fatalf("download: %d %v %v", answer.StatusCode, err, answer.Header)
	}
	return content, answer.Header.Get("Content-Type")
}

// addresses are those in a table's rows, in order; the first row names the columns.
func addressesIn(t testing.TB, rows [][]string) []string {
	t.Helper()
	at := slices.Index(rows[0], "email")
	var all []string
	for _, row := range rows[1:] {
		all = append(all, row[at])
	}
	slices.Sort(all)
	return all
}

func sorted(people ...Person) (all []string) {
	for _, p := range people {
		all = append(all, p.Email)
	}
	slices.Sort(all)
	return all
}

func TestUSR1_UsersAreExportedAsCSVAndExcel(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"name": `=HYPERLINK("http://evil.example")`, "department": "Núria's, desk"}).Expect(t, 200)
	everybody, ofSub := sorted(tree.Admin, tree.Second, tree.User, tree.Sub, tree.SubOne), sorted(tree.Sub, tree.SubOne)

	text, kind := roster(t, tree.Admin, tree.Org, "csv")
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !strings.HasPrefix(kind, "text/csv") || !slices.Equal(addressesIn(t, rows), everybody) {
		t.Errorf("%v: %s\n%s", err, kind, text)
	}
	if !bytes.Contains(text, []byte(`"'=HYPERLINK(""http://evil.example"")"`)) || !bytes.Contains(text, []byte(`"Núria's, desk"`)) || !bytes.Contains(text, []byte("Organization Administrator")) {
		t.Errorf("the file is\n%s", text)
	}

	content, _ := roster(t, tree.Sub, tree.Subs[0], "xlsx")
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if rows, err = book.GetRows("Users"); err != nil || !slices.Equal(addressesIn(t, rows), ofSub) {
		t.Errorf("%v: %q", err, rows)
	}

	lines, _ := roster(t, tree.Admin, tree.Subs[0], "jsonl")
	if n := bytes.Count(lines, []byte("\n")); n != 2 || !bytes.Contains(lines, []byte(`"email":"`+tree.SubOne.Email+`"`)) {
		t.Errorf("%d lines:\n%s", n, lines)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", exportsOf(tree.Org), map[string]string{"what": "organization", "format": "csv"}), 422, "invalid")
	tree.User.Do(t, "POST", exportsOf(tree.Org), map[string]string{"what": "users", "format": "csv"}).Expect(t, 403)
	tree.Sub.Do(t, "POST", exportsOf(tree.Org), map[string]string{"what": "users", "format": "csv"}).Expect(t, 403)
}

func TestPER6_ExportingUsersTakesARecentSignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	refusedAs(t, tree.Admin.Do(t, "POST", exportsOf(tree.Org), map[string]string{"what": "users", "format": "csv"}), 403, "reauthentication-required")
}
