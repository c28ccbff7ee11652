// Package domain is the domains of organizations as the table holds them, and the only place where they change hands: what
// belongs together (the domain, what its tree knows of the name, the claim that makes it one tree's, the count, the timer
// of the next look, the event, the mail) changes together.
//
//	d := domain.New(root, org, "acme.com", caller.Actor, now)
//	registry.Register(tx, d, act)          // not verified yet
//	registry.Prove(tx, d, finding, act)    // its record was found, and nobody held it
//	registry.Note(tx, d, finding, act)     // it was looked at again
//
// It refuses to look anything up: that is package domainproof, and whoever calls. A second tree gets a domain only by TakeOver,
// from the one that held it when it was read.
package domain

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
)

// Domain is a domain that an organization registered.
type Domain struct {
	ID           string `dynamodbav:"id"`
	Root         string `dynamodbav:"root"`
	Organization string `dynamodbav:"organization"`
	Name         string `dynamodbav:"name"`  // in the form of domainname.Parse
	Token        string `dynamodbav:"token"` // of its record; public

	Verified    bool   `dynamodbav:"verified"`
	VerifiedAt  string `dynamodbav:"verifiedAt,omitempty"`  // since when, while it is verified
	AtRiskSince int64  `dynamodbav:"atRiskSince,omitempty"` // of a verified one: the first miss in a row; Unix seconds, as the next
	LastMiss    int64  `dynamodbav:"lastMiss,omitempty"`
	Misses      int    `dynamodbav:"misses,omitempty"`
	Reminded    int    `dynamodbav:"reminded,omitempty"`

	LastCheck *Check `dynamodbav:"lastCheck,omitempty"`
	audit.Stamp

	// Led is the connection that the domain leads to, as it was read (Follow) for what proves, loses or removes the domain.
	Led connection.Led `dynamodbav:"-"`
}

// Check is what came out when the record was looked for.
type Check struct {
	At      string              `dynamodbav:"at"`
	Outcome domainproof.Outcome `dynamodbav:"outcome"`
	Slip    domainproof.Slip    `dynamodbav:"slip,omitempty"`
	Hint    string              `dynamodbav:"hint,omitempty"`
	Seen    []domainproof.Seen  `dynamodbav:"seen,omitempty"`
}

// Claim says which tree a verified domain belongs to. By which connection its addresses sign in stands here, too
// (connection.Lead), so that this is one read and changes in one transaction.
type Claim struct {
	Root         string `dynamodbav:"root"`
	Organization string `dynamodbav:"organization"`
	Domain       string `dynamodbav:"domain"` // its id
	Connection   string `dynamodbav:"connection,omitempty"`
	SSORequired  bool   `dynamodbav:"ssoRequired,omitempty"`
}

// New is a domain that nobody has proved yet, with a token of its own.
func New(root, org, name string, by audit.Actor, now time.Time) *Domain {
	return &Domain{ID: id.New(id.Domain), Root: root, Organization: org, Name: name, Token: domainproof.NewToken(),
		Stamp: audit.Made(by, clock.Format(now))}
}

// Key is where the domain is stored.
func (d *Domain) Key() table.Key { return table.DomainKey(d.Organization, d.ID) }

// Record is what proves the domain.
func (d *Domain) Record() domainproof.Record { return domainproof.RecordOf(d.Name, d.Token) }

// State is where its proof stands.
func (d *Domain) State() domainproof.State {
	return domainproof.State{Verified: d.Verified, AtRiskSince: instant(d.AtRiskSince), LastMiss: instant(d.LastMiss), Misses: d.Misses, Reminded: d.Reminded}
}

// Owner is the owner of the domain's timer.
func (d *Domain) Owner() string { return d.Organization + "/" + d.ID }

// Follow reads which connection the domain leads to.
func (d *Domain) Follow(ctx context.Context, t *table.Table) (err error) {
	d.Led, err = connection.Follow(ctx, t, d.Root, d.Name)
	return err
}

func instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func seconds(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.Unix()
}
