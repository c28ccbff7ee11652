// Package lockout knows which administrators of a tree could still sign in after a change, and how, so that nobody locks an
// organization out (PER-5): whoever changes its policy, domains or connections asks first, and says so in the answer.
//
//	all, err := lockout.Read(ctx, services.Table, root, &state, restored, social)
//	err = lockout.Keep(tx, all, &after) // refused where nobody could; otherwise one who can stays, in the same change
//
// It refuses to change anything itself. What it counts are ways that an administrator has now or can open alone, such as a new
// password by mail; what takes somebody else's help is none.
package lockout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Administrator is an active administrator of the main organization, with what decides about the ways to sign in.
type Administrator struct {
	people.User
	Password bool            // there is one that is valid
	Mailbox  bool            // links may be mailed to the address (DOM-9)
	Accounts []people.Method // the providers whose accounts are linked, of those that are set up
}

// Read reads the administrators of the tree root, whose state is now. social are the providers that the installation has.
func Read(ctx context.Context, t *table.Table, root string, now *tenant.Access, restored restore.Mark, social []people.Method) ([]Administrator, error) {
	var set tenant.Administrators
	if _, err := t.Get(ctx, table.AdministratorsKey(root), &set); err != nil {
		return nil, err
	}
	users, err := people.ActiveAdministrators(ctx, t, root, set.Users)
	if err != nil {
		return nil, err
	}
	return know(ctx, t, users, now, restored, social)
}

// facts are what is read of one administrator.
type facts struct {
	held     people.Credentials
	domain   tenant.Standing
	accounts []people.Account // of social, in its order
}

func know(ctx context.Context, t *table.Table, users []people.User, now *tenant.Access, restored restore.Mark, social []people.Method) ([]Administrator, error) {
	all, read := make([]Administrator, len(users)), make([]facts, len(users))
	var wants []*table.Wanted
	for i := range users {
		f := &read[i]
		f.accounts = make([]people.Account, len(social))
		wants = append(wants, f.held.Wants(users[i].ID)...)
		wants = append(wants, tenant.WantStanding(users[i].Root, users[i].Email, &f.domain))
		for n, method := range social {
			wants = append(wants, table.Want(table.AccountKey(users[i].ID, string(method)), &f.accounts[n]))
		}
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	for i, f := range read {
		f.held.Standing(now, restored)
		all[i] = Administrator{User: users[i], Password: f.held.Password.Hash != "", Mailbox: !f.domain.Closed()}
		for n, account := range f.accounts {
			if account.Subject != "" {
				all[i].Accounts = append(all[i].Accounts, social[n])
			}
		}
	}
	return all, nil
}

// Ways are how the administrator can sign in where the tree is in the state after. While email and password are on, a new
// password comes by mail; where they are off, a break-glass administrator needs a password now.
func (a *Administrator) Ways(after *tenant.Access) []people.Method {
	ways := []people.Method{}
	if a.PasswordFor(after) && (a.Password || a.Mailbox && !after.PasswordsOff) {
		ways = append(ways, people.ByPassword)
	}
	return append(ways, a.Accounts...)
}

// Keep refuses a change after which the tree is in the state after and nobody of all could sign in, with last-administrator.
// Otherwise it has the change fail with table.ErrChanged where the one it counts on is changed meanwhile. edited are those
// whom the change itself edits, so that it fails then anyway.
func Keep(tx *table.Tx, all []Administrator, after *tenant.Access, edited ...string) error {
	for i := range all {
		if len(all[i].Ways(after)) == 0 {
			continue
		}
		if !slices.Contains(edited, all[i].ID) {
			tx.Require(all[i].Key(), expression.Name("version").Equal(expression.Value(all[i].Version)), table.ErrChanged)
		}
		return nil
	}
	return Nobody()
}

// Without are all but the user, who is about to leave.
func Without(all []Administrator, user string) []Administrator {
	return slices.DeleteFunc(slices.Clone(all), func(a Administrator) bool { return a.ID == user })
}

// WithoutPassword are all as they are when the user does not sign in by email and password any more.
func WithoutPassword(all []Administrator, user string) []Administrator {
	rest := slices.Clone(all)
	for i := range rest {
		if rest[i].ID == user {
			rest[i].PasswordOff = true
		}
	}
	return rest
}

// Nobody is the refusal of what would leave the organization without an administrator who can sign in.
func Nobody() error {
	return problem.New(problem.Conflict, "last-administrator", "No administrator of the organization could sign in any more. Give one another way first.")
}

// Sentences say which of all could sign in where the tree is in the state after, and how, for people.
func Sentences(all []Administrator, after *tenant.Access) []string {
	told := []string{}
	for i := range all {
		a := &all[i]
		if ways := a.Ways(after); len(ways) > 0 {
			told = append(told, fmt.Sprintf("%s (%s) can still sign in: %s.", a.Name, a.Email, joined(ways)))
		}
	}
	return told
}

func joined(ways []people.Method) string {
	words := make([]string, len(ways))
	for i, way := range ways {
		words[i] = string(way)
	}
	return strings.Join(words, ", ")
}
