package httpapi

import "github.com/tenantry/tenantry/shared/problem"

// About is the part of an input that names the organization which an operation is about.
type About struct {
	Org string `path:"org" doc:"The organization's id" example:"org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Confirmation is the part of an input by which the caller goes ahead with what has consequences.
type Confirmation struct {
	Confirm confirm `query:"confirm" minimum:"-1" doc:"affected of the answer confirmation-required, to go ahead with it; absent or -1: ask first"`
}

// confirm is one more than the number that the caller goes ahead with: Huma gives what is zero its default, where there is a body, and a
// caller may well go ahead with what concerns nobody.
type confirm int

// OnParamSet takes the number as it was sent.
func (c *confirm) OnParamSet(isSet bool, parsed any) {
	*c = 0
	if number, ok := parsed.(int64); isSet && ok {
		*c = confirm(number + 1)
	}
}

// Confirming is the part of an input of a caller who goes ahead with what concerns so many; -1: one who asks first.
func Confirming(affected int) Confirmation { return Confirmation{confirm(affected + 1)} }

// Confirmed tells whether the caller goes ahead with what concerns so many: nil, or the confirmation-required that says what
// will happen, a sentence each.
func (c Confirmation) Confirmed(affected int, consequences ...string) error {
	if int(c.Confirm) == affected+1 {
		return nil
	}
	return problem.Confirm(affected, consequences...)
}

// Page is the part of an input that asks for a page of a list (API-4). Its bounds are table.DefaultLimit and table.MaxLimit.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"nextCursor of the page before"`
}
