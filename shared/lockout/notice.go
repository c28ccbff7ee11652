package lockout

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Reason is by what no administrator can sign in any more; the letter has a sentence for each.
type Reason string

// The reasons.
const (
	LastLeft     Reason = ""            // there is none any more
	OthersLeft   Reason = "left"        // the IdP took access from Person; those who are left cannot sign in
	NewAddress   Reason = "address"     // the IdP gave Person an address that leads nowhere
	AddressTaken Reason = "taken"       // another tree took over the address of Person
	DomainLost   Reason = "domain"      // Domain was lost
	Expired      Reason = "certificate" // the last certificate of Connection ended
)

// Notice tells the platform and the partner where no administrator of a main organization can sign in any more, by what asks nobody
// first: an IdP's word, a record that is gone, a certificate that ends (PER-5).
type Notice struct {
	Table  *table.Table
	Trail  audit.Trail
	Outbox *mail.Outbox
	Social []people.Method // the providers that people can sign in with here
	Clock  clock.Clock
}

// NewNotice is the notice of an installation whose people can sign in with those providers.
func NewNotice(t *table.Table, trail audit.Trail, outbox *mail.Outbox, social []people.Method) *Notice {
	return &Notice{Table: t, Trail: trail, Outbox: outbox, Social: social, Clock: trail.Clock}
}

// Tree reads the tree root as it is.
func (n *Notice) Tree(ctx context.Context, root string) (*Tree, error) {
	return Now(ctx, n.Table, root, n.Social, n.Clock())
}

// Change has the change that makes before of a tree into after tell, where it takes the last way in. Otherwise what one who can
// sign in stands on stays, as with Keep, so that of two changes at a time the second one tells. by says whose act it is; of data the reason
// and what it names.
func (n *Notice) Change(ctx context.Context, tx *table.Tx, before, after *Tree, by audit.Event, why Reason, data mail.Data) error {
	switch {
	case len(before.CanSignIn()) == 0: // it takes nothing from anybody
		return nil
	case len(after.CanSignIn()) > 0:
		return after.Keep(tx)
	}
	return n.Tell(ctx, tx, before.root, by, why, data)
}

// LoseDomain has the change by which the tree root loses a verified domain tell, where it takes the last way in.
func (n *Notice) LoseDomain(ctx context.Context, tx *table.Tx, root, domain string, by audit.Event, at time.Time) error {
	now, err := Now(ctx, n.Table, root, n.Social, at)
	if err != nil {
		return err
	}
	return n.Change(ctx, tx, now, now.Losing(domain), by, DomainLost, mail.Data{Domain: domainname.Shown(domain), At: at})
}

// Tell has the change tell that nobody can sign in any more who administers the main organization root: its partner, the platform, and
// its audit.
func (n *Notice) Tell(ctx context.Context, tx *table.Tx, root string, by audit.Event, why Reason, data mail.Data) error {
	of, err := tenant.Read(ctx, n.Table, root)
	if err != nil {
		return err
	}
	platform, err := tenant.ReadPlatform(ctx, n.Table)
	if err != nil {
		return err
	}
	var told []string
	if platform != nil {
		told = append(told, platform.ID)
	}
	if of.Partner != "" {
		told = append(told, of.Partner)
	}
	data.Organization, data.Why = of.Name, string(why)
	for _, one := range told {
		n.Outbox.Post(tx, mail.Letter{Kind: mail.WithoutAdministrator, Administrators: one, Data: data})
	}
	by.Action, by.Root, by.Organization, by.Target = "organization.without-administrator", root, root, audit.Target{Type: "organization", ID: root}
	by.Before, by.After, by.Count = nil, nil, 0
	if why != LastLeft {
		by.After = map[string]any{"why": string(why)}
	}
	n.Trail.Write(tx, by)
	return nil
}
