package httpapi

import "github.com/tenantry/tenantry/shared/problem"

// About is the part of an input that names the organization which an operation is about.
type About struct {
	Org string `path:"org" doc:"The organization's id" example:"org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Confirmation is the part of an input by which the caller goes ahead with what has consequences.
type Confirmation struct {
	Confirm int `query:"confirm" minimum:"-1" default:"-1" doc:"affected of the answer confirmation-required, to go ahead with it; -1: ask first"`
}

// Confirmed tells whether the caller goes ahead with what concerns so many: nil, or the confirmation-required that says what
// will happen, a sentence each.
func (c Confirmation) Confirmed(affected int, consequences ...string) error {
	if c.Confirm == affected {
		return nil
	}
	return problem.Confirm(affected, consequences...)
}

// Page is the part of an input that asks for a page of a list (API-4). Its bounds are table.DefaultLimit and table.MaxLimit.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"nextCursor of the page before"`
}
