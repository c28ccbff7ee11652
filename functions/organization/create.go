package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// NewOrganization is a partner or a client to be made.
type NewOrganization struct {
	Type          string             `json:"type" enum:"partner,client" doc:"What it is; partners are made by the platform only"`
	Name          string             `json:"name" minLength:"1" maxLength:"100" doc:"Its name" example:"Acme"`
	Email         string             `json:"email" maxLength:"254" doc:"Where it is written to" example:"hello@acme.example"`
	Language      Language           `json:"language,omitempty"`
	Country       Country            `json:"country,omitempty"`
	Sector        Sector             `json:"sector,omitempty"`
	Description   string             `json:"description,omitempty" maxLength:"2000" doc:"In its own words"`
	Administrator FirstAdministrator `json:"administrator" doc:"Who is invited to administer it"`
}

// FirstAdministrator is who is invited along with a new organization (GEN-5).
type FirstAdministrator struct {
	Email    string   `json:"email" maxLength:"254" doc:"The address that is invited" example:"ana@acme.example"`
	Name     string   `json:"name" minLength:"1" maxLength:"100" doc:"The person's name" example:"Ana Ruiz"`
	Language Language `json:"language,omitempty"`
}

// CreateInput is the input of POST /v1/organizations.
type CreateInput struct{ Body NewOrganization }

// create answers POST /v1/organizations.
func (o *organizations) create(_ context.Context, c *access.Caller, in *CreateInput, tx *table.Tx) (*Made, error) {
	made, person, err := o.accept(c, &in.Body)
	if err != nil {
		return nil, err
	}
	now, by := o.Clock(), c.Actor
	by.Across = string(c.Access.Type)
	tenant.Create(tx, made, by, now)
	role, _ := people.NewRoles(tx, made.ID, by, now)
	user, token := people.Invite(tx, made.ID, role, person, by, now)
	o.Outbox.Post(tx, user.Letter(mail.Invitation, mail.Data{Organization: made.Name, By: c.Display(),
		ExpiresAt: time.Unix(user.Invitation.ExpiresAt, 0), Token: token}))
	event := c.Event("organization.created", "organization", made.ID)
	event.Root, event.Organization, event.Actor, event.Across = made.Root, made.ID, by, by.Across
	event.After = recorded(made)
	event.After["administrator"] = user.ID
	tenant.Remember(tx, o.Trail.Write(tx, event))
	shown := view(made, tenant.Access{})
	shown.Members, shown.WithoutAdministrator = 1, true
	return answerMade(made, shown), nil
}

// accept checks what the fields' schemas cannot, and says what is to be made.
func (o *organizations) accept(c *access.Caller, in *NewOrganization) (*tenant.Organization, people.Person, error) {
	made := &tenant.Organization{Type: tenant.Type(in.Type), Language: string(in.Language), Country: string(in.Country),
		Sector: string(in.Sector), Description: in.Description}
	if made.Type == tenant.Partner {
		if err := c.May(access.CreatePartners); err != nil {
			return nil, people.Person{}, err
		}
	}
	if made.Type == tenant.Client && c.Access.Type == tenant.Partner {
		made.Partner, made.PartnerAccess = c.Root, tenant.ManageAccess
	}
	person := people.Person{Language: string(in.Administrator.Language)}
	if person.Language == "" {
		person.Language = made.Language
	}
	err := firstOf(
		name("body.name", in.Name, &made.Name),
		address("body.email", in.Email, &made.Email),
		name("body.administrator.name", in.Administrator.Name, &person.Name),
		address("body.administrator.email", in.Administrator.Email, &person.Email))
	return made, person, err
}

// answerMade is the answer to the creation of an organization.
func answerMade(made *tenant.Organization, shown Organization) *Made {
	return &Made{Location: all + "/" + made.ID, ETag: httpapi.ETag(made.Version), Body: shown}
}

// recorded is what the audit keeps of an organization.
func recorded(of *tenant.Organization) map[string]any {
	kept := map[string]any{"type": of.Type, "name": of.Name, "email": of.Email, "language": of.Language, "country": of.Country,
		"sector": of.Sector, "description": of.Description, "partner": of.Partner, "partnerAccess": of.PartnerAccess}
	for field, value := range kept {
		if value == "" || value == tenant.PartnerAccess("") {
			delete(kept, field)
		}
	}
	return kept
}
