package tenant

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is what closing a tree means (GEN-6). It is one write to the tree's state, and so is taking it back: nothing of the
// tree is touched in between. What the tree holds in the whole installation, the addresses of its people and its domains,
// stays written down for a return and is free for everybody else: whoever proves one takes it (Take). When the time is
// over, the erasing begins (BeginErasing); from then on nobody writes into the tree but the job that erases it.

// Closing is how a closed tree stands; in one that is not closed all of it is empty but Closings.
type Closing struct {
	ClosedAt string `dynamodbav:"closedAt,omitempty"` // as clock.Format writes it, as the next
	ErasesAt string `dynamodbav:"erasesAt,omitempty"` // until then it can be reopened
	Taken    int    `dynamodbav:"taken,omitempty"`    // how much of what it holds was taken by others meanwhile
	Erasing  bool   `dynamodbav:"erasing,omitempty"`  // nothing brings it back any more
	Erasure  string `dynamodbav:"erasure,omitempty"`  // the job that erases it
	Closings int    `dynamodbav:"closings,omitempty"` // how often it was closed: a session of before the last time is void
}

// Closed tells whether the tree is closed: none of its people and keys is anybody.
func (c *Closing) Closed() bool { return c.ClosedAt != "" }

// Ends is when the erasing of a closed tree falls due.
func (c *Closing) Ends() time.Time {
	at, _ := time.Parse(time.RFC3339, c.ErasesAt) // as Close wrote it
	return at
}

// Close has the change close the tree until it is erased; state changes along. The commit fails with table.ErrChanged where
// somebody else closed or reopened it since state was read, as those below do.
func Close(tx *table.Tx, root string, state *Access, now, erases time.Time) {
	edit := state.edit(root)
	state.ClosedAt, state.ErasesAt, state.Closings = clock.Format(now), clock.Format(erases), state.Closings+1
	tx.Update(edit.Set("closedAt", state.ClosedAt).Set("erasesAt", state.ErasesAt).Set("closings", state.Closings))
}

// Reopen has the change take a closing back. Its commit fails where the erasing has begun, too.
func Reopen(tx *table.Tx, root string, state *Access) {
	tx.Update(state.edit(root).Remove("closedAt", "erasesAt", "taken"))
	state.Closing = Closing{Closings: state.Closings}
}

// BeginErasing has the change begin the erasing of a closed tree, which has no way back.
func BeginErasing(tx *table.Tx, root string, state *Access) {
	tx.Update(state.edit(root).Set("erasing", true))
}

// Take has the change count that somebody else takes something that the closed tree holds. What a tree holds that is open, or
// that is reopened in between, is not to be taken.
func Take(tx *table.Tx, root string, state *Access) {
	tx.Update(state.edit(root).Add("taken", 1))
}

// EraseBy has the change note the job that erases the tree, in place of the one that is known of it.
func EraseBy(tx *table.Tx, root string, state *Access, job string) {
	same := expression.Name("erasing").Equal(expression.Value(true))
	if state.Erasure == "" {
		same = same.And(expression.Name("erasure").AttributeNotExists())
	} else {
		same = same.And(expression.Name("erasure").Equal(expression.Value(state.Erasure)))
	}
	tx.Update(table.Touch(table.AccessKey(root)).If(same, table.ErrChanged).Set("erasure", job))
}

// Mention is where a partner is named in the audit of another tree.
type Mention struct {
	In        string `dynamodbav:"in"` // the partition of the event
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// Remember has the change remember, with each partner that the event of another tree names, where it does: erasing the
// partner takes it out there.
func Remember(tx *table.Tx, e audit.Event) {
	for _, partner := range Named(e) {
		tx.Put(table.MentionKey(partner, e.ID), Mention{In: e.Key().PK, ExpiresAt: e.ExpiresAt})
	}
}

// Named are the partners that an event names.
func Named(e audit.Event) []string {
	var all []string
	for _, values := range []map[string]any{e.Before, e.After} {
		if partner, _ := values["partner"].(string); partner != "" {
			all = append(all, partner)
		}
	}
	return all
}

// edit begins a change of the tree's state that is made only as long as nobody closed or reopened the tree, or began to
// erase it, since the state was read.
func (a *Access) edit(root string) *table.Change {
	same := expression.Name("erasing").AttributeNotExists()
	if a.Closings == 0 {
		same = same.And(expression.Name("closings").AttributeNotExists())
	} else {
		same = same.And(expression.Name("closings").Equal(expression.Value(a.Closings)))
	}
	if a.Closed() {
		same = same.And(expression.Name("closedAt").AttributeExists())
	} else {
		same = same.And(expression.Name("closedAt").AttributeNotExists())
	}
	return table.Touch(table.AccessKey(root)).If(same, table.ErrChanged)
}

// ClosedFirst is the answer to a change of something in a closed tree, by those who still see it.
func ClosedFirst() error {
	return problem.New(problem.Conflict, "closed", "The organization is closed. It can be looked at and reopened; reopen it before anything else is changed.")
}

// BeingErased is the answer to everything that comes too late for a closed tree.
func BeingErased() error {
	return problem.New(problem.Conflict, "being-erased", "The organization is being erased: nothing of it can be changed or brought back any more.")
}
