package samlsp

import (
	"errors"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func TestEveryCheckHasItsRuleAndItsOrder(t *testing.T) {
	t.Parallel()
	seen, last := map[Check]bool{}, 0
	for _, rule := range Rules() {
		if seen[rule.Check] || !strings.HasPrefix(string(rule.Check), string(rule.Step)+".") {
			t.Errorf("%s stands twice, or in the wrong step", rule.Check)
		}
		seen[rule.Check] = true
		if rule.Demand == "" || rule.Source == "" || !strings.HasSuffix(rule.Demand, ".") || rule.Change != "" && !strings.HasSuffix(rule.Change, ".") {
			t.Errorf("%+v", rule)
		}
		for steps[last] != rule.Step {
			last++
		}
	}
	for _, question := range questions {
		if !seen[question.check] {
			t.Errorf("%s has no rule", question.check)
		}
	}
}

// TestTheMemberLearnsNothing sees to it that what concerns bytes, signatures and keys is one sentence for all of it: an attacker who
// tries out messages sees no difference.
func TestTheMemberLearnsNothing(t *testing.T) {
	t.Parallel()
	for _, rule := range Rules() {
		sentence := (&Refusal{Check: rule.Check}).Sentence()
		if rule.Step != StepMeaning && rule.Check != StructureStatus && sentence != AskAdministrator {
			t.Errorf("%s: %s", rule.Check, sentence.Key)
		}
	}
}

func TestSSO3_EverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	a := right()
	a.assertion().Audiences, a.confirmation().Recipient = []string{"https://x.example"}, "https://y.example"
	var failed []string
	for _, r := range AsRefusal(a.run().err).Failed() {
		failed = append(failed, string(r.Check))
		if !r.Covered || r.Account().Wanted == "" || r.Account().Change == "" {
			t.Errorf("%+v", r.Account())
		}
	}
	if got := strings.Join(failed, " "); got != "meaning.recipient meaning.audience" {
		t.Error(got)
	}
}

func TestAStrangersCertificateIsPresented(t *testing.T) {
	t.Parallel()
	a := right()
	a.sp.IdP.Certificates = []Certificate{known("next")}
	if r := AsRefusal(a.run().err); r.Presented != known("idp").Fingerprint || r.Covered {
		t.Errorf("%+v", r)
	}
}

func TestSSO3_EachCheckIsShownWithWhatCameOfIt(t *testing.T) {
	t.Parallel()
	count := func(err error) map[State]int {
		states := map[State]int{}
		for _, outcome := range Outcomes(err) {
			states[outcome.State]++
		}
		return states
	}
	if got := count(nil); got[Passed] != len(Rules()) {
		t.Errorf("%v", got)
	}
	a := right()
	a.assertion().Audiences, a.confirmation().Recipient = nil, ""
	if got := count(a.run().err); got[Failed] != 2 || got[Open] != 2 {
		t.Errorf("two of the meaning failed, the identity was not reached: %v", got)
	}
	a = right()
	a.assertion().Sign.Key = samlsptest.Key("other")
	for _, outcome := range Outcomes(a.run().err) {
		want := map[Step]State{StepForm: Passed, StepEncoding: Passed, StepXML: Passed, StepStructure: Passed}[outcome.Step]
		switch {
		case outcome.Check == SignatureValue:
			want = Failed
		case want == "":
			want = Open
		}
		if outcome.State != want {
			t.Errorf("%s is %s", outcome.Check, outcome.State)
		}
	}
	if got := count(errors.New("ours")); got[Open] != len(Rules()) {
		t.Errorf("%v", got)
	}
}
