package main

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// SigningIn is how a user signs in, as the API shows it.
type SigningIn struct {
	ID             string `json:"id" doc:"The user's id" example:"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name           string `json:"name" doc:"The person's name"`
	Email          string `json:"email" doc:"The address that the person signs in with"`
	OrganizationID string `json:"organizationId" doc:"The organization of the role"`
	RoleID         string `json:"roleId" doc:"The role"`
	Status         string `json:"status" enum:"invited,active,inactive" doc:"Only who is active can sign in"`
	EmailPassword  bool   `json:"emailPassword" doc:"Whether the user may sign in by email and password, by the tree's policy and the user's own setting"`
	SecondFactor   bool   `json:"secondFactor" doc:"Whether there is a second factor"`
	LastSignInAt   string `json:"lastSignInAt,omitempty" format:"date-time" doc:"The last sign-in, by whatever way; absent where there was none"`
}

// SigningInDetail is the same with all there is to say of each way.
type SigningInDetail struct {
	SigningIn
	RequireSecondFactor  bool   `json:"requireSecondFactor" doc:"An administrator requires a second factor of this user, whatever the policy"`
	SecondFactorRequired bool   `json:"secondFactorRequired" doc:"Whether the user has to have one, by that or by the policy"`
	BreakGlass           bool   `json:"breakGlass" doc:"Whether the user keeps email and password where it is off"`
	Methods              []Card `json:"methods" doc:"Each way that is or was in use; email and password always"`
}

// Card is one way of a user to sign in.
type Card struct {
	Method         string   `json:"method" enum:"password,microsoft,google,saml" doc:"The way"`
	Connection     *CardSSO `json:"connection,omitempty" doc:"Of SAML: the SSO connection; absent for sign-ins of before connections were told apart"`
	Enabled        *bool    `json:"enabled,omitempty" doc:"Of email and password: whether an administrator disabled it for this user"`
	PasswordSet    *bool    `json:"passwordSet,omitempty" doc:"Of email and password: whether there is a password"`
	SecondFactor   *bool    `json:"secondFactor,omitempty" doc:"Of email and password: whether there is a second factor"`
	Role           string   `json:"role,omitempty" doc:"Of Microsoft and of a connection with Entra ID: the name of the user's role"`
	Phone          string   `json:"phone,omitempty" doc:"Of a connection with Entra ID: the phone number that came with the last sign-in"`
	Linked         *bool    `json:"linked,omitempty" doc:"Of Microsoft and Google: whether an account there is the user's"`
	Count          int      `json:"count" doc:"How often the user signed in by it"`
	LastSignInAt   string   `json:"lastSignInAt,omitempty" format:"date-time" doc:"When last"`
	LastSignInFrom string   `json:"lastSignInFrom,omitempty" doc:"From which IP address last"`
}

// CardSSO is the SSO connection of a card.
type CardSSO struct {
	ID       string `json:"id" doc:"Its id" example:"con_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name     string `json:"name,omitempty" doc:"Its name; absent once it was removed, as the next"`
	Provider string `json:"provider,omitempty" enum:"okta,entra,custom" doc:"Whose it is"`
}

// Shown is a user's detail with the user's ETag.
type Shown struct {
	ETag string `header:"ETag"`
	Body SigningInDetail
}

// ways are the methods that there are, in the order of their cards.
var ways = [...]people.Method{people.ByMicrosoft, people.ByGoogle, people.BySAML, people.ByPassword}

// use is what is read of a user beside the user.
type use struct {
	held    people.Credentials
	methods [len(ways)]people.SignIns
	linked  [len(ways)]people.Account // of providers

	// by SSO connection, of a detail only
	saml      map[string]any
	federated []people.FederatedSignIns
	sso       []connection.Connection
}

func (x *use) wants(user string) []*table.Wanted {
	wants := x.held.Wants(user)
	for i, way := range ways {
		wants = append(wants, table.Want(table.MethodKey(user, string(way)), &x.methods[i]))
	}
	return wants
}

// last is when the user signed in last.
func (x *use) last() string {
	var last string
	for _, one := range x.methods {
		last = max(last, one.LastAt)
	}
	return last
}

// ListInput is the question of GET .../authentication/users.
type ListInput struct {
	httpapi.About
	httpapi.Page
	Sort string `query:"sort" enum:"name,address" default:"name" doc:"name: the organization's members; address: of a main organization, all users of its tree"`
	Q    string `query:"q" maxLength:"254" doc:"Only those whose name, or address, begins so"`
}

