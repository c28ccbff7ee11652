package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"github.com/tenantry/tenantry/infra/local/idp"
	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/nameserver"
	"github.com/tenantry/tenantry/infra/local/service"
	"github.com/tenantry/tenantry/infra/local/trace"
)

//go:embed overview.html
var overviewPage string

// overview is everything at a glance, as /_local shows it.
type overview struct {
	URL       string              `json:"url"`
	Functions []functionView      `json:"functions"`
	Instances []lambda.Instance   `json:"instances"`
	Queues    any                 `json:"queues"`
	Mails     []service.Letter    `json:"mails"`
	DNS       nameserver.Snapshot `json:"dns"`
	IdP       []idp.View          `json:"idp"`
	Requests  []trace.Trace       `json:"requests"` // the last, youngest first
	Logs      []line              `json:"logs"`     // the last, oldest first
}

// functionView is what /_local tells of a function: its place in the template.
type functionView struct {
	ID        string            `json:"id"`
	Folder    string            `json:"folder"`
	Routes    []string          `json:"routes"` // such as GET /v1/organizations
	Queues    []string          `json:"queues"` // ARNs of the queues that feed it
	Schedules map[string]string `json:"schedules"`
	Grants    []grant           `json:"grants"` // the statements of its policy, in the template's order
}

// grant is one statement of a function's policy.
type grant struct {
	Effect     string              `json:"effect"`
	Actions    []string            `json:"actions"`
	Resources  []string            `json:"resources"`
	Conditions map[string][]string `json:"conditions,omitempty"` // by operator and key, such as ForAllValues:StringLike dynamodb:LeadingKeys
}

// overview answers GET /_local: a page for browsers, JSON for programs.
func (l *local) overview(w http.ResponseWriter, r *http.Request) {
	mails, err := l.inbox.List(r.Context(), "")
	if err != nil {
		l.stream.say("%v", err)
	}
	all := overview{
		URL: l.url, Functions: l.functions(), Instances: l.pool.Instances(), Queues: l.queues.Snapshot(), Mails: mails, DNS: l.someNames(), IdP: l.idp.some(),
		Requests: l.book.Latest(30), Logs: l.stream.tail(60, ""),
	}
	if !wantsPage(r) {
		answer(w, all)
		return
	}
	page, err := template.New("overview").Parse(overviewPage)
	var text bytes.Buffer
	if err == nil {
		err = page.Execute(&text, all)
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
	_, _ = text.WriteTo(w)
}

// totalView is what a function did since the stack's start.
type totalView struct {
	Ran  lambda.Total `json:"ran"`
	Made trace.Total  `json:"made"`
}

// totals are those of all functions, by logical id.
func (l *local) totals() map[string]totalView {
	views, calls := map[string]totalView{}, l.book.Totals()
	for function, total := range l.pool.Totals() {
		views[function] = totalView{total, calls[function]}
	}
	return views
}

// functions are the template's, in its order.
func (l *local) functions() []functionView {
	views := []functionView{}
	for _, f := range l.template.Functions {
		view := functionView{ID: f.ID, Folder: f.Folder, Routes: []string{}, Queues: []string{}, Schedules: map[string]string{}, Grants: []grant{}}
		for _, route := range f.Routes {
			view.Routes = append(view.Routes, route.Method+" "+route.Path)
		}
		for _, source := range f.Queues {
			view.Queues = append(view.Queues, source.QueueARN)
		}
		for _, schedule := range f.Schedules {
			view.Schedules[schedule.ID] = schedule.Expression
		}
		for _, statement := range f.Statements {
			given := grant{Effect: statement.Effect, Actions: statement.Actions, Resources: statement.Resources, Conditions: map[string][]string{}}
			for _, condition := range statement.Conditions {
				given.Conditions[condition.Operator+" "+condition.Key] = condition.Values
			}
			view.Grants = append(view.Grants, given)
		}
		views = append(views, view)
	}
	return views
}

// shownNames is how many DNS records the overview has at most; GET /_local/dns has all.
const shownNames = 100

func (l *local) someNames() nameserver.Snapshot {
	all := l.names.Snapshot()
	all.Records, all.Queries = all.Records[:min(len(all.Records), shownNames)], nil
	return all
}
