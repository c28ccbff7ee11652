package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

func mountClosing(s *httpapi.Server, o *organizations) {
	httpapi.Change(s, httpapi.Operation{ID: "close-organization", Method: http.MethodPost, Path: one + "/close", WhileClosed: true,
		Needs: access.EditPolicy, Delicate: true, Summary: "Close a partner or a client with all of its tree",
		Description: "At once nobody of it signs in, its sessions and keys are dead, and its addresses and domains are free for others. Until erasesAt the platform can reopen it; then everything of it is erased. Asks for a confirmation by the number of its people."}, o.close)
	httpapi.Change(s, httpapi.Operation{ID: "reopen-organization", Method: http.MethodPost, Path: one + "/reopen", WhileClosed: true,
		Needs: access.Oversee, Delicate: true, Summary: "Reopen a partner or a client that was closed",
		Description: "Everything is as it was, but for sessions, which have ended, and for addresses and domains that others took meanwhile: their users are inactive, those domains not verified."}, o.reopen)
}

// CloseInput is the input of POST /v1/organizations/{org}/close.
type CloseInput struct {
	httpapi.About
	httpapi.Confirmation
	Body struct {
		Name string `json:"name" maxLength:"200" doc:"The organization's name, typed to show that it is this one"`
	}
}

// close answers POST /v1/organizations/{org}/close (GEN-6). One that is closed already stays as it is.
func (o *organizations) close(ctx context.Context, c *access.Caller, in *CloseInput, tx *table.Tx) (*Shown, error) {
	of, state, err := o.standing(ctx, c)
	if err != nil || state.Closed() {
		return o.answer(ctx, c, of, state, err)
	}
	if strings.TrimSpace(in.Body.Name) != of.Name {
		return nil, problem.Invalid("body.name", "is not the name of this organization", in.Body.Name)
	}
	if err := o.release(ctx, tx, of); err != nil {
		return nil, err
	}
	now := o.Clock()
	ends := now.Add(o.Config.ErasedAfter)
	people, told, err := o.consequences(ctx, of, ends.Format("2006-01-02"))
	if err != nil {
		return nil, err
	}
	if err := in.Confirmed(people, told...); err != nil {
		return nil, err
	}
	tenant.Close(tx, of.Root, state, now, ends)
	timer.Set(tx, timer.Erasure, of.Root, ends)
	o.Trail.Write(tx, c.Event("organization.closed", "organization", of.ID))
	o.tell(tx, c, of, mail.OrganizationClosed, mail.Data{ExpiresAt: ends})
	return o.answer(ctx, c, of, state, nil)
}

// standing reads the main organization of the URL with the state of its tree. The platform is not closed: nobody could reopen it.
func (o *organizations) standing(ctx context.Context, c *access.Caller) (*tenant.Organization, *tenant.Access, error) {
	var of tenant.Organization
	var state tenant.Access
	err := o.Table.GetMany(ctx, table.Want(c.Organization.Key(), &of), table.Want(table.AccessKey(c.Organization.Root), &state))
	if err == nil && of.Type != tenant.Partner && of.Type != tenant.Client {
		err = problem.New(problem.Conflict, "wrong-type", "Only partners and clients are closed and reopened, each with its tree, and this is a %s.", of.Type)
	}
	return &of, &state, err
}

// answer is the organization as it stands in state.
func (o *organizations) answer(ctx context.Context, c *access.Caller, of *tenant.Organization, state *tenant.Access, err error) (*Shown, error) {
	if err != nil {
		return nil, err
	}
	shown, err := o.show(ctx, c, of)
	if err == nil {
		shown.Body.stand(state)
	}
	return shown, err
}

// release refuses a partner that has clients with has-clients, and has the change keep others from choosing it.
func (o *organizations) release(ctx context.Context, tx *table.Tx, of *tenant.Organization) error {
	if of.Type != tenant.Partner {
		return nil
	}
	n, err := o.Table.CloseCount(ctx, tx, of.Root, table.ClientsCount(of.ID))
	if err != nil || n == 0 {
		return err
	}
	clients := problem.Amount{N: n, One: "client", Many: "clients"}.String()
	refused := problem.New(problem.Conflict, "has-clients", "The partner still has %s, some of which may grant it nothing. They have to leave it, or be closed and erased, first.", clients)
	refused.Consequences = []string{clients}
	return refused
}

// consequences says what closing the tree does and how many people it concerns.
func (o *organizations) consequences(ctx context.Context, of *tenant.Organization, ends string) (people int, told []string, err error) {
	counts, err := o.Table.Counts(ctx, of.Root, "ORG#")
	if err != nil {
		return 0, nil, err
	}
	sums := map[string]int{}
	for name, n := range counts {
		if parts := strings.SplitN(name, "#", 4); parts[0] == "ORG" {
			sums[parts[2]] += n
		}
	}
	people = sums["MEMBERS"]
	told = []string{fmt.Sprintf("At once %s can no longer sign in, and %s no longer work.", problem.Amount{N: people, One: "person", Many: "people"}, problem.Amount{N: sums["KEYS"], One: "API key", Many: "API keys"})}
	if n := sums["SUBORGANIZATIONS"]; n > 0 {
		told = append(told, problem.Amount{N: n, One: "suborganization", Many: "suborganizations"}.String()+" are closed along with it.")
	}
	return people, append(told,
		"All addresses and domains are free at once: whoever proves one takes it.",
		"On "+ends+" everything of it is erased for good. Until then only the platform can reopen it.",
		"If you need a copy, make an export first: POST /v1/organizations/"+of.ID+"/exports."), nil
}

// Reopened is the answer of POST /v1/organizations/{org}/reopen.
type Reopened struct {
	ETag string `header:"ETag"`
	Body struct {
		Organization
		Lost int `json:"lost" doc:"How many of its addresses and domains others have taken meanwhile"`
	}
}

// reopen answers POST /v1/organizations/{org}/reopen. One that is open stays as it is.
func (o *organizations) reopen(ctx context.Context, c *access.Caller, _ *httpapi.About, tx *table.Tx) (*Reopened, error) {
	of, state, err := o.standing(ctx, c)
	if err != nil {
		return nil, err
	}
	lost := state.Taken
	if state.Closed() {
		tenant.Reopen(tx, of.Root, state)
		timer.Cancel(tx, timer.Erasure, of.Root)
		if of.Type == tenant.Partner {
			tx.OpenCount(of.Root, table.ClientsCount(of.ID))
		}
		event := c.Event("organization.reopened", "organization", of.ID)
		event.After = map[string]any{"lost": lost}
		o.Trail.Write(tx, event)
		o.tell(tx, c, of, mail.OrganizationReopened, mail.Data{})
	}
	shown, err := o.answer(ctx, c, of, state, nil)
	if err != nil {
		return nil, err
	}
	out := &Reopened{ETag: shown.ETag}
	out.Body.Organization, out.Body.Lost = shown.Body, lost
	return out, nil
}
