package scim

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirement is a row of testdata/requirements.txt.
type requirement struct {
	number, what string
	where        []string
}

func requirements(t *testing.T) []requirement {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all []requirement
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "|")
		if len(parts) != 3 {
			t.Fatalf("not a row: %s", line)
		}
		all = append(all, requirement{strings.TrimSpace(parts[0]), strings.TrimSpace(parts[2]), strings.Fields(parts[1])})
	}
	return all
}

var (
	byCase   = regexp.MustCompile("[\"`]((?:(?:[1-3]\\.[0-9]+|S[0-9]+)(?: and | ))+)")
	byName   = regexp.MustCompile(`func TestSCIM(?:([1-3])_([0-9]+)|(S[0-9]+))_`)
	failing  = regexp.MustCompile(`\.(?:Error|Fatal)f?\(.*`) // what a test says where it fails names no case
	byNumber = regexp.MustCompile(`[1-3]\.[0-9]+|S[0-9]+`)
)

// shown are the numbers that tests in these folders name.
func shown(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	numbers := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") && !strings.HasSuffix(folder, "test") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range byCase.FindAllStringSubmatch(failing.ReplaceAllString(string(text), ""), -1) {
				for _, number := range byNumber.FindAllString(match[1], -1) {
					numbers[number] = true
				}
			}
			for _, match := range byName.FindAllStringSubmatch(string(text), -1) {
				numbers[strings.Trim(match[1]+"."+match[2], ".")+match[3]] = true
			}
		}
	}
	return numbers
}

// TestEveryRequirementHasItsTest fails with the numbers that no test shows; go test -v lists those that wait for the server as well.
func TestEveryRequirementHasItsTest(t *testing.T) {
	t.Parallel()
	here, server := shown(t, ".", "scimtest"), shown(t, "../../functions/scim", "../../infra/e2e")
	known := map[string]bool{}
	for _, r := range requirements(t) {
		known[r.number] = true
		for _, where := range r.where {
			switch {
			case where == "here" && !here[r.number]:
				t.Errorf("%s has no test in shared/scim: %s", r.number, r.what)
			case where == "server" && !server[r.number]:
				t.Errorf("%s has no test in functions/scim or infra/e2e: %s", r.number, r.what)
			case where == "open" && !server[r.number]:
				t.Logf("%s waits for functions/scim: %s", r.number, r.what)
			case !slices.Contains([]string{"here", "server", "open"}, where):
				t.Errorf("%s: where is %s?", r.number, where)
			}
		}
	}
	for number := range here {
		if !known[number] {
			t.Errorf("a test shows %s, which is no requirement", number)
		}
	}
}
