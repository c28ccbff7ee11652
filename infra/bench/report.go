package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// head is the page above its chapters.
const head = "# Performance\n\nWritten by `make bench`, not by hand; each chapter names what it was measured of. Counts hold anywhere; timings hold for the\nmachine, with client, stack and emulators on the same cores, and nothing is judged by them.\n"

// chapter is a part of the page that is measured on its own.
type chapter struct {
	name, title string
	measure     func(*measurement, context.Context) (string, error)
}

// chapters are the page's, in its order.
func chapters() []chapter {
	return []chapter{
		{"costs", "What an operation costs", (*measurement).costsChapter},
		{"rates", "Requests a second", (*measurement).ratesChapter},
		{"functions", "Functions", (*measurement).functionsChapter},
		{"domains", "Domains looked at again", (*measurement).domainsChapter},
		{"sync", "Sync assigned roles", (*measurement).syncChapter},
		{"scim", "SCIM", (*measurement).scimChapter},
		{"model", "A directory against a model", (*measurement).modelChapter},
		{"saml", "Judging a SAML answer", (*measurement).samlChapter},
	}
}

func chapterNames() (names []string) {
	for _, c := range chapters() {
		names = append(names, c.name)
	}
	return names
}

// chosenChapters are those of the list, or all.
func chosenChapters(list string) ([]chapter, error) {
	if list == "" {
		return chapters(), nil
	}
	var chosen []chapter
	for name := range strings.SplitSeq(list, ",") {
		at := slices.Index(chapterNames(), name)
		if at < 0 {
			return nil, fmt.Errorf("-only: there is no chapter %q, but %s", name, strings.Join(chapterNames(), ", "))
		}
		chosen = append(chosen, chapters()[at])
	}
	return chosen, nil
}

// write measures the chapters and writes each into the page at once, so that an end in between loses none that was measured.
func (m *measurement) write(ctx context.Context, chosen []chapter, page string) error {
	for _, c := range chosen {
		text, err := c.measure(m, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		whole := fmt.Sprintf("Commit %s, %s, %s.\n\n%s", m.commit(), machine(), time.Now().UTC().Format(time.DateOnly), text)
		fmt.Printf("## %s\n\n%s\n", c.title, whole)
		written, err := os.ReadFile(page)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := os.WriteFile(page, []byte(withChapter(string(written), c.title, whole)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// withChapter is the page with the chapter's text in place of the one that stood there.
func withChapter(page, title, text string) string {
	stand := map[string]string{}
	for _, part := range strings.Split(page, "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		stand[title] = strings.TrimSpace(body)
	}
	stand[title] = strings.TrimSpace(text)
	var b strings.Builder
	b.WriteString(head)
	for _, c := range chapters() {
		if body := stand[c.title]; body != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", c.title, body)
		}
	}
	return b.String()
}

// commit is the one that was measured.
func (m *measurement) commit() string {
	command := exec.Command("git", "describe", "--always", "--dirty")
	command.Dir = m.root
	printed, err := command.Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(printed))
}

// machine is what it was measured on.
func machine() string {
	model := "unknown processor"
	if file, err := os.Open("/proc/cpuinfo"); err == nil {
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// compare fails where a count of the page is not what was measured, for either organization: both must be the same, whatever
// the number of members.
func (m *measurement) compare(measured []costed, page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	var wrong []string
	for _, one := range measured {
		row := fmt.Sprintf("| %s | %d | %s |\n", one.name, few, one.small.compared())
		if !strings.Contains(string(text), row) {
			wrong = append(wrong, "now "+strings.TrimSpace(row))
		}
		if one.small.compared() != one.large.compared() {
			wrong = append(wrong, fmt.Sprintf("%s costs %s with %d members and %s with %d", one.name, one.small.compared(), few, one.large.compared(), m.members))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the counts moved; if that is meant, run `make bench`:\n%s", strings.Join(wrong, "\n"))
	}
	return nil
}
