package people

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// providers are the methods that are accounts with somebody else (LOG-4).
var providers = [...]Method{ByMicrosoft, ByGoogle}

// Account is the one account with a provider by which a user signs in. It is linked at the first sign-in, and is the provider's
// stable name of it, never an address.
type Account struct {
	Subject  string `dynamodbav:"subject"` // in the form of oidc.Identity.Key
	LinkedAt string `dynamodbav:"linkedAt"`
}

// Link has the change make the account with the provider the user's. held is whose it was, nil for nobody's: somebody who is not
// there any more. The commit fails with table.ErrChanged where it is somebody's by then, or the user has got another one.
func Link(tx *table.Tx, u *User, by Method, subject string, held *Claim, now time.Time) {
	tx.Create(table.AccountKey(u.ID, string(by)), Account{Subject: subject, LinkedAt: clock.Format(now)}, table.ErrChanged)
	if held == nil {
		tx.Create(table.SubjectKey(subject), Claim{Root: u.Root, User: u.ID}, table.ErrChanged)
		return
	}
	same := expression.Name("user").Equal(expression.Value(held.User))
	tx.Update(table.Touch(table.SubjectKey(subject)).If(same, table.ErrChanged).Set("root", u.Root).Set("user", u.ID))
}

// Unlink has the change erase what says that accounts with providers are the user's, but for the accounts in the user's own
// partition.
func Unlink(ctx context.Context, t *table.Table, tx *table.Tx, user string) error {
	var accounts [len(providers)]Account
	var wants []*table.Wanted
	for i, by := range providers {
		wants = append(wants, table.Want(table.AccountKey(user, string(by)), &accounts[i]))
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return err
	}
	for _, account := range accounts {
		if account.Subject == "" {
			continue
		}
		var claim Claim
		if _, err := t.Get(ctx, table.SubjectKey(account.Subject), &claim); err != nil {
			return err
		}
		if claim.User == user {
			tx.DeleteIf(table.SubjectKey(account.Subject), expression.Name("user").Equal(expression.Value(user)), table.ErrChanged)
		}
	}
	return nil
}
