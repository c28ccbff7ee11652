package docs

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// The sizes of installation that the page reckons for, in organizations.
var sizes = []float64{10, 1_000, 100_000}

// habit is what an organization does in a month, as assumed; what an operation costs the table is measured (performance.md).
type habit struct {
	what      string
	times     float64
	operation string // of performance.md
	seconds   float64
	memory    float64 // MB
}

const (
	people  = 200
	signIns = people * 20

	megabytesOfPeople = people * 6 / 1024.0           // with credentials, sessions and their copies in indexes
	auditMonths       = 400 / 30.4                    // AuditRetentionDays
	kilobytesOfAudit  = 1.5                           // of an event and its copies in indexes
	kilobytesOfLog    = 1.2                           // of a request: the gateway's line, the function's, Lambda's two
	kilobytesOfAnswer = 2.0                           // without images
	megabytesOfImages = signIns * 30 / 1024.0         // that the CDN sends: 30 KB a sign-in, browsers keep them
	mails             = 20.0                          // invitations, links, notices
	checks            = 2 * 30.0                      // two verified domains, once a day
	idlePolls         = 2 * 5 * 3 * 60 * 24 * 30.0    // by five pollers for each of two queues, every 20 s
	scheduled         = 2 * 12 * 24 * 30.0            // two tasks, every five minutes
	logMonths         = 3.0                           // LogRetentionDays
	compression       = 0.15                          // of logs that are kept
	keyReads          = 24 * 30 * 5.0 / 1_000_000 * 1 // millions, of five instances that are always there, every hour
)

func habits() []habit {
	return []habit{
		{"ask how an address signs in", signIns, "ask how an address signs in", 0.01, 1769},
		{"sign in by password", signIns, "sign in by password", 0.12, 1769},
		{"read: ten pages a sign-in, and 5,000 requests of scripts", signIns*10 + 5000, "read the organization", 0.03, 512},
		{"change a user", 200, "edit a user", 0.04, 512},
		{"invite", 5, "invite somebody", 0.05, 512},
	}
}

// price is a list price; checked are those that were read on a page of AWS, or of somebody who quotes one.
type price struct {
	item, unit string
	dollars    float64
	checked    bool
	quantity   func(use) float64
}

// use is what an installation uses in a month.
type use struct {
	organizations, requests, seconds, writes, reads, gigabytes float64
	alarms, metrics                                            float64
}

func prices() []price {
	return []price{
		{"API Gateway, HTTP API", "million requests", 1.00, false, func(u use) float64 { return u.requests / 1e6 }},
		{"CloudFront, requests", "million", 1.00, false, func(u use) float64 { return u.requests / 1e6 }},
		{"CloudFront, data out", "GB", 0.085, true, func(u use) float64 {
			return (u.requests*kilobytesOfAnswer/1024 + u.organizations*megabytesOfImages) / 1024
		}},
		{"Lambda, requests", "million", 0.20, true, func(u use) float64 { return (u.requests + u.organizations*(mails+checks/10) + scheduled) / 1e6 }},
		{"Lambda, ARM64", "thousand GB-seconds", 0.0133334, true, func(u use) float64 { return (u.seconds + scheduled*0.5*0.2) / 1e3 }},
		{"DynamoDB, writes", "million units", 0.625, true, func(u use) float64 { return u.writes / 1e6 }},
		{"DynamoDB, reads", "million units", 0.125, true, func(u use) float64 { return u.reads / 1e6 }},
		{"DynamoDB, storage", "GB", 0.25, false, func(u use) float64 { return u.gigabytes }},
		{"DynamoDB, point-in-time recovery", "GB", 0.20, false, func(u use) float64 { return u.gigabytes }},
		{"SQS", "million requests", 0.40, true, func(u use) float64 { return (idlePolls + u.organizations*(mails+checks/10)*3) / 1e6 }},
		{"SES", "thousand mails", 0.10, true, func(u use) float64 { return u.organizations * mails / 1e3 }},
		{"EventBridge Scheduler", "million runs", 1.00, false, func(use) float64 { return scheduled / 1e6 }},
		{"S3, storage", "GB", 0.023, false, func(u use) float64 { return u.organizations / 1024 }},
		{"CloudWatch, logs taken in", "GB", 0.50, true, func(u use) float64 { return u.requests * kilobytesOfLog / 1024 / 1024 }},
		{"CloudWatch, logs kept", "GB", 0.03, false, func(u use) float64 {
			return u.requests * kilobytesOfLog / 1024 / 1024 * logMonths * compression
		}},
		{"CloudWatch, metrics in alarms", "metric", 0.10, false, func(u use) float64 { return u.alarms }},
		{"CloudWatch, metrics of our own and of mails", "metric", 0.30, true, func(u use) float64 { return u.metrics }},
		{"CloudWatch, dashboard", "dashboard", 3.00, true, func(use) float64 { return 1 }},
		{"Secrets Manager, secrets", "secret", 0.40, false, func(use) float64 { return 1 }},
		{"Secrets Manager, calls", "million", 5.00, false, func(u use) float64 { return keyReads * max(1, u.organizations/1000) }},
	}
}

