package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
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
	OrganizationID string        `json:"organizationId" doc:"The main organization, whose policy it is"`
	EmailPassword  EmailPassword `json:"emailPassword" doc:"Email and password"`
	SecondFactor   tenant.Policy `json:"secondFactor" enum:"optional,administrators,everyone" doc:"Who needs a second factor; administrators of the platform and of partners always do"`
	BreakGlass     []string      `json:"breakGlassUserIds,omitempty" doc:"The administrators who keep email and password where it is off; shown to those who may set the policy"`
	CanSignIn      []CanSignIn   `json:"administrators,omitempty" doc:"Which administrators of the main organization can sign in as things are, and how; shown to those who may set the policy"`
	Cleaning       string        `json:"cleaningJobId,omitempty" doc:"In the answer to turning email and password off: the job that removes what is void"`
}

// CanSignIn is an administrator with the ways to sign in.
type CanSignIn struct {
	UserID string          `json:"userId" doc:"Whose id"`
	Name   string          `json:"name" doc:"Whose name"`
	Email  string          `json:"email" doc:"Whose address"`
	Ways   []people.Method `json:"ways" doc:"How: password, microsoft, google, saml"`
}

// ShownPolicy is the policy with its ETag.
type ShownPolicy struct {
	ETag string `header:"ETag"`
	Body Policy
}

// getPolicy answers GET /v1/organizations/{org}/authentication.
func (f *authentication) getPolicy(ctx context.Context, c *access.Caller, _ *httpapi.About) (*ShownPolicy, error) {
	var state tenant.Access
	if _, err := f.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state); err != nil {
		return nil, err
	}
	if !access.Allows(c.Relation, access.EditPolicy) {
		return show(c, &state, nil), nil
	}
	administrators, err := f.administrators(ctx, c, &state)
	return show(c, &state, administrators), err
}

func (f *authentication) administrators(ctx context.Context, c *access.Caller, state *tenant.Access) ([]lockout.Administrator, error) {
	return lockout.Read(ctx, f.Table, c.Organization.Root, state, c.Restored, f.Config.Social())
}

// show is the answer with the policy. Who may not set it does not learn by whom it can be got around.
func show(c *access.Caller, state *tenant.Access, administrators []lockout.Administrator) *ShownPolicy {
	shown := Policy{OrganizationID: c.Organization.Root, EmailPassword: EmailPassword{!state.PasswordsOff}, SecondFactor: state.SecondFactor}
	if shown.SecondFactor == "" {
		shown.SecondFactor = tenant.ForAdministrators
	}
	if administrators != nil {
		shown.BreakGlass = append([]string{}, state.BreakGlass...)
		shown.CanSignIn = []CanSignIn{}
	}
	for i := range administrators {
		a := &administrators[i]
		if ways := a.Ways(state); len(ways) > 0 {
			shown.CanSignIn = append(shown.CanSignIn, CanSignIn{a.ID, a.Name, a.Email, ways})
		}
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
	var state tenant.Access
	if _, err := f.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state); err != nil {
		return nil, err
	}
	if err := in.Check(state.PolicyVersion); err != nil {
		return nil, err
	}
	administrators, err := f.administrators(ctx, c, &state)
	if err != nil {
		return nil, err
	}
	to := in.rules()
	if same(&state, to) {
		return show(c, &state, administrators), nil
	}
	if err := named(to, administrators); err != nil {
		return nil, err
	}
	p := &passage{tx: tx, from: state, to: state, administrators: administrators}
	tenant.SetPolicy(tx, c.Organization.Root, &p.to, to)
	if err := lockout.Keep(tx, administrators, &p.to, slices.Concat(state.BreakGlass, to.BreakGlass)...); err != nil {
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

// named refuses break-glass administrators who are no active administrators of the main organization. Somebody of another tree
// is answered like somebody who does not exist.
func named(to tenant.Rules, administrators []lockout.Administrator) error {
	for i, id := range to.BreakGlass {
		if !slices.ContainsFunc(administrators, func(a lockout.Administrator) bool { return a.ID == id }) {
			return problem.Invalid(fmt.Sprintf("body.breakGlassUserIds[%d]", i), "is not an active administrator of this organization", id)
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
	return in.Confirmed(n, append(told, lockout.Sentences(p.administrators, &p.to)...)...)
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
