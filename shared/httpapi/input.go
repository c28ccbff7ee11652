package httpapi

// About is the part of an input that names the organization which an operation is about.
type About struct {
	Org string `path:"org" doc:"The organization's id" example:"org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Page is the part of an input that asks for a page of a list (API-4). Its bounds are table.DefaultLimit and table.MaxLimit.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"nextCursor of the page before"`
}
