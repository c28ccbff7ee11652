package promises

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// TestEveryParameterStandsInTheDocs compares the table of docs/deploy.md with the parameters, in the order of their groups.
func TestEveryParameterStandsInTheDocs(t *testing.T) {
	const begin, end, page = "| --- | --- | --- |\n", "<!-- /parameters -->", "docs/deploy.md"
	d, text := product(t), readAll(t, page)
	var want strings.Builder
	for _, group := range d.root.at("Metadata").at("AWS::CloudFormation::Interface").list("ParameterGroups") {
		for _, name := range texts(group.(object)["Parameters"]) {
			p := d.root.at("Parameters").at(name)
			value := "`" + p.text("Default") + "`"
			if p["Default"] == nil {
				value = "must be given"
			} else if value == "``" {
				value = "empty"
			}
			fmt.Fprintf(&want, "| `%s` | %s | %s |\n", name, value, p.text("Description"))
		}
	}
	head, rest, _ := strings.Cut(text, "<!-- parameters -->")
	columns, rest, _ := strings.Cut(rest, begin)
	was, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no place for the parameters", page)
	}
	if *update {
		if err := os.WriteFile(root+page, []byte(head+"<!-- parameters -->"+columns+begin+want.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if was != want.String() {
		t.Errorf("the parameters have changed: go test -C infra/local -count=1 ./promises -update")
	}
}

// headings gives the anchors of a page's headings, as GitHub makes them.
func headings(page string) (anchors []string) {
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(page, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(strings.ToLower(match[1]), "")
		anchors = append(anchors, strings.ReplaceAll(kept, " ", "-"))
	}
	return anchors
}

// TestEveryAlarmSaysWhatToDo sees that the page has a section for each alarm, and none for what is no alarm.
func TestEveryAlarmSaysWhatToDo(t *testing.T) {
	page := readAll(t, "docs/operate.md")
	anchors, meant := headings(page), map[string]bool{}
	for id, alarm := range product(t).kind("AWS::CloudWatch::Alarm") {
		_, anchor, _ := strings.Cut(alarm.at("Properties").text("AlarmDescription"), "docs/operate.md#")
		meant[anchor] = true
		if !slices.Contains(anchors, anchor) {
			t.Errorf("docs/operate.md has no section #%s, which alarm %s leads to", anchor, id)
		}
	}
	_, alarms, _ := strings.Cut(page, "\n## Alarms\n")
	alarms, _, _ = strings.Cut(alarms, "\n## ")
	for _, anchor := range headings(alarms) {
		if !meant[anchor] {
			t.Errorf("docs/operate.md has a section #%s under Alarms, and no alarm leads to it", anchor)
		}
	}
}

// TestTheCommandsOfThePagesExist looks up what commands of the pages name: targets of the Makefile, parameters, outputs,
// resources, environments, and the anchors of links between the pages.
func TestTheCommandsOfThePagesExist(t *testing.T) {
	d, makefile, environments := product(t), readAll(t, "Makefile"), readAll(t, "samconfig.toml")
	pages := map[string]string{"docs/deploy.md": "", "docs/operate.md": "", "SECURITY.md": "", "README.md": "", "CONTRIBUTING.md": ""}
	for name := range pages {
		pages[name] = readAll(t, name)
	}
	for _, c := range []struct {
		pattern string
		exists  func(string) bool
	}{
		{"(?m)(?:`|^ *)make ([a-z-]+)", func(name string) bool { return regexp.MustCompile(`(?m)^` + name + `:`).MatchString(makefile) }},
		{`ENV=([a-z]+)`, func(name string) bool { return strings.Contains(environments, "["+name+".deploy.parameters]") }},
		{`\$\(output ([A-Za-z]+)\)`, func(name string) bool { return d.root.at("Outputs")[name] != nil }},
		{"output `([A-Za-z]+)`", func(name string) bool { return d.root.at("Outputs")[name] != nil }},
		{`PARAMETERS=['"]+([A-Za-z]+)=`, func(name string) bool { return d.root.at("Parameters")[name] != nil }},
		{`logical-resource-id ([A-Za-z]+)`, func(name string) bool { return d.root.at("Resources")[name] != nil }},
		{`\]\((?:deploy\.md)#([a-z-]+)\)`, func(name string) bool { return slices.Contains(headings(pages["docs/deploy.md"]), name) }},
		{`\]\((?:operate\.md)#([a-z-]+)\)`, func(name string) bool { return slices.Contains(headings(pages["docs/operate.md"]), name) }},
	} {
		found := 0
		for page, text := range pages {
			for _, match := range regexp.MustCompile(c.pattern).FindAllStringSubmatch(text, -1) {
				if found++; !c.exists(match[1]) {
					t.Errorf("%s: %q names %s, which does not exist", page, match[0], match[1])
				}
			}
		}
		if found == 0 {
			t.Errorf("no page has %s: the test finds nothing", c.pattern)
		}
	}
	for _, page := range []string{"docs/deploy.md", "docs/operate.md"} {
		for _, match := range regexp.MustCompile(`\]\(#([a-z-]+)\)`).FindAllStringSubmatch(pages[page], -1) {
			if !slices.Contains(headings(pages[page]), match[1]) {
				t.Errorf("%s has no section #%s", page, match[1])
			}
		}
	}
}

// TestTheStackStaysBelowTheLimitOfResources counts what CloudFormation will make of the template: for a function SAM adds role,
// version, alias and deployment group, for a route a permission, for a schedule a role.
func TestTheStackStaysBelowTheLimitOfResources(t *testing.T) {
	d := product(t)
	count := len(d.root.at("Resources")) + 4*len(d.functions()) + len(d.events("HttpApi")) + len(d.events("SQS")) + 2*len(d.events("ScheduleV2")) + 2
	t.Logf("%d resources", count)
	if count > 450 {
		t.Errorf("%d resources; CloudFormation makes 500 of a stack at most: split it", count)
	}
}
