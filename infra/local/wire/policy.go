package wire

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// need is one permission that a call takes: an action on a resource. For DynamoDB, keys are the partition keys named.
type need struct {
	action   string
	resource string
	keys     []string
	// instead is a resource that does as well, such as the domain of an address.
	instead string
}

// authorize evaluates the caller's statements for each need, by the rules of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: what is denied anywhere is
// denied, what is allowed nowhere too. It returns the refusal of the first need that is not met.
func (w *Wire) authorize(caller Caller, needs []need) *refusal {
	for _, n := range needs {
		statement, denied := w.evaluate(caller, n)
		allowed := statement >= 0 && !denied
		for _, key := range caller.keyValues(statement, n.keys) {
			w.usage.note(Use{Function: caller.Function, Action: n.action, Resource: n.resource, Statement: statement, Key: key, Allowed: allowed})
		}
		if !allowed {
			w.log.Warn("access denied", "function", caller.Function, "action", n.action, "resource", n.resource, "leadingKeys", n.keys)
			return denial(caller, n, denied)
		}
	}
	return nil
}

// evaluate returns the index of the statement that decides, -1 where none matches, and whether it denies.
func (w *Wire) evaluate(caller Caller, n need) (statement int, denied bool) {
	statement = -1
	for i, s := range caller.Statements {
		deny := s.Effect == "Deny"
		if !deny && statement >= 0 || !w.covers(s, n, deny) {
			continue
		}
		if deny {
			return i, true
		}
		statement = i
	}
	return statement, false
}

// covers tells whether the statement speaks of the need. What cannot be evaluated counts against the caller.
func (w *Wire) covers(s template.Statement, n need, deny bool) bool {
	if !matchAny(s.Actions, n.action, strings.EqualFold) || !coversResource(s.Resources, n) {
		return false
	}
	for _, c := range s.Conditions {
		holds, known := holds(c, n.keys)
		if !known {
			w.log.Error("a policy condition that the local stack cannot evaluate counts as a denial", "operator", c.Operator, "key", c.Key)
			holds = deny
		}
		if !holds {
			return false
		}
	}
	return true
}

func coversResource(patterns []string, n need) bool {
	return matchAny(patterns, n.resource, equal) || n.instead != "" && matchAny(patterns, n.instead, equal)
}

// holds evaluates a condition on dynamodb:LeadingKeys. A set operator ForAllValues holds where there is no key at all:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func holds(c template.Condition, keys []string) (holds, known bool) {
	if !strings.EqualFold(c.Key, "dynamodb:LeadingKeys") {
		return false, false
	}
	operator, forAll := strings.CutPrefix(c.Operator, "ForAllValues:")
	if !forAll && len(keys) == 0 {
		return false, true
	}
	switch operator {
	case "StringLike":
		return all(keys, func(key string) bool { return matchAny(c.Values, key, equal) }), true
	case "StringEquals":
		return all(keys, func(key string) bool { return slices.Contains(c.Values, key) }), true
	}
	return false, false
}

// keyValues are the values of a statement's conditions that the keys meet, each once; one that is empty where there are none.
func (c Caller) keyValues(statement int, keys []string) []string {
	var met []string
	if statement >= 0 {
		for _, condition := range c.Statements[statement].Conditions {
			for _, value := range condition.Values {
				if slices.ContainsFunc(keys, func(key string) bool { return matches(value, key, equal) }) {
					met = append(met, value)
				}
			}
		}
	}
	if len(met) == 0 {
		return []string{""}
	}
	return met
}

func all(values []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !holds(v) })
}

func equal(a, b string) bool { return a == b }

// matchAny tells whether one of the patterns, with * and ?, matches the text. same compares single characters.
func matchAny(patterns []string, text string, same func(a, b string) bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, text, same) })
}

// matches walks the pattern, going back to the latest * when the text departs from what follows it.
func matches(pattern, text string, same func(a, b string) bool) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || same(pattern[p:p+1], text[t:t+1])):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// denial is AWS's sentence for a call that is not allowed.
func denial(caller Caller, n need, explicit bool) *refusal {
	why := "because no identity-based policy allows the " + n.action + " action"
	if explicit {
		why = "with an explicit deny in an identity-based policy"
	}
	return &refusal{http.StatusForbidden, "AccessDeniedException", fmt.Sprintf(
		"User: arn:%s:sts::%s:assumed-role/%s/%s is not authorized to perform: %s on resource: %s %s",
		template.Partition, template.Account, caller.Function, caller.Function, n.action, n.resource, why)}
}
