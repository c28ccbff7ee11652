package samlsp

import "slices"

// State is what came of a check.
type State string

// The states. A check that was not reached, since an earlier one failed, is open.
const (
	Passed State = "passed"
	Failed State = "failed"
	Open   State = "open"
)

// Outcome is a check with what came of it.
type Outcome struct {
	Rule
	State  State
	Saw    string // what was seen, of a failed one
	Wanted string // what would have been right, of a failed one, where that is a value
}

// Outcomes lists every check with what came of it, in the order of the pipeline, as the wizard's test shows it (SSO-3). The error is
// that of ReadForm, Verify, Judge or Identify, whichever failed, and nil after the last of them.
func Outcomes(err error) []Outcome {
	rules := Rules()
	outcomes := make([]Outcome, 0, len(rules))
	refusal := AsRefusal(err)
	for _, rule := range rules {
		outcome := Outcome{Rule: rule, State: Passed}
		switch {
		case refusal != nil:
			outcome.tell(refusal)
		case err != nil:
			outcome.State = Open
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes
}

// steps are the steps of the pipeline in their order.
var steps = []Step{StepForm, StepEncoding, StepXML, StepStructure, StepSignature, StepEncryption, StepMeaning, StepIdentity}

// tell says what a refusal means for the check. Of one step only the meaning is judged to its end; and an assertion that does not
// open leaves its signature unseen.
func (o *Outcome) tell(refusal *Refusal) {
	failed := refusal.Check.Rule().Step
	behind := slices.Index(steps, o.Step) < slices.Index(steps, failed)
	unseen := o.Step == StepSignature && failed == StepEncryption && !refusal.Covered
	if !behind && !(o.Step == failed && failed == StepMeaning) || unseen {
		o.State = Open
	}
	for _, one := range refusal.Failed() {
		if one.Check == o.Check {
			o.State, o.Saw, o.Wanted = Failed, one.Saw, one.Wanted
		}
	}
}
