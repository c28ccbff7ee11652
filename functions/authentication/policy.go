package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// EmailPassword says whether people sign in by email and password.
type EmailPassword struct {
	Enabled bool `json:"enabled" doc:"Whether the people of the tree sign in by email and password"`
}

// Policy is how the people of a tree sign in, as the API shows it.
type Policy struct {
	OrganizationID string              `json:"organizationId" doc:"The main organization, whose policy it is"`
	EmailPassword  EmailPassword       `json:"emailPassword" doc:"Email and password"`
	SecondFactor   tenant.Policy       `json:"secondFactor" enum:"optional,administrators,everyone" doc:"Who needs a second factor; administrators of the platform and of partners always do"`
	BreakGlass     []string            `json:"breakGlassUserIds,omitempty" doc:"The administrators who keep email and password where it is off; shown to those who may set the policy"`
	CanSignIn      []lockout.CanSignIn `json:"administrators,omitempty" doc:"Which administrators of the main organization can sign in as things are, and how; shown to those who may set the policy"`
	Cleaning       string              `json:"cleaningJobId,omitempty" doc:"In the answer to turning email and password off: the job that removes what is void"`
}

// ShownPolicy is the policy with its ETag.
type ShownPolicy struct {
	ETag string `header:"ETag"`
	Body Policy
}

// getPolicy answers GET /v1/organizations/{org}/authentication.
func (f *authentication) getPolicy(ctx context.Context, c *access.Caller, _ *httpapi.About) (*ShownPolicy, error) {
	if access.Allows(c.Relation, access.EditPolicy) {
		now, err := f.tree(ctx, c)
		if err != nil {
			return nil, err
		}
		return show(c, &now.State, now), nil
	}
	var state tenant.Access
	if _, err := f.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state); err != nil {
		return nil, err
	}
	return show(c, &state, nil), nil
}

// tree reads which administrators of the tree can sign in.
func (f *authentication) tree(ctx context.Context, c *access.Caller) (*lockout.Tree, error) {
	return lockout.Read(ctx, f.Table, c.Organization.Root, c.Restored, f.Config.Social(), f.Clock())
}

// show is the answer with the policy, under which the tree is as it says. Who may not set it (nil) does not learn by whom it can be
// got around.
func show(c *access.Caller, state *tenant.Access, under *lockout.Tree) *ShownPolicy {
	shown := Policy{OrganizationID: c.Organization.Root, EmailPassword: EmailPassword{!state.PasswordsOff}, SecondFactor: state.SecondFactor}
	if shown.SecondFactor == "" {
		shown.SecondFactor = tenant.ForAdministrators
	}
	if under != nil {
		shown.BreakGlass = append([]string{}, state.BreakGlass...)
		shown.CanSignIn = under.CanSignIn()
	}
	return &ShownPolicy{ETag: httpapi.ETag(state.PolicyVersion), Body: shown}
}

// PolicyInput is the input of PUT /v1/organizations/{org}/authentication.
type PolicyInput struct {
	httpapi.About
	httpapi.Match
	httpapi.Confirmation
	Body struct {
		EmailPassword EmailPassword `json:"emailPassword" doc:"Email and password"`
		SecondFactor  tenant.Policy `json:"secondFactor" enum:"optional,administrators,everyone" doc:"Who needs a second factor"`
		BreakGlass    []string      `json:"breakGlassUserIds" maxItems:"2" uniqueItems:"true" doc:"Active administrators of the main organization who keep email and password where it is off; each use of that is told to all"`
	}
}

// rules are what is asked for.
func (in *PolicyInput) rules() tenant.Rules {
	named := slices.Clone(in.Body.BreakGlass)
	slices.Sort(named)
	return tenant.Rules{PasswordsOff: !in.Body.EmailPassword.Enabled, SecondFactor: in.Body.SecondFactor, BreakGlass: named}
}

// setPolicy answers PUT /v1/organizations/{org}/authentication (AUT-1 to AUT-3).
func (f *authentication) setPolicy(ctx context.Context, c *access.Caller, in *PolicyInput, tx *table.Tx) (*ShownPolicy, error) {
	if !c.Organization.Main() {
		return nil, problem.New(problem.Conflict, "main-only", "The policy is the main organization's, for all of its tree. Set it there.")
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := in.Check(now.State.PolicyVersion); err != nil {
		return nil, err
	}
	to := in.rules()
	if same(&now.State, to) {
		return show(c, &now.State, now), nil
	}
	if err := named(to, now); err != nil {
		return nil, err
	}
	p := &passage{tx: tx, from: now.State, to: now.State, now: now}
	tenant.SetPolicy(tx, c.Organization.Root, &p.to, to)
	p.after = now.Under(&p.to)
	if err := p.after.Keep(tx); err != nil {
		return nil, err
	}
	if err := f.confirmed(ctx, c, in, p); err != nil {
		return nil, err
	}
	return f.pass(ctx, c, p)
}

// same tells whether the rules are in force.
func same(state *tenant.Access, to tenant.Rules) bool {
	present := slices.Clone(state.BreakGlass)
	slices.Sort(present)
	second := state.SecondFactor
	if second == "" {
		second = tenant.ForAdministrators
	}
	return state.PasswordsOff == to.PasswordsOff && second == to.SecondFactor && slices.Equal(present, to.BreakGlass)
}

// named refuses break-glass administrators who are no active administrators of the main organization, and those whom an IdP could
// deactivate: they are there for when it is wrong. Somebody of another tree is answered like somebody who does not exist.
func named(to tenant.Rules, now *lockout.Tree) error {
	for i, id := range to.BreakGlass {
		field := fmt.Sprintf("body.breakGlassUserIds[%d]", i)
		switch u := now.User(id); {
		case u == nil:
			return problem.Invalid(field, "is not an active administrator of this organization", id)
		case u.Connection != "":
			return problem.Invalid(field, "is managed by an identity provider by SCIM, which could deactivate this administrator: name one whom it does not bring", id)
		}
	}
	return nil
}

// confirmed asks before email and password go off, by the number of the tree's members.
func (f *authentication) confirmed(ctx context.Context, c *access.Caller, in *PolicyInput, p *passage) error {
	if !p.off() {
		return nil
	}
	n, err := f.members(ctx, c.Organization.Root)
	if err != nil {
		return err
	}
	told := []string{
		"Nobody signs in by email and password any more, but for the break-glass administrators: sessions that began so end at once, and links to set a password are void.",
		"Every password, second factor and recovery code is removed for good. When email and password is on again, everybody sets a new password.",
	}
	return in.Confirmed(n, append(told, p.after.Sentences()...)...)
}

// members counts the tree's users who have a role.
func (f *authentication) members(ctx context.Context, root string) (n int, err error) {
	counts, err := f.Table.Counts(ctx, root, "ORG#")
	for name, count := range counts {
		if strings.Contains(name, "#MEMBERS#") {
			n += count
		}
	}
	return n, err
}
