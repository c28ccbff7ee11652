package samlsp

import (
	"math"
	"time"

	"github.com/beevik/etree"
)

// maxNameID is how long a name id may be; the standard has 256 characters for persistent ones (core 8.3.7).
const maxNameID = 1024

// shape holds the parts of the assertion against how often they may stand there.
func (j *judgement) shape() (saw, wanted string, right bool) {
	a := j.Message.assertion
	subjects := children(a, nsAssertion, "Subject")
	switch {
	case !isNCName(attribute(a, "ID")):
		return "the ID " + quoted(attribute(a, "ID")), "", false
	case len(children(a, nsAssertion, "Issuer")) != 1:
		return "no issuer, or several", "", false
	case len(subjects) != 1:
		return "no subject, or several", "", false
	case len(children(subjects[0], nsAssertion, "NameID")) > 1:
		return "several name ids", "", false
	case len(children(a, nsAssertion, "Conditions")) > 1:
		return "conditions twice", "", false
	}
	return "", "", true
}

func (j *judgement) version() (saw, wanted string, right bool) {
	version := attribute(j.Message.assertion, "Version")
	return "the version " + quoted(version), "2.0", version == "2.0"
}

func (j *judgement) issuer() (saw, wanted string, right bool) {
	wanted = j.sp.IdP.EntityID
	return "the issuer " + quoted(j.claims.issuer), wanted, wanted != "" && j.claims.issuer == wanted
}

func (j *judgement) issuerOfResponse() (saw, wanted string, right bool) {
	said := j.claims.responseIssuer
	return "the issuer " + quoted(said) + " of the response", j.sp.IdP.EntityID, said == "" || said == j.sp.IdP.EntityID
}

func (j *judgement) issued() (saw, wanted string, right bool) {
	return "an assertion of " + j.claims.issued.shown(j.Now), "", j.claims.issued.begun(j.Now)
}

// destination holds where the response was sent to against our URL. Who signs a response must say it (bindings 3.5.5.2).
func (j *judgement) destination() (saw, wanted string, right bool) {
	said := attribute(j.response, "Destination")
	optional := said == "" && j.Signed.Response == ""
	return "the destination " + quoted(said), j.sp.ACS, optional || said == j.sp.ACS
}

func (j *judgement) named() (saw, wanted string, right bool) {
	value, plain := text(j.claims.nameID)
	switch subject := child(j.Message.assertion, nsAssertion, "Subject"); {
	case child(subject, nsAssertion, "EncryptedID") != nil:
		return "an encrypted name id", "", false
	case j.claims.nameID == nil:
		return "no name id", "", false
	case !plain:
		return "a name id with more than text in it", "", false
	case value == "" || len(value) > maxNameID:
		return "a name id that is empty or over 1,024 bytes", "", false
	}
	return "", "", true
}

func (j *judgement) confirmed() (saw, wanted string, right bool) {
	return "confirmations by " + listed(j.claims.methods), methodBearer, len(j.claims.confirmations) > 0
}

// ofBearer makes a question about the confirmation that fits best. One alone must be right in everything: what is right in one and
// what is right in another do not add up.
func ofBearer(ask func(*judgement, confirmation) (string, string, bool)) func(*judgement) (string, string, bool) {
	return func(j *judgement) (string, string, bool) {
		if len(j.claims.confirmations) == 0 {
			return "", "", true // meaning.confirmation says so
		}
		return ask(j, j.best())
	}
}

// best gives the confirmation that fails the fewest checks.
func (j *judgement) best() confirmation {
	best, fewest := confirmation{}, math.MaxInt
	for _, c := range j.claims.confirmations {
		wrong := 0
		for _, ask := range []func(*judgement, confirmation) (string, string, bool){
			(*judgement).recipient, (*judgement).request, (*judgement).confirmedUntil, (*judgement).confirmedFrom,
		} {
			if _, _, right := ask(j, c); !right {
				wrong++
			}
		}
		if wrong < fewest {
			best, fewest = c, wrong
		}
	}
	return best
}

func (j *judgement) recipient(c confirmation) (saw, wanted string, right bool) {
	return "the recipient " + quoted(c.recipient), j.sp.ACS, j.sp.ACS != "" && c.recipient == j.sp.ACS
}

// request holds which request the confirmation answers against the open one of this browser. One that answers none is for
// unsolicited to judge.
func (j *judgement) request(c confirmation) (saw, wanted string, right bool) {
	switch {
	case j.InResponseTo == "":
		return "", "", true
	case c.answers == "":
		return "a confirmation that names no request in a response that does", "", false
	case j.Request == nil:
		return "an answer to the request " + quoted(c.answers) + ", which is not open in this browser", "", false
	}
	return "an answer to the request " + quoted(c.answers) + ", not to the one of this browser", "", c.answers == j.Request.ID
}

func (j *judgement) unsolicited() (saw, wanted string, right bool) {
	return "an assertion that answers no request", "", j.InResponseTo != "" || j.Expected.Unsolicited
}

// answersOnce holds the response against its assertion.
func (j *judgement) answersOnce() (saw, wanted string, right bool) {
	said := attribute(j.response, "InResponseTo")
	return "a response that answers " + quoted(said) + " around an assertion that answers " + quoted(j.InResponseTo), "",
		said == "" || said == j.InResponseTo
}

func (j *judgement) confirmedUntil(c confirmation) (saw, wanted string, right bool) {
	return "a confirmation until " + c.ends.shown(j.Now), "", c.ends.ahead(j.Now)
}

func (j *judgement) confirmedFrom(c confirmation) (saw, wanted string, right bool) {
	return "a confirmation from " + c.from.shown(j.Now), "", c.from.missing() || c.from.begun(j.Now)
}

// lifetime holds how long the assertion can be used against what is remembered of used ones.
func (j *judgement) lifetime() (saw, wanted string, right bool) {
	from := j.claims.issued.at
	if from.IsZero() {
		from = j.Now
	}
	lasts := j.usableUntil().Add(-Skew).Sub(from)
	return "an assertion that holds for " + lasts.Round(time.Minute).String(), "", lasts <= Lifetime
}

// partsOf gives the child elements, none of nothing.
func partsOf(e *etree.Element) []*etree.Element {
	if e == nil {
		return nil
	}
	return childrenOf(e)
}
