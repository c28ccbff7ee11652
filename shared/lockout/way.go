package lockout

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// CanSignIn is an administrator who can sign in, with the ways.
type CanSignIn struct {
	UserID     string          `json:"userId" doc:"Whose id"`
	Name       string          `json:"name" doc:"Whose name"`
	Email      string          `json:"email" doc:"Whose address"`
	Ways       []people.Method `json:"ways" doc:"How: password, microsoft, google, saml"`
	Connection string          `json:"connectionId,omitempty" doc:"With saml: by which connection"`
	BreakGlass bool            `json:"breakGlass,omitempty" doc:"A break-glass administrator, who keeps email and password where others do not have it"`
}

// ways are how the administrator can sign in, and the connection where one is among them. While email and password are on, a new
// password comes by mail; where they are off, a break-glass administrator needs one now.
func (t *Tree) ways(a *administrator) (ways []people.Method, by *connection.Connection) {
	by = t.leads(a)
	required := by != nil && by.SSORequired && !a.user.BreaksGlass(t.policy)
	if !required && t.password(a) {
		ways = append(ways, people.ByPassword)
	}
	if !required {
		for _, account := range a.accounts {
			ways = append(ways, account.by)
		}
	}
	if by != nil && by.Accepts(t.at) {
		return append(ways, people.BySAML), by
	}
	return ways, nil
}

// password tells whether the administrator has a password or can have one mailed, but for what is required of the domain.
func (t *Tree) password(a *administrator) bool {
	if a.off || a.user.Email == "" || !a.user.PasswordFor(t.policy) { // who lost the address to another tree has a password to no use
		return false
	}
	return a.password.Hash != "" || a.mailbox() && !t.policy.PasswordsOff
}

// mailbox tells whether links are mailed to the administrator (DOM-9).
func (a *administrator) mailbox() bool {
	return a.domain() != "" && !a.lost && (a.gained || !a.standing.Closed())
}

// CanSignIn are those of the administrators who can sign in.
func (t *Tree) CanSignIn() []CanSignIn {
	all := []CanSignIn{}
	for i := range t.administrators {
		a := &t.administrators[i]
		ways, by := t.ways(a)
		if len(ways) == 0 {
			continue
		}
		can := CanSignIn{UserID: a.user.ID, Name: a.user.Name, Email: a.user.Email, Ways: ways, BreakGlass: a.user.BreaksGlass(t.policy)}
		if by != nil {
			can.Connection = by.ID
		}
		all = append(all, can)
	}
	return all
}

// Admits tells whether the user, who is none of the administrators, could sign in as one: it reads what the user has.
func (t *Tree) Admits(ctx context.Context, from *table.Table, u *people.User) (bool, error) {
	one := t.changed()
	var err error
	if one.administrators, err = t.know(ctx, from, []people.User{*u}); err != nil {
		return false, err
	}
	one.read = maps.Clone(t.read)
	err = one.follow(ctx, from)
	return len(one.CanSignIn()) > 0, err
}

// Sentences say for people which administrators can still sign in, and how.
func (t *Tree) Sentences() []string {
	told := t.Lines()
	for i, line := range told {
		told[i] = "Can still sign in: " + line + "."
	}
	return told
}

// Lines are the same without a verb, for where others stand around them.
func (t *Tree) Lines() []string {
	told := []string{}
	for _, can := range t.CanSignIn() {
		told = append(told, can.line(t.connections[can.Connection]))
	}
	return told
}

func (c CanSignIn) line(by *connection.Connection) string {
	words := make([]string, len(c.Ways))
	for i, way := range c.Ways {
		if words[i] = string(way); way == people.BySAML {
			words[i] = fmt.Sprintf("saml by the connection %q", by.Name)
		}
	}
	return fmt.Sprintf("%s (%s): %s", c.Name, c.Email, strings.Join(words, ", "))
}

// Keep refuses, with last-administrator, a change after which the tree is so and no administrator could sign in. Otherwise it has
// the change fail with table.ErrChanged where one who can, or what that one's way stands on, is changed meanwhile: of two changes
// that each take away what the other counts on, one comes second and is refused.
func (t *Tree) Keep(tx *table.Tx) error {
	for i := range t.administrators {
		a := &t.administrators[i]
		if ways, _ := t.ways(a); len(ways) > 0 {
			t.hold(tx, a, ways[0])
			return nil
		}
	}
	return nobody()
}

// KeepFrom is Keep for a change of a tree that was so before: where nobody could sign in anyway, nothing is taken from anybody.
func (t *Tree) KeepFrom(tx *table.Tx, before *Tree) error {
	if len(before.CanSignIn()) == 0 {
		return nil
	}
	return t.Keep(tx)
}

// hold holds what a way of the administrator stands on as it was read: the person, the policy, the domain of the address with the
// connection that it leads to, and the password or the account.
func (t *Tree) hold(tx *table.Tx, a *administrator, way people.Method) {
	require := func(key table.Key, name string, value any) {
		tx.Require(key, expression.Name(name).Equal(expression.Value(value)), table.ErrChanged)
	}
	require(a.user.Key(), "version", a.user.Version)
	tenant.HoldPolicy(tx, t.root, &t.State)
	if name := a.domain(); name != "" {
		tx.Require(table.DomainNameKey(t.root, name), a.standing.Same(), table.ErrChanged)
	}
	if to := a.standing.Connection; t.read[to] != 0 {
		require(table.ConnectionKey(to), "version", t.read[to])
	}
	if way == people.ByPassword && a.password.Hash != "" {
		require(people.PasswordKey(a.user.ID), "hash", a.password.Hash)
	}
	for _, account := range a.accounts {
		if account.by == way {
			require(table.AccountKey(a.user.ID, string(way)), "subject", account.subject)
		}
	}
}

// nobody is the refusal of what would leave the organization without an administrator who can sign in.
func nobody() error {
	return problem.New(problem.Conflict, "last-administrator", "No administrator of the organization could sign in any more. Give one another way first.")
}
