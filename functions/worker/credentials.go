package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// cleaning removes what is void since email and password went off (AUT-2). Nobody waits for it: what is of an older generation
// proves nothing, and nothing is set in an older one any more when the job begins. What is of the present one stays: that of
// break-glass administrators, and of everybody who set a password after it was on again.
type cleaning struct{ *start.Services }

// credentialUsers are how many users a page reads; it deletes what a transaction takes.
const credentialUsers = 60

// generation is a credential as far as its age goes.
type generation struct {
	Generation int `dynamodbav:"generation"`
}

// clear does a page of a job of kind job.ClearCredentials. The checkpoint is the id of the last user who is done.
func (x cleaning) clear(ctx context.Context, p *job.Page) error {
	var last string
	begun, err := p.Checkpoint(&last)
	if err != nil {
		return err
	}
	if !begun {
		if err := x.count(ctx, p); err != nil {
			return err
		}
	}
	var state tenant.Access
	if _, err := x.Table.Get(ctx, table.AccessKey(p.Root), &state); err != nil {
		return err
	}
	begin, after := table.UserKey(p.Root, ""), table.Key{}
	if last != "" {
		after = table.UserKey(p.Root, last)
	}
	rows, more, err := x.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: credentialUsers}, after)
	if err != nil {
		return err
	}
	done, err := x.discard(ctx, p, rows, state.PasswordEpoch)
	if err != nil {
		return err
	}
	if !more && done == len(rows) {
		p.Finish(nil, done)
		return nil
	}
	p.Next(userOf(rows[done-1].Key), done)
	return nil
}

// count says how many users there are, with a role.
func (x cleaning) count(ctx context.Context, p *job.Page) error {
	counts, err := x.Table.Counts(ctx, p.Root, "ORG#")
	var n int
	for name, count := range counts {
		if strings.Contains(name, "#MEMBERS#") {
			n += count
		}
	}
	p.Expect(n)
	return err
}

// credentialKeys are where all that a user proves by password is stored.
func credentialKeys(user string) []table.Key {
	return []table.Key{people.PasswordKey(user), people.SecondFactorKey(user), people.RecoveryCodesKey(user), people.EnrolmentKey(user), people.ResetLinkKey(user)}
}

// discard has the page delete what is older than the generation, and gives how many of the users are done.
func (x cleaning) discard(ctx context.Context, p *job.Page, rows []table.Row, present int) (done int, err error) {
	var wants []*table.Wanted
	var held []generation
	for range len(rows) * len(credentialKeys("")) {
		held = append(held, generation{})
	}
	for i, row := range rows {
		for n, key := range credentialKeys(userOf(row.Key)) {
			wants = append(wants, table.Want(key, &held[i*len(credentialKeys(""))+n]))
		}
	}
	if err := x.Table.GetMany(ctx, wants...); err != nil {
		return 0, err
	}
	each, writes := len(credentialKeys("")), 0
	for i := range rows {
		if writes+each > job.PageWrites {
			return i, nil
		}
		for n := i * each; n < (i+1)*each; n++ {
			if wants[n].Found && held[n].Generation < present {
				p.Tx.DeleteIf(wants[n].Key, still(held[n].Generation), table.ErrChanged)
				writes++
			}
		}
	}
	return len(rows), nil
}

// still holds for a credential of that generation, and for none.
func still(of int) expression.ConditionBuilder {
	none := expression.Name("generation").AttributeNotExists()
	if of == 0 {
		return none
	}
	return none.Or(expression.Name("generation").Equal(expression.Value(of)))
}

// userOf is the id in the key of a user.
func userOf(key table.Key) string { return strings.TrimPrefix(key.SK, table.UserKey("", "").SK) }
