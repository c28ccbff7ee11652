package connection

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// TestLasts is how long a test can be gone through and looked at. It holds what the IdP said of somebody.
const TestLasts = time.Hour

// TestCookie is the name of the cookie by which a browser may go through the test that it started.
const TestCookie = "tenantry-saml-test"

// Outcome is how a test or a sign-in went.
type Outcome string

// The outcomes.
const (
	Waiting   Outcome = "waiting" // nobody came back from the IdP yet
	Succeeded Outcome = "passed"
	Failed    Outcome = "failed"
)

// Test is a round trip to the IdP that signs nobody in (SSO-3).
type Test struct {
	ID           string      `dynamodbav:"id"`
	Root         string      `dynamodbav:"root"`
	Organization string      `dynamodbav:"organization"`
	Connection   string      `dynamodbav:"connection"`
	Fingerprint  string      `dynamodbav:"fingerprint"` // of the settings that it is made with: Connection.Testing when it was started
	By           audit.Actor `dynamodbav:"by"`
	StartedAt    string      `dynamodbav:"startedAt"`
	Browser      string      `dynamodbav:"browser,omitempty"` // the hash of what the browser holds that may go through it

	Outcome     Outcome     `dynamodbav:"outcome"`
	FinishedAt  string      `dynamodbav:"finishedAt,omitempty"`
	Certificate string      `dynamodbav:"certificate,omitempty"` // whose signature held, by its SHA-256
	Checks      []Check     `dynamodbav:"checks,omitempty"`
	NameID      string      `dynamodbav:"nameId,omitempty"`
	NameIDForm  string      `dynamodbav:"nameIdFormat,omitempty"`
	Attributes  []Attribute `dynamodbav:"attributes,omitempty"`
	Address     string      `dynamodbav:"address,omitempty"`
	Means       Meaning     `dynamodbav:"means,omitempty"`
	User        string      `dynamodbav:"user,omitempty"` // who it would sign in
	Why         string      `dynamodbav:"why,omitempty"`  // a sentence: why that one, or why nobody
	ExpiresAt   int64       `dynamodbav:"expiresAt"`
}

// Meaning is what a sign-in like the test's would do.
type Meaning string

// The meanings.
const (
	Matches Meaning = "match"  // sign in a user who is there
	Creates Meaning = "create" // create one
	Nobody  Meaning = "nobody"
)

// Check is one check of the pipeline with what came of it.
type Check struct {
	Check  string `dynamodbav:"check"` // as package samlsp names it
	Step   string `dynamodbav:"step"`
	State  string `dynamodbav:"state"` // passed, failed or open
	Demand string `dynamodbav:"demand"`
	Saw    string `dynamodbav:"saw,omitempty"`
	Wanted string `dynamodbav:"wanted,omitempty"`
	Change string `dynamodbav:"change,omitempty"` // what to change at the IdP
}

// Attribute is what the IdP sent.
type Attribute struct {
	Name   string   `dynamodbav:"name"`
	Values []string `dynamodbav:"values"`
}

// NewTest is a test of the connection with the settings that it has now.
func NewTest(c *Connection, by audit.Actor, now time.Time) *Test {
	return &Test{ID: id.New(id.Test), Root: c.Root, Organization: c.Organization, Connection: c.ID, Fingerprint: c.Testing().Fingerprint(),
		By: by, StartedAt: clock.Format(now), Outcome: Waiting, ExpiresAt: table.Expiry(now.Add(TestLasts))}
}

// Key is where the test is stored.
func (t *Test) Key() table.Key { return table.ConnectionTestKey(t.Connection, t.ID) }

// finish writes the outcome of a test that nobody has finished yet.
func (t *Test) finish(at time.Time) *table.Change {
	waiting := expression.Name("outcome").Equal(expression.Value(Waiting))
	t.FinishedAt = clock.Format(at)
	return table.Touch(t.Key()).If(waiting, table.ErrChanged).Set("outcome", t.Outcome).Set("finishedAt", t.FinishedAt).Set("certificate", t.Certificate).
		Set("checks", t.Checks).Set("nameId", t.NameID).Set("nameIdFormat", t.NameIDForm).Set("attributes", t.Attributes).Set("address", t.Address).
		Set("means", t.Means).Set("user", t.User).Set("why", t.Why)
}

// ReadTest reads a test of a connection: Missing where there is none, or none any more.
func ReadTest(ctx context.Context, t *table.Table, connection, test string) (*Test, error) {
	if !id.Valid(id.Connection, connection) || !id.Valid(id.Test, test) {
		return nil, problem.Missing()
	}
	var found Test
	there, err := t.Get(ctx, table.ConnectionTestKey(connection, test), &found)
	if err == nil && !there {
		err = problem.Missing()
	}
	return &found, err
}
