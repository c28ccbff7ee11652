package samlsp

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Refusal says which check a message failed. It is an error; whoever signs in gets Sentence, never Error, and administrators
// get Account.
type Refusal struct {
	Check Check
	// Saw is what was found, printable and short. What an IdP sent stands in it as a quoted text: show it as text.
	Saw string
	// Wanted is what should have been found, where that is a value.
	Wanted string
	// Covered says that a trusted signature covers the message. What none covers anybody could have sent: count it, keep no more.
	Covered bool
	// Also are further checks that the same message failed, in the order of the pipeline.
	Also []*Refusal
	// Presented is the SHA-256 fingerprint of the certificate that came with a signature which held with none of the
	// connection's: a sign to read the IdP's metadata again. Nobody vouches for it.
	Presented string
	// StatusCode is the most particular status code of the IdP, with structure.status.
	StatusCode string
}

// Error gives the refusal for logs of our own.
func (r *Refusal) Error() string { return fmt.Sprintf("saml: %s: %s", r.Check, r.Saw) }

// AsRefusal finds the Refusal in the chain of err, nil where there is none.
func AsRefusal(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return nil
}

// Failed gives the refused check and all others that failed as well.
func (r *Refusal) Failed() []*Refusal { return append([]*Refusal{r}, r.Also...) }

// Sentence is what the person who signs in is shown. Key names it for translations.
type Sentence struct{ Key, English string }

// The sentences. There are three, so that nobody learns from them what was wrong with a message they made up: how long an
// answer is valid and that the IdP itself said no are known to whoever holds it, all else is not told.
var (
	AskAdministrator = Sentence{"ask-administrator", "Signing in did not work: your organization's sign-in service and this one do not agree. Please tell your administrator."}
	TryAgain         = Sentence{"try-again", "That took too long or was already used. Please sign in again."}
	NotLetIn         = Sentence{"not-let-in", "Your organization's sign-in service did not let you in. Please try again, or ask your administrator whether you have access."}
)

// Sentence gives what to show to the member.
func (r *Refusal) Sentence() Sentence {
	switch {
	case r.Check == StructureStatus:
		return NotLetIn
	case r.Check.Rule().Spared:
		return TryAgain
	}
	return AskAdministrator
}

// Account is what an administrator is told of a refusal.
type Account struct {
	Code   Check
	Demand string // what must hold
	Saw    string // what was seen
	Wanted string // the value that would have been right, empty where there is none
	Change string // what to change at the IdP
	Source string // where the rule comes from
}

// Account gives what to tell the administrator about this check; for all that failed, ask each of Failed.
func (r *Refusal) Account() Account {
	rule := r.Check.Rule()
	change := rule.Change
	if advice := statusAdvice[r.StatusCode]; r.Check == StructureStatus && advice != "" {
		change = advice
	}
	return Account{r.Check, rule.Demand, r.Saw, r.Wanted, change, rule.Source}
}

// refuse makes a refusal; the values that come from a message belong into quoted.
func refuse(check Check, format string, args ...any) *Refusal {
	return &Refusal{Check: check, Saw: fmt.Sprintf(format, args...)}
}

// quotedLimit is how many characters of a text from a message are repeated.
const quotedLimit = 200

// quoted gives a text of a message as it may be shown and logged: within quotes, without line breaks, control characters or
// characters that hide or turn text, and cut where it is long.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	n := 0
	for _, r := range text {
		if n++; n > quotedLimit {
			b.WriteString("...")
			break
		}
		if !unicode.IsPrint(r) || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) {
			r = '?'
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}
