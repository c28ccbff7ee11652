package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is the wizard's test (SSO-3), as far as it is asked for and looked at; functions/saml goes through it.

// testsOfConnection bounds how often tests are begun, within testWindow.
const (
	testsOfConnection = 60
	testWindow        = time.Hour
)

// mountTests adds the operations of tests to the server, whose cookies bind a test to its browser.
func mountTests(s *httpapi.Server, f *connections) {
	start := func(ctx context.Context, c *access.Caller, in *AboutConnection, tx *table.Tx) (*TestStarted, error) {
		return f.startTest(ctx, s, c, in, tx)
	}
	httpapi.Change(s, httpapi.Operation{ID: "start-connection-test", Method: http.MethodPost, Path: one + "/tests", Status: http.StatusCreated, Needs: access.EditSettings,
		Summary: "Begin a test of an SSO connection",
		Description: "With the settings as they are, those that wait for a test first. The browser that gets this answer, and with it the cookie, opens " +
			"url: it signs in at the IdP and comes back. It makes no session, no user and no link. Other browsers get nowhere by url."}, start)
	httpapi.Read(s, httpapi.Operation{ID: "get-connection-test", Method: http.MethodGet, Path: one + "/tests/{test}", Needs: access.EditSettings,
		Summary:     "Read what came of a test of an SSO connection",
		Description: "Each check, the attributes that were received, and whom a sign-in would mean. It is kept for an hour."}, f.getTest)
}

// TestPath is the input that names a test of a connection.
type TestPath struct {
	AboutConnection
	Test string `path:"test" doc:"The test's id" example:"tst_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Test is a test as the API shows it.
type Test struct {
	ID           string          `json:"id" doc:"Its id" example:"tst_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	URL          string          `json:"url" format:"uri" doc:"What the browser that began the test opens"`
	Outcome      string          `json:"outcome" enum:"waiting,passed,failed" doc:"How it went; waiting: nobody came back from the IdP yet"`
	StartedAt    string          `json:"startedAt" format:"date-time" doc:"When it was begun"`
	FinishedAt   string          `json:"finishedAt,omitempty" format:"date-time" doc:"When somebody came back"`
	EndsAt       string          `json:"endsAt" format:"date-time" doc:"Until when it is kept"`
	Current      bool            `json:"current" doc:"It is about the settings as they are; otherwise they were changed since"`
	Certificate  string          `json:"certificate,omitempty" doc:"The id of the IdP's certificate whose signature held"`
	Checks       []TestCheck     `json:"checks" doc:"Every check, in the order in which they are made"`
	NameID       string          `json:"nameId,omitempty" doc:"The name id that was received"`
	NameIDFormat string          `json:"nameIdFormat,omitempty" doc:"Its format"`
	Attributes   []TestAttribute `json:"attributes" doc:"What was received"`
	Email        string          `json:"email,omitempty" doc:"The address that the assertion is about"`
	Means        string          `json:"means,omitempty" enum:"match,create,nobody" doc:"What a sign-in would do: sign somebody in, create somebody, or nothing"`
	User         *TestUser       `json:"user,omitempty" doc:"Whom it means"`
	Why          string          `json:"why,omitempty" doc:"Why that one, or why nobody"`
}

// TestCheck is one check of the pipeline.
type TestCheck struct {
	Check  string `json:"check" doc:"Its name, the code of the SAML log" example:"meaning.audience"`
	Step   string `json:"step" doc:"The part of the pipeline that it belongs to"`
	State  string `json:"state" enum:"passed,failed,open" doc:"What came of it; open: it was not reached"`
	Demand string `json:"demand" doc:"What must hold"`
	Saw    string `json:"saw,omitempty" doc:"What was seen, where it failed"`
	Wanted string `json:"wanted,omitempty" doc:"What would have been right"`
	Change string `json:"change,omitempty" doc:"What to change at the IdP"`
}

// TestAttribute is an attribute that was received.
type TestAttribute struct {
	Name   string   `json:"name" doc:"As the IdP names it"`
	Values []string `json:"values" doc:"What it holds"`
}

// TestUser is whom a test means.
type TestUser struct {
	ID    string `json:"id" doc:"The user's id"`
	Name  string `json:"name" doc:"The user's name"`
	Email string `json:"email" doc:"The address that the user signs in with"`
}

// TestStarted is the answer to the beginning of a test.
type TestStarted struct {
	Location string        `header:"Location"`
	Cookies  []http.Cookie `header:"Set-Cookie"`
	Body     Test
}

// ShownTest is the answer with one test.
type ShownTest struct{ Body Test }

// startTest answers POST /v1/organizations/{org}/sso-connections/{connection}/tests.
func (f *connections) startTest(ctx context.Context, s *httpapi.Server, c *access.Caller, in *AboutConnection, tx *table.Tx) (*TestStarted, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	if missing := of.Testing().Missing(); len(missing) > 0 {
		return nil, problem.New(problem.Conflict, "connection-incomplete", "Before a test the connection needs: %s.", strings.Join(missing, ", "))
	}
	if err := f.rates.Count(ctx, "sso-test/"+of.ID, 1, testsOfConnection, testWindow); err != nil {
		return nil, err
	}
	test := connection.NewTest(of, c.Actor, f.Clock())
	token, hash := secret.New(secret.SSOTest, test.ID)
	test.Browser = hash
	tx.Create(test.Key(), test, table.ErrChanged)
	event := c.Event("connection.test-started", "connection", of.ID)
	event.After = map[string]any{"test": test.ID}
	f.Trail.Write(tx, event)
	out := &TestStarted{Cookies: []http.Cookie{s.BrowserCookie(connection.TestCookie, token, connection.TestLasts)}, Body: viewTest(of, test)}
	out.Location = "/v1/organizations/" + of.Organization + "/sso-connections/" + of.ID + "/tests/" + test.ID
	return out, nil
}

// getTest answers GET /v1/organizations/{org}/sso-connections/{connection}/tests/{test}.
func (f *connections) getTest(ctx context.Context, c *access.Caller, in *TestPath) (*ShownTest, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	test, err := connection.ReadTest(ctx, f.Table, of.ID, in.Test)
	if err != nil {
		return nil, err
	}
	out := &ShownTest{Body: viewTest(of, test)}
	if test.User == "" {
		return out, nil
	}
	var user people.User
	found, err := f.Table.Get(ctx, table.UserKey(of.Root, test.User), &user)
	if found {
		out.Body.User = &TestUser{ID: user.ID, Name: user.Name, Email: user.Email}
	}
	return out, err
}

func viewTest(of *connection.Connection, t *connection.Test) Test {
	v := Test{ID: t.ID, URL: of.SP.Login + "?test=" + t.ID, Outcome: string(t.Outcome), StartedAt: t.StartedAt, FinishedAt: t.FinishedAt,
		EndsAt: clock.FormatUnix(t.ExpiresAt), Current: t.Fingerprint == of.Testing().Fingerprint(), Certificate: t.Certificate,
		Checks: []TestCheck{}, NameID: t.NameID, NameIDFormat: t.NameIDForm, Attributes: []TestAttribute{}, Email: t.Address, Means: string(t.Means), Why: t.Why}
	for _, one := range t.Checks {
		v.Checks = append(v.Checks, TestCheck(one))
	}
	for _, one := range t.Attributes {
		v.Attributes = append(v.Attributes, TestAttribute(one))
	}
	return v
}
