package main

import (
	"context"
	"fmt"
	"strings"
)

func (m *measurement) costsChapter(ctx context.Context) (string, error) {
	all, err := m.costs(ctx)
	if err != nil {
		return "", err
	}
	return costsText(all, m.members), nil
}

func costsText(all []costed, members int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "In an organization of %d members and in one of %d. The cheapest of %d tries: the others also wrote a last use or a part of a rate.\n"+
		"Reading a count examines 16 items for each role. Units are DynamoDB's capacity units; in transactions they count double.\n\n", few, members, tries)
	fmt.Fprintf(&b, "| operation | members | round trips to the table | calls to other services | items read | items returned | read units | write units |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, one := range all {
		fmt.Fprintf(&b, "| %s | %d | %s |\n| %s | %d | %s |\n", one.name, few, one.small.compared(), one.name, members, one.large.compared())
	}
	return b.String()
}

func (m *measurement) ratesChapter(ctx context.Context) (string, error) {
	s, err := m.organizations(ctx)
	if err != nil {
		return "", err
	}
	all, err := rates(ctx, s, m.root, m.large, m.clients)
	var b strings.Builder
	fmt.Fprintf(&b, "By %d clients, in the organization of %d members; %d requests each. Beside them the same calls to the table, with as many items,\nsent by as many clients to the emulator alone. All requests go to one tree, whose writers wait for each other on the\nshards of its counts; who waits too long is answered `busy` and repeats.\n\n", m.clients, m.members, requests)
	fmt.Fprintf(&b, "| operation | through the stack | the emulator alone | ratio | answered `busy` |\n| --- | --- | --- | --- | --- |\n")
	for _, one := range all {
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.2f | %d |\n", one.name, one.stack, one.emulator, one.stack/one.emulator, one.busy)
	}
	return b.String(), err
}

func (m *measurement) functionsChapter(ctx context.Context) (string, error) {
	s, err := m.running(ctx)
	if err != nil {
		return "", err
	}
	all, err := measureFunctions(ctx, s, m.root)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Built for this machine; `bare` does nothing. The start is from the process until it first asks for work, the quickest of %d.\nThe installation's key is read by the first invocation.\n\n", starts)
	fmt.Fprintf(&b, "| function | zipped | memory at rest | start | of the bare one's |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range all {
		fmt.Fprintf(&b, "| %s | %.1f MB | %.1f MB | %.1f ms | %.2f |\n", f.name, float64(f.zipped)/1e6, float64(f.memory)/1e6,
			float64(f.start.Microseconds())/1e3, float64(f.start)/float64(all[0].start))
	}
	return b.String(), nil
}

func (m *measurement) domainsChapter(ctx context.Context) (string, error) {
	s, err := m.running(ctx)
	if err != nil {
		return "", err
	}
	d, err := recheckDomains(ctx, s, m.domains)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d domains, all due at once: the first day with the worker killed (SIGKILL) at a call drawn by lot, as often as every\n%d ms, the second in peace. Each was looked at, none twice within an hour. On the first day that took %d hours of the\nschedule; %d were looked up again because the worker had died before it wrote down what it had found.\n\n",
		d.domains, killEvery.Milliseconds(), d.hours, d.again)
	fmt.Fprintf(&b, "| | calls of the table per domain | read units | write units | invocations | cut off | peak memory | took |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, day := range []struct {
		name string
		recheck
	}{{"killed", d.disturbed}, {"in peace", d.peace}} {
		each := func(n float64) float64 { return n / float64(d.domains) }
		fmt.Fprintf(&b, "| %s | %.3f | %.2f | %.2f | %d | %d | %d MB | %.0f s |\n", day.name, each(float64(day.Made.Calls["dynamodb"])), each(day.Made.ReadUnits), each(day.Made.WriteUnits),
			day.Ran.Invocations, day.Ran.CutOff, day.Ran.MemoryMB, day.took.Seconds())
	}
	return b.String(), nil
}