func TestWhatItCostsIsReckonedFromWhatIsMeasured(t *testing.T) {
	page := read(t, "deploy.md")
	before, rest, found := strings.Cut(page, "<!-- cost -->\n")
	was, after, ends := strings.Cut(rest, "<!-- /cost -->")
	if !found || !ends {
		t.Fatal("deploy.md has no place for the cost")
	}
	want := reckon(t)
	if *update {
		if err := os.WriteFile("deploy.md", []byte(before+"<!-- cost -->\n"+want+"<!-- /cost -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, was); diff != "" {
		t.Errorf("prices, assumptions or measurements have changed: go test ./docs -run Cost -update\n%s", diff)
	}
}

// reckon writes the section.
func reckon(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, `Reckoned by a test from the units of [performance.md](performance.md), the assumptions below, and AWS's list prices for us-east-1 as of
November 2026. Free tiers and discounts for quantity are left out, so it is rather too much. Not checked against a bill. Sign-in by SSO and
provisioning by SCIM are not in it. What decides: how often people sign in, and for how long audit events are kept.

In a month, an organization of %d people:

| what | times | write units each | read units each |
| --- | --- | --- | --- |
`, people)
	units := measured(t)
	for _, h := range habits() {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", h.what, number(h.times), number(units[h.operation][1]), number(units[h.operation][0]))
	}
	fmt.Fprintf(&out, "| check a domain (not measured: assumed) | %s | 6 | 3 |\n| mails | %s | | |\n\n", number(checks), number(mails))
	fmt.Fprintf(&out, "It takes %.0f MB of people and %.0f MB of audit events in the table. A request leaves %.1f KB of log and answers %.0f KB.\n\n",
		megabytesOfPeople, auditMegabytes(), kilobytesOfLog, kilobytesOfAnswer)
	writeSums(&out, units, template(t))
	return out.String()
}

// writeSums writes the table of prices, quantities and sums.
func writeSums(out *strings.Builder, units map[string][2]float64, watched use) {
	out.WriteString("| | price | 10 organizations | 1,000 | 100,000 |\n| --- | --- | --- | --- | --- |\n")
	totals := make([]float64, len(sizes))
	for _, p := range prices() {
		mark := ""
		if !p.checked {
			mark = " ¹"
		}
		fmt.Fprintf(out, "| %s | %s a %s%s |", p.item, dollars(p.dollars), p.unit, mark)
		for i, size := range sizes {
			quantity := p.quantity(used(size, units, watched))
			cost := math.Round(quantity*p.dollars*100) / 100
			totals[i] += cost
			fmt.Fprintf(out, " %s: $%s |", number(quantity), money(cost))
		}
		out.WriteString("\n")
	}
	out.WriteString("| **a month** | |")
	for _, total := range totals {
		fmt.Fprintf(out, " **$%s** |", money(total))
	}
	out.WriteString("\n| for each organization | |")
	for i, total := range totals {
		fmt.Fprintf(out, " $%s |", money(total/sizes[i]))
	}
	out.WriteString("\n\n¹ Not verified: what is usually quoted. The others were read on pages of AWS, or that quote it. Check them all on\n<https://calculator.aws> before you promise anything.\n")
}

func auditMegabytes() float64 {
	events := 0.0
	for _, h := range habits() {
		if !strings.HasPrefix(h.what, "ask") && !strings.HasPrefix(h.what, "read") {
			events += h.times
		}
	}
	return events * auditMonths * kilobytesOfAudit / 1024
}

// used is what an installation of so many organizations uses.
func used(organizations float64, units map[string][2]float64, watched use) use {
	u := use{organizations: organizations, alarms: watched.alarms, metrics: watched.metrics}
	for _, h := range habits() {
		u.requests += h.times * organizations
		u.seconds += h.times * organizations * h.seconds * h.memory / 1024
		u.reads += h.times * organizations * units[h.operation][0]
		u.writes += h.times * organizations * units[h.operation][1]
	}
	u.reads += organizations * checks * 3
	u.writes += organizations * checks * 6
	u.gigabytes = organizations * (megabytesOfPeople + auditMegabytes()) / 1024
	return u
}

// measured are the read and write units of operations in a large organization.
func measured(t *testing.T) map[string][2]float64 {
	t.Helper()
	units := map[string][2]float64{}
	row := regexp.MustCompile(`(?m)^\| ([a-z ]+) \| 10 \|.*\| ([0-9.]+) \| ([0-9.]+) \|$`)
	for _, match := range row.FindAllStringSubmatch(read(t, "performance.md"), -1) {
		reads, _ := strconv.ParseFloat(match[2], 64)
		writes, _ := strconv.ParseFloat(match[3], 64)
		units[match[1]] = [2]float64{reads, writes}
	}
	for _, h := range habits() {
		if _, found := units[h.operation]; !found {
			t.Fatalf("performance.md does not measure %q", h.operation)
		}
	}
	return units
}

// template counts the metrics that the template's alarms watch, and those that are the product's own.
func template(t *testing.T) use {
	t.Helper()
	text := read(t, "../template.yaml")
	count := func(pattern string) float64 { return float64(len(regexp.MustCompile(pattern).FindAllString(text, -1))) }
	const ofMails = 6 // event types of the configuration set
	return use{alarms: count(`(?m)^      MetricName: `) + count(`MetricStat: \{`), metrics: count(`Type: AWS::Logs::MetricFilter`) + 1 + ofMails}
}

// number writes a quantity with three digits, or all that are left of the point.
func number(n float64) string {
	switch {
	case n >= 1000:
		return grouped(strconv.FormatFloat(math.Round(n), 'f', 0, 64))
	case n >= 100 || n == math.Trunc(n):
		return strconv.FormatFloat(n, 'f', 0, 64)
	case n >= 0.095:
		return strconv.FormatFloat(math.Round(n*100)/100, 'f', 2, 64)
	}
	return strconv.FormatFloat(n, 'f', 4, 64)
}

func dollars(n float64) string { return "$" + strconv.FormatFloat(n, 'f', -1, 64) }

func money(n float64) string {
	whole, cents, _ := strings.Cut(strconv.FormatFloat(n, 'f', 2, 64), ".")
	if n >= 1000 {
		return grouped(whole)
	}
	return whole + "." + cents
}

// grouped puts commas between thousands.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
