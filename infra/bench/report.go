package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report is what was measured.
type report struct {
	root             string
	members, clients int
	costs            []costed
	rates            []rated
	functions        []measured
	domains          *rechecked // nil where they were not measured
}

// text is the page.
func (r *report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Performance\n\nWritten by `make bench`, not by hand. Counts hold anywhere; timings hold for the machine below, with client, stack and\nemulators on the same cores, and nothing is judged by them.\n\n")
	fmt.Fprintf(&b, "Commit %s, %s, %s.\n", r.commit(), machine(), time.Now().UTC().Format(time.DateOnly))
	r.writeCosts(&b)
	r.writeRates(&b)
	r.writeFunctions(&b)
	r.writeDomains(&b)
	return b.String()
}

func (r *report) writeCosts(b *strings.Builder) {
	fmt.Fprintf(b, "\n## What an operation costs\n\nIn an organization of %d members and in one of %d. The cheapest of %d tries: the others also wrote a last use or a part of a rate.\n"+
		"Reading a count examines 16 items for each role. Units are DynamoDB's capacity units; in transactions they count double.\n\n", few, r.members, tries)
	fmt.Fprintf(b, "| operation | members | round trips to the table | calls to other services | items read | items returned | read units | write units |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, one := range r.costs {
		fmt.Fprintf(b, "| %s | %d | %s |\n| %s | %d | %s |\n", one.name, few, one.small.compared(), one.name, r.members, one.large.compared())
	}
}

func (r *report) writeRates(b *strings.Builder) {
	if len(r.rates) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Requests a second\n\nBy %d clients, in the organization of %d members; %d requests each. Beside them the same calls to the table, with as many items,\nsent by as many clients to the emulator alone. All requests go to one tree, whose writers wait for each other on the\nshards of its counts; who waits too long is answered `busy` and repeats.\n\n", r.clients, r.members, requests)
	fmt.Fprintf(b, "| operation | through the stack | the emulator alone | ratio | answered `busy` |\n| --- | --- | --- | --- | --- |\n")
	for _, one := range r.rates {
		fmt.Fprintf(b, "| %s | %.0f | %.0f | %.2f | %d |\n", one.name, one.stack, one.emulator, one.stack/one.emulator, one.busy)
	}
}

func (r *report) writeFunctions(b *strings.Builder) {
	if len(r.functions) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Functions\n\nBuilt for this machine; `bare` does nothing. The start is from the process until it first asks for work, the quickest of %d.\nThe installation's key is read by the first invocation.\n\n", starts)
	fmt.Fprintf(b, "| function | zipped | memory at rest | start | of the bare one's |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range r.functions {
		fmt.Fprintf(b, "| %s | %.1f MB | %.1f MB | %.1f ms | %.2f |\n", f.name, float64(f.zipped)/1e6, float64(f.memory)/1e6,
			float64(f.start.Microseconds())/1e3, float64(f.start)/float64(r.functions[0].start))
	}
}

func (r *report) writeDomains(b *strings.Builder) {
	if r.domains == nil {
		return
	}
	d := r.domains
	fmt.Fprintf(b, "\n## Domains looked at again\n\n%d domains, all due at once: the first day with the worker killed (SIGKILL) at a call drawn by lot, as often as every\n%d ms, the second in peace. Each was looked at, none twice within an hour. On the first day that took %d hours of the\nschedule; %d were looked up again because the worker had died before it wrote down what it had found.\n\n",
		d.domains, killEvery.Milliseconds(), d.hours, d.again)
	fmt.Fprintf(b, "| | calls of the table per domain | read units | write units | invocations | cut off | peak memory | took |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, day := range []struct {
		name string
		recheck
	}{{"killed", d.disturbed}, {"in peace", d.peace}} {
		each := func(n float64) float64 { return n / float64(d.domains) }
		fmt.Fprintf(b, "| %s | %.3f | %.2f | %.2f | %d | %d | %d MB | %.0f s |\n", day.name, each(float64(day.Made.Calls["dynamodb"])), each(day.Made.ReadUnits), each(day.Made.WriteUnits),
			day.Ran.Invocations, day.Ran.CutOff, day.Ran.MemoryMB, day.took.Seconds())
	}
}

// commit is the one that was measured.
func (r *report) commit() string {
	command := exec.Command("git", "describe", "--always", "--dirty")
	command.Dir = r.root
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
func (r *report) compare(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	written := string(text)
	var wrong []string
	for _, one := range r.costs {
		row := fmt.Sprintf("| %s | %d | %s |\n", one.name, few, one.small.compared())
		if !strings.Contains(written, row) {
			wrong = append(wrong, "now "+strings.TrimSpace(row))
		}
		if one.small.compared() != one.large.compared() {
			wrong = append(wrong, fmt.Sprintf("%s costs %s with %d members and %s with %d", one.name, one.small.compared(), few, one.large.compared(), r.members))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the counts moved; if that is meant, run `make bench`:\n%s", strings.Join(wrong, "\n"))
	}
	return nil
}
