//go:build samlsp_ablation

package samlsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLOG2_EveryCheckIsNeeded switches one check off after the other. Without it, at least one case of the corpus that must be
// refused is accepted; which ones is written in testdata/ablation.md.
func TestLOG2_EveryCheckIsNeeded(t *testing.T) {
	all := corpus()
	var b strings.Builder
	b.WriteString("# What each check keeps out\n\nWritten by `make saml-ablation`, which switches one check off after the other: these cases are accepted then.\n\n| without | accepted |\n| --- | --- |\n")
	for _, rule := range Rules() {
		let := without(rule.Check, all)
		if len(let) == 0 {
			t.Errorf("%s: nothing is wrongly accepted without it", rule.Check)
		}
		fmt.Fprintf(&b, "| %s | %s |\n", rule.Check, strings.Join(let, "; "))
	}
	golden(t, "ablation.md", b.String())
}

// without gives the cases that are refused because of the check and accepted without it.
func without(check Check, all []sample) []string {
	var let []string
	for _, c := range all {
		if c.want == check && c.try(check).code() == accepted {
			let = append(let, c.name)
		}
	}
	return let
}

// TestNothingElseChangesWithoutACheck sees to it that the switches do what they say and no more: what is accepted stays so.
func TestNothingElseChangesWithoutACheck(t *testing.T) {
	for _, rule := range Rules() {
		if o := right().run(rule.Check); o.err != nil {
			t.Errorf("without %s: %v", rule.Check, o.err)
		}
	}
	if !slices.ContainsFunc(corpus(), func(c sample) bool { return c.want == accepted }) {
		t.Error("nothing is accepted")
	}
}
