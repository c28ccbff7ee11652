package samlsp

import (
	"slices"
)

func (j *judgement) notBefore() (saw, wanted string, right bool) {
	from := j.claims.notBefore
	return "an assertion that holds from " + from.shown(j.Now), "", from.missing() || from.begun(j.Now)
}

func (j *judgement) notExpired() (saw, wanted string, right bool) {
	ends := j.claims.ends
	return "an assertion that holds until " + ends.shown(j.Now), "", ends.missing() || ends.ahead(j.Now)
}

// audience holds the restrictions against our entity id: at least one, and every one must name it (core 2.5.1.4).
func (j *judgement) audience() (saw, wanted string, right bool) {
	var named []string
	restrictions, met := 0, 0
	for _, part := range partsOf(j.claims.conditions) {
		if !is(part, nsAssertion, "AudienceRestriction") {
			continue
		}
		restrictions++
		audiences := audiencesOf(part)
		if slices.Contains(audiences, j.sp.EntityID) {
			met++
		}
		named = append(named, audiences...)
	}
	return "the audiences " + listed(named), j.sp.EntityID, j.sp.EntityID != "" && restrictions > 0 && met == restrictions
}

// conditions refuses what is not known: whoever sets a condition means it (core 2.5.1.1). One-time use is honoured anyway, and
// a proxy restriction concerns nobody here, since no assertion is passed on.
func (j *judgement) conditions() (saw, wanted string, right bool) {
	for _, part := range partsOf(j.claims.conditions) {
		known := is(part, nsAssertion, "AudienceRestriction") || is(part, nsAssertion, "OneTimeUse") || is(part, nsAssertion, "ProxyRestriction")
		if !known {
			return "the condition " + quoted(part.Tag), "", false
		}
	}
	return "", "", true
}

func (j *judgement) statement() (saw, wanted string, right bool) {
	for _, s := range j.claims.statements {
		if !s.at.readable() {
			return "a sign-in at " + s.at.shown(j.Now), "", false
		}
	}
	return "no statement of a sign-in", "", len(j.claims.statements) > 0
}

func (j *judgement) sessionLasts() (saw, wanted string, right bool) {
	for _, s := range j.claims.statements {
		if !s.ends.missing() && !s.ends.ahead(j.Now) {
			return "a session until " + s.ends.shown(j.Now), "", false
		}
	}
	return "", "", true
}

func (j *judgement) signedIn() (saw, wanted string, right bool) {
	for _, s := range j.claims.statements {
		if s.at.readable() && !s.at.begun(j.Now) {
			return "a sign-in at " + s.at.shown(j.Now), "", false
		}
	}
	return "", "", true
}

// fresh holds a sign-in that we asked to be made anew against when we asked.
func (j *judgement) fresh() (saw, wanted string, right bool) {
	if j.Request == nil || !j.Request.ForceAuthn {
		return "", "", true
	}
	for _, s := range j.claims.statements {
		if s.at.readable() && !s.at.at.Before(j.Request.Issued.Add(-Skew)) {
			return "", "", true
		}
	}
	return "no sign-in since we asked for one", "", false
}

// context holds the methods of signing in against those that the connection accepts.
func (j *judgement) context() (saw, wanted string, right bool) {
	var used []string
	for _, s := range j.claims.statements {
		used = append(used, s.contextClass)
	}
	accepted := slices.ContainsFunc(used, func(class string) bool { return slices.Contains(j.sp.Contexts, class) })
	return "signed in by " + listed(used), listed(j.sp.Contexts), accepted || len(j.sp.Contexts) == 0
}
