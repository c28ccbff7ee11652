package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	challengeLasts = 10 * time.Minute
	challengeTries = 5
)

// challenge is a sign-in by password that waits for its second step. It is void once the user's sessions are.
type challenge struct {
	Next          string `dynamodbav:"next"`
	UserEpoch     int    `dynamodbav:"userEpoch"`
	PasswordEpoch int    `dynamodbav:"passwordEpoch"`
	Tries         int    `dynamodbav:"tries"`
	Sealed        string `dynamodbav:"sealed,omitempty"`   // the second factor that is being set up
	CreatedAt     int64  `dynamodbav:"created,omitempty"`  // Unix seconds
	Recovery      bool   `dynamodbav:"recovery,omitempty"` // began by a set-up link of the installer
	ExpiresAt     int64  `dynamodbav:"expiresAt"`
}

// challenge puts the sign-in, up to here, into the change.
func (d *door) challenge(tx *table.Tx, a *account, next string) *step {
	token, hash := secret.New(secret.Challenge, a.root, a.id)
	now := d.Clock()
	tx.Create(table.ChallengeKey(a.id, hash), challenge{Next: next, UserEpoch: a.user.Epoch, PasswordEpoch: a.access.PasswordEpoch,
		Recovery: a.recovers, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(now.Add(challengeLasts))}, table.ErrChanged)
	return &step{Status: 200, Body: Remaining{Next: next, Challenge: token}}
}

// holder is whose challenge a token says it is, and where it is stored.
func holder(token string) (root, user string, key table.Key, err error) {
	parts, hash, err := secret.Parse(secret.Challenge, token)
	if err != nil || len(parts) != 2 {
		return "", "", table.Key{}, challengeEnded()
	}
	return parts[0], parts[1], table.ChallengeKey(parts[1], hash), nil
}

// try counts a try of the challenge before anything is compared, so that tries at the same time are all counted.
func (d *door) try(ctx context.Context, key table.Key) (*challenge, error) {
	left := expression.Name("tries").LessThan(expression.Value(challengeTries)).
		And(expression.Name("expiresAt").GreaterThan(expression.Value(d.Clock().Unix())))
	row, err := d.Table.Apply(ctx, table.Touch(key).If(left, challengeEnded()).Add("tries", 1))
	if err != nil {
		return nil, err
	}
	c := &challenge{}
	return c, table.Read(row, c)
}

// holds tells whether the account is still as it was when the password was right.
func (c *challenge) holds(a *account) bool {
	return a.maySignIn() && c.UserEpoch == a.user.Epoch && c.PasswordEpoch == a.access.PasswordEpoch && !a.restored.Voids(time.Unix(c.CreatedAt, 0))
}

func challengeEnded() error {
	return problem.New(problem.Unauthenticated, "challenge-ended", "This sign-in took too long, was tried too often, or is done. Begin again with the password.")
}
