package samlsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sample is a case of the corpus: what is bent in a sign-in that was right, and what must come of it.
type sample struct {
	class, name string
	want        Check // accepted where it is empty
	try         func(off ...Check) outcome
}

// The classes of the corpus.
const (
	wrapping   = "wrapping"
	signing    = "keys and algorithms"
	encrypting = "encryption"
	bytesOf    = "XML"
	transport  = "transport"
	meaning    = "meaning"
	tenancy    = "tenancy and identity"
	browser    = "browser"
	vendors    = "shapes of IdPs"
	setting    = "configuration"
)

const accepted Check = ""

// bent makes a case of an attempt.
func bent(class, name string, want Check, bend func(*attempt)) sample {
	return sample{class, name, want, func(off ...Check) outcome {
		a := right()
		bend(a)
		return a.run(off...)
	}}
}

// corpus is all cases: one table, in the files corpus_*_test.go by class.
func corpus() []sample {
	return slices.Concat(wrappingCases(), signingCases(), encryptingCases(), xmlCases(), transportCases(), meaningCases(),
		tenancyCases(), browserCases(), vendorCases(), settingCases())
}

// TestLOG2_TheCorpusIsAnsweredAsItShould goes through the whole corpus: nothing is wrongly accepted, nothing wrongly refused, and no
// answer is an internal error or a panic.
func TestLOG2_TheCorpusIsAnsweredAsItShould(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range corpus() {
		if seen[c.class+c.name] {
			t.Errorf("two cases %s/%s", c.class, c.name)
		}
		seen[c.class+c.name] = true
		t.Run(c.class+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			o := c.try()
			if o.code() != c.want {
				t.Fatalf("%s, want %s: %v", shown(o.code()), shown(c.want), o.err)
			}
			if o.err != nil && o.code() != unreadableInput {
				holdsBack(t, AsRefusal(o.err))
			}
		})
	}
}

// holdsBack sees to it that a refusal tells an administrator what is wrong, on one line of text, and the member nothing.
func holdsBack(t *testing.T, r *Refusal) {
	t.Helper()
	for _, one := range r.Failed() {
		account := one.Account()
		if account.Demand == "" || account.Source == "" || account.Saw == "" {
			t.Errorf("%s tells too little: %+v", one.Check, account)
		}
		for _, shown := range []string{account.Saw, account.Wanted, one.Error()} {
			if strings.ContainsFunc(shown, func(r rune) bool { return r < ' ' || r == 0x202e || r == 0x7f }) || len(shown) > 4000 {
				t.Errorf("%s shows what must not be shown as it is: %q", one.Check, shown)
			}
		}
	}
	if s := r.Sentence(); s != AskAdministrator && s != TryAgain && s != NotLetIn {
		t.Errorf("another sentence: %v", s)
	}
}

func shown(code Check) string {
	if code == accepted {
		return "accepted"
	}
	return string(code)
}

func TestTheCorpusIsWholeAndWritten(t *testing.T) {
	t.Parallel()
	classes, order := map[string]int{}, []string{}
	var b strings.Builder
	b.WriteString("# The corpus\n\nEvery case with its answer, written by the tests (`go test ./shared/samlsp -update`).\n")
	for _, c := range corpus() {
		if classes[c.class] == 0 {
			order = append(order, c.class)
			fmt.Fprintf(&b, "\n## %s\n\n| case | answer |\n| --- | --- |\n", c.class)
		}
		classes[c.class]++
		fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(c.name, "|", `\|`), shown(c.want))
	}
	total := 0
	for _, class := range order {
		if total += classes[class]; classes[class] < 5 {
			t.Errorf("%s has %d cases", class, classes[class])
		}
	}
	if total < 90 || len(order) != 10 {
		t.Errorf("%d cases in %d classes", total, len(order))
	}
	golden(t, "corpus.md", b.String())
}
