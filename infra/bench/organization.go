package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

const password = "velvet-otter-harbour-93"

// organization is a client to measure with.
type organization struct {
	id     string
	role   string // of its users
	member string // the address of one who signs in
	user   string // that one's id
}

// newOrganization makes a client with that many members. One member is invited and accepts over HTTP; the others are written by
// the product's own code, forty a transaction.
func newOrganization(ctx context.Context, s *stack, members int) (*organization, error) {
	o := &organization{member: "member-" + unique() + "@acme.example"}
	var made struct{ ID string }
	err := s.ask(ctx, http.MethodPost, "/v1/organizations", map[string]any{"type": "client", "name": "Acme " + unique(), "email": "hello@acme.example",
		"administrator": map[string]string{"email": "admin-" + unique() + "@acme.example", "name": "Ada Admin", "language": "en"}}, &made)
	if err != nil {
		return nil, err
	}
	o.id = made.ID
	var roles struct {
		Items []struct{ ID, BuiltIn string }
	}
	if err := s.ask(ctx, http.MethodGet, o.path("/roles"), nil, &roles); err != nil {
		return nil, err
	}
	for _, role := range roles.Items {
		if role.BuiltIn == string(people.OrdinaryUser) {
			o.role = role.ID
		}
	}
	if err := o.load(ctx, s, members-2); err != nil { // beside the administrator and the one who signs in
		return nil, fmt.Errorf("load members: %w", err)
	}
	return o, o.admit(ctx, s)
}

// path is a path of the organization.
func (o *organization) path(rest string) string { return "/v1/organizations/" + o.id + rest }

// invitation is somebody new, as the API takes it. All names are of one length, so that costs compare.
func (o *organization) invitation(email string) map[string]string {
	return map[string]string{"email": email, "name": "Pat Person", "roleId": o.role}
}

var link = regexp.MustCompile(`/invitation#(\S+)`)

// admit invites the member who signs in, opens the mail and accepts.
func (o *organization) admit(ctx context.Context, s *stack) error {
	var invited struct{ ID string }
	if err := s.ask(ctx, http.MethodPost, o.path("/users"), o.invitation(o.member), &invited); err != nil {
		return err
	}
	o.user = invited.ID
	if err := s.ask(ctx, http.MethodPost, "/_local/queues/idle", nil, nil); err != nil {
		return err
	}
	var mails []struct {
		Text string
	}
	if err := s.ask(ctx, http.MethodGet, "/_local/mails?to="+url.QueryEscape(o.member), nil, &mails); err != nil {
		return err
	}
	for _, mail := range mails {
		if token := link.FindStringSubmatch(mail.Text); token != nil {
			nobody := &client{url: s.url, http: s.http}
			return nobody.ask(ctx, http.MethodPost, "/v1/invitations/"+token[1], map[string]string{"password": password}, nil)
		}
	}
	return fmt.Errorf("no invitation came for %s", o.member)
}

// together is how many people one transaction takes: an item and a claim each, and a count.
const together = 40

// load writes members as the owner of the table.
func (o *organization) load(ctx context.Context, s *stack, members int) error {
	t := table.Open(s.owner.config(), s.owner.Table, nil, clock.System)
	role, err := people.ReadRole(ctx, t, o.id, o.role)
	if err != nil {
		return err
	}
	by := audit.System("bench")
	for first := 0; first < members; first += together {
		tx := table.NewTx()
		for n := first; n < min(first+together, members); n++ {
			people.Invite(tx, o.id, role, people.Person{Name: fmt.Sprintf("Member %06d", n),
				Email: fmt.Sprintf("m%06d-%s@acme.example", n, unique()), Language: "en"}, by, time.Now())
		}
		if err := t.Commit(ctx, tx); err != nil {
			return err
		}
	}
	return o.spread(ctx, s, role)
}

// spread counts up and down until every shard of the count is there, so that small and large organizations have the same ones.
// A table counts on a shard of its own, so each time it is another table.
func (o *organization) spread(ctx context.Context, s *stack, role *people.Role) error {
	for n := range 16 * table.Shards {
		t := table.Open(s.owner.config(), s.owner.Table, nil, clock.System)
		tx := table.NewTx()
		tx.Count(o.id, table.MembersCount(o.id, role.ID), 1-2*(n%2), nil)
		if err := t.Commit(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// config reaches the services through the wire as their owner.
func (o owner) config() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &o.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(o.AccessKeyID, o.SecretAccessKey, "")}
}

// unique is a text of ten characters that nothing else has.
func unique() string { return strings.ToLower(ulid.Make().String()[16:]) }
