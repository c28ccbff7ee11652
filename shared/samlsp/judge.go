package samlsp

import (
	"slices"
	"strings"
	"time"
)

// judgement is an assertion held against what is expected.
type judgement struct {
	*Message
	Expected
}

// question is a check of the meaning. It gives what was seen and what should have been, and whether that is right.
type question struct {
	check Check
	holds func(*judgement) (saw, wanted string, right bool)
}

// questions are the checks of the meaning, in the order of the rules.
var questions = []question{
	{MeaningShape, (*judgement).shape},
	{MeaningVersion, (*judgement).version},
	{MeaningIssuer, (*judgement).issuer},
	{MeaningResponseIssuer, (*judgement).issuerOfResponse},
	{MeaningIssued, (*judgement).issued},
	{MeaningDestination, (*judgement).destination},
	{MeaningNameID, (*judgement).named},
	{MeaningConfirmation, (*judgement).confirmed},
	{MeaningRecipient, ofBearer((*judgement).recipient)},
	{MeaningRequest, ofBearer((*judgement).request)},
	{MeaningUnsolicited, (*judgement).unsolicited},
	{MeaningAnswers, (*judgement).answersOnce},
	{MeaningConfirmed, ofBearer((*judgement).confirmedUntil)},
	{MeaningConfirmFrom, ofBearer((*judgement).confirmedFrom)},
	{MeaningNotBefore, (*judgement).notBefore},
	{MeaningExpired, (*judgement).notExpired},
	{MeaningLifetime, (*judgement).lifetime},
	{MeaningAudience, (*judgement).audience},
	{MeaningConditions, (*judgement).conditions},
	{MeaningStatement, (*judgement).statement},
	{MeaningSession, (*judgement).sessionLasts},
	{MeaningSignedIn, (*judgement).signedIn},
	{MeaningFresh, (*judgement).fresh},
	{MeaningContext, (*judgement).context},
}

// Judge holds the message against the connection and the request, and gives the assertion. All checks are made; the refusal is
// the first that failed, with the others in Also. Judging changes nothing: the caller consumes Assertion.RequestID and
// Assertion.ID, once each, in the transaction that signs the person in.
func (m *Message) Judge(expected Expected) (*Assertion, error) {
	j := &judgement{m, expected}
	var failed []*Refusal
	for _, question := range questions {
		saw, wanted, right := question.holds(j)
		if !right && m.on(question.check) {
			failed = append(failed, &Refusal{Check: question.check, Saw: saw, Wanted: wanted, Covered: m.covered})
		}
	}
	if len(failed) > 0 {
		failed[0].Also = failed[1:]
		return nil, failed[0]
	}
	return j.assertion(), nil
}

// assertion makes the result.
func (j *judgement) assertion() *Assertion {
	a := &Assertion{
		ID: attribute(j.Message.assertion, "ID"), Issuer: j.claims.issuer, Issued: j.claims.issued.at,
		NameID: nameIDOf(j.claims.nameID), Attributes: attributesOf(j.Message.assertion),
		RequestID: j.InResponseTo, UsableUntil: j.usableUntil(), Signed: j.Signed, Encrypted: j.Encrypted,
	}
	for _, s := range j.claims.statements {
		a.note(s)
	}
	return a
}

// note takes over a statement: the latest sign-in, the earliest end, every method.
func (a *Assertion) note(s statement) {
	if s.at.at.After(a.SignedIn) {
		a.SignedIn = s.at.at
	}
	if s.ends.readable() && (a.SessionEnds.IsZero() || s.ends.at.Before(a.SessionEnds)) {
		a.SessionEnds = s.ends.at
	}
	if a.Session == "" {
		a.Session = s.session
	}
	if s.contextClass != "" && !slices.Contains(a.Contexts, s.contextClass) {
		a.Contexts = append(a.Contexts, s.contextClass)
	}
}

// usableUntil is when the last confirmation ends or, if that is earlier, the assertion.
func (j *judgement) usableUntil() time.Time {
	var last time.Time
	for _, c := range j.claims.confirmations {
		if c.ends.at.After(last) {
			last = c.ends.at
		}
	}
	if end := j.claims.ends; end.readable() && end.at.Before(last) {
		last = end.at
	}
	return last.Add(Skew)
}

// listed joins texts of a message for people.
func listed(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	shown := make([]string, 0, len(texts))
	for _, text := range texts[:min(len(texts), 10)] {
		shown = append(shown, quoted(text))
	}
	return strings.Join(shown, ", ")
}