// SigningInPage is a page of a list of users.
type SigningInPage struct {
	Items      []SigningIn `json:"items" doc:"The page; it may be short"`
	NextCursor string      `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// Listed is the answer of GET .../authentication/users.
type Listed struct{ Body SigningInPage }

// list answers GET /v1/organizations/{org}/authentication/users (AUT-4).
func (f *authentication) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	question, err := people.Listing(c.Organization, in.Sort, in.Q)
	if err != nil {
		return nil, err
	}
	question.Limit, question.Cursor, question.About = in.Limit, in.Cursor, strings.Join([]string{"authentication", in.Sort}, "/")
	page, err := table.List[people.User](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	var state tenant.Access
	wants, read := []*table.Wanted{table.Want(table.AccessKey(c.Organization.Root), &state)}, make([]use, len(page.Items))
	for i, u := range page.Items {
		wants = append(wants, read[i].wants(u.ID)...)
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	out := &Listed{SigningInPage{Items: make([]SigningIn, len(page.Items)), NextCursor: page.Next}}
	for i := range page.Items {
		read[i].held.Standing(&state, c.Restored)
		out.Body.Items[i] = line(&page.Items[i], &state, &read[i])
	}
	return out, nil
}

func line(u *people.User, state *tenant.Access, x *use) SigningIn {
	return SigningIn{ID: u.ID, Name: u.Name, Email: u.Email, OrganizationID: u.Organization, RoleID: u.Role, Status: string(u.Status),
		EmailPassword: u.PasswordFor(state), SecondFactor: x.held.Enrolled(), LastSignInAt: x.last()}
}

// get answers GET /v1/organizations/{org}/authentication/users/{user} (AUT-5).
func (f *authentication) get(ctx context.Context, c *access.Caller, in *AboutUser) (*Shown, error) {
	m, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	return f.show(ctx, c, m)
}

// show is the answer with one user.
func (f *authentication) show(ctx context.Context, c *access.Caller, m *member) (*Shown, error) {
	var x use
	var role people.Role
	wants := x.wants(m.ID)
	for i, way := range ways {
		wants = append(wants, table.Want(table.AccountKey(m.ID, string(way)), &x.linked[i]))
	}
	if m.Role != "" {
		wants = append(wants, table.Want(table.RoleKey(m.Organization, m.Role), &role))
	}
	wants = append(wants, table.Want(table.MethodKey(m.ID, string(people.BySAML)), &x.saml))
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	if err := f.follow(ctx, &x); err != nil {
		return nil, err
	}
	x.held.Standing(&m.state, c.Restored)
	return &Shown{ETag: httpapi.ETag(m.Version), Body: SigningInDetail{SigningIn: line(&m.User, &m.state, &x), RequireSecondFactor: m.NeedsFactor,
		SecondFactorRequired: m.NeedsSecondFactor(&m.state), BreakGlass: m.BreaksGlass(&m.state), Methods: x.cards(&m.User, &role)}}, nil
}

// follow reads the SSO connections that the user signed in by.
func (f *authentication) follow(ctx context.Context, x *use) error {
	for i, way := range ways {
		if way == people.BySAML {
			x.federated = people.Federated(x.saml, x.methods[i])
		}
	}
	x.sso = make([]connection.Connection, len(x.federated))
	var wants []*table.Wanted
	for i, one := range x.federated {
		if one.Connection != "" {
			wants = append(wants, table.Want(table.ConnectionKey(one.Connection), &x.sso[i]))
		}
	}
	return f.Table.GetMany(ctx, wants...)
}

// cards are one for each way that is or was in use, one for each SSO connection, and one for email and password in any case.
func (x *use) cards(u *people.User, role *people.Role) []Card {
	var cards []Card
	for i, way := range ways {
		m := x.methods[i]
		if way == people.BySAML {
			cards = append(cards, x.federations(role)...)
			continue
		}
		if m.Count == 0 && x.linked[i].Subject == "" && way != people.ByPassword {
			continue
		}
		card := cardOf(way, m)
		switch way {
		case people.ByPassword:
			card.Enabled, card.PasswordSet, card.SecondFactor = new(!u.PasswordOff), new(x.held.Password.Hash != ""), new(x.held.Enrolled())
		case people.ByMicrosoft:
			card.Role = role.Name
			card.Linked = new(x.linked[i].Subject != "")
		case people.ByGoogle:
			card.Linked = new(x.linked[i].Subject != "")
		}
		cards = append(cards, card)
	}
	return slices.Clip(cards)
}

func cardOf(way people.Method, m people.SignIns) Card {
	return Card{Method: string(way), Count: m.Count, LastSignInAt: m.LastAt, LastSignInFrom: m.LastFrom}
}

// federations are the cards of SSO connections.
func (x *use) federations(role *people.Role) (cards []Card) {
	for i, one := range x.federated {
		card := cardOf(people.BySAML, one.SignIns)
		if one.Connection != "" {
			of := &x.sso[i]
			card.Connection = &CardSSO{ID: one.Connection, Name: of.Name, Provider: string(of.Provider)}
			if of.Provider == connection.Entra {
				card.Role, card.Phone = role.Name, one.Phone
			}
		}
		cards = append(cards, card)
	}
	return cards
}
