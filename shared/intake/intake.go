// Package intake is the people of a file on their way to being invited (USR-1). Whoever takes a file checks all of it; what was
// checked is kept in parts beside the job that invites the people, page by page, and each part goes with its last page.
//
//	begun := &job.Job{Root: root, Organization: org, Kind: job.ImportUsers, Cancellable: true}
//	begun.Give(intake.Input{People: len(people), Existing: 3, By: authority})
//	job.Start(tx, begun, services.Work, caller.Actor, now)
//	intake.Keep(tx, begun.ID, people, caller.Display(), now)
//
// The package refuses to keep anything of a person in the job itself, which can be read for a month: names and addresses stand in
// the parts only. It does not know what a file looks like, nor who may invite whom.
package intake

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	// PartRows is how many people a part has; the last one may have fewer.
	PartRows = 48

	// keepFor is how long a part waits for its job, which is given up after a day without progress.
	keepFor = 3 * 24 * time.Hour
)

// Person is somebody to be invited, as a line of the file says.
type Person struct {
	Line         int    `dynamodbav:"line"` // of the file, the names of the columns being line 1
	Name         string `dynamodbav:"name"`
	Email        string `dynamodbav:"email"`
	Department   string `dynamodbav:"department,omitempty"`
	Language     string `dynamodbav:"language"`
	Organization string `dynamodbav:"organization"`
	Role         string `dynamodbav:"role"`
}

// Input is what a job is begun with.
type Input struct {
	People   int       `json:"people"`   // how many are to be invited
	Existing int       `json:"existing"` // how many lines were of somebody who was there already
	By       Authority `json:"by"`
}

// Authority is by whose right people are invited: a user's or a key's. It holds as long as that one has the same role (PER-1).
type Authority struct {
	Actor        audit.Actor `json:"actor"`
	Tree         string      `json:"tree"`         // the actor's own
	Organization string      `json:"organization"` // of the actor's role
	Role         string      `json:"role"`
	Address      string      `json:"address,omitempty"` // from where the file came
	Request      string      `json:"request,omitempty"` // and by which request
}

// Outcome is what a job is finished with.
type Outcome struct {
	Invited  int       `json:"invited"`
	Existing int       `json:"existing"` // those included who were invited otherwise meanwhile
	Failed   int       `json:"failed"`
	Failures []Failure `json:"failures,omitempty"` // the first of those that failed
}

// Failure is why somebody was not invited who could have been when the file was checked.
type Failure struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// mostFailures bounds what is said of those who were not invited: it stands in one item.
const mostFailures = 100

// Fail notes that the person of the line was not invited.
func (o *Outcome) Fail(line int, why string) {
	if o.Failed++; len(o.Failures) < mostFailures {
		o.Failures = append(o.Failures, Failure{line, why})
	}
}

// Part is a part of what a job invites people by.
type Part struct {
	People    []Person `dynamodbav:"people"`
	By        string   `dynamodbav:"by"` // how mails name who invites
	ExpiresAt int64    `dynamodbav:"expiresAt"`
}

// Parts is how many items Keep writes for so many people.
func Parts(people int) int { return (people + PartRows - 1) / PartRows }

// Keep has the change keep the people for the job, in parts.
func Keep(tx *table.Tx, job string, people []Person, by string, now time.Time) {
	for n := range Parts(len(people)) {
		tx.Put(table.ImportKey(job, n), Part{People: people[n*PartRows : min((n+1)*PartRows, len(people))], By: by, ExpiresAt: table.Expiry(now.Add(keepFor))})
	}
}

// Page reads the people from the position at on, at most that many and never beyond a part; empty where they are not kept any
// more.
func Page(ctx context.Context, t *table.Table, job string, at, most int) (people []Person, by string, err error) {
	var part Part
	if _, err := t.Get(ctx, table.ImportKey(job, at/PartRows), &part); err != nil {
		return nil, "", err
	}
	from := min(at%PartRows, len(part.People))
	return part.People[from:min(from+most, len(part.People))], part.By, nil
}

// Settle has the change remove the part whose last person is the one before the position at.
func Settle(tx *table.Tx, job string, at int, last bool) {
	if at > 0 && (last || at%PartRows == 0) {
		tx.Delete(table.ImportKey(job, (at-1)/PartRows), 0)
	}
}
