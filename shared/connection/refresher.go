package connection

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// unknownEvery is how often metadata is read at most because a certificate signed that the connection does not know.
const unknownEvery = 15 * time.Minute

// refreshTries is how often the outcome is written again where others change the same connection.
const refreshTries = 3

// metadataType is what is asked for at a metadata URL (metadata 4.1.1).
const metadataType = "application/samlmetadata+xml, application/xml, text/xml"

// Refresher reads the metadata of IdPs again (SSO-5).
type Refresher struct {
	Table    *table.Table
	Registry *Registry
	Client   *outgoing.Client
	Clock    clock.Clock
}

// Fetch reads metadata at a URL: of the entity id where the document has several. saw is a sentence for the administrators where it
// cannot be taken; an error is ours.
func Fetch(ctx context.Context, client *outgoing.Client, url, entityID string, now time.Time) (m *samlsp.Metadata, saw string, err error) {
	page, err := client.Fetch(ctx, url, metadataType)
	if refusal := outgoing.As(err); refusal != nil {
		return nil, refusal.Sentence, nil
	}
	if err != nil {
		return nil, "", err
	}
	m, err = samlsp.ParseMetadata(page.Body, entityID, now)
	if unreadable, ok := errors.AsType[*samlsp.Unreadable](err); ok {
		return nil, unreadable.Sentence, nil
	}
	return m, "", err
}

// Unknown reads the metadata of the connection because a certificate signed that it does not know, every 15 minutes at most
// however many ask. It gives the connection as it is then, nil where nothing was added.
func (f *Refresher) Unknown(ctx context.Context, c *Connection) (*Connection, error) {
	now := f.Clock()
	if c.MetadataURL == "" || now.Sub(clock.Parse(c.MetadataAt)) < unknownEvery {
		return nil, nil
	}
	claim := table.Touch(c.Key()).If(expression.Name("metadataAt").Equal(expression.Value(c.MetadataAt)), table.ErrChanged)
	if _, err := f.Table.Apply(ctx, claim.Set("metadataAt", clock.Format(now))); err != nil {
		if errors.Is(err, table.ErrChanged) { // somebody else asks
			err = nil
		}
		return nil, err
	}
	added, c, err := f.Refresh(ctx, c.ID, now, nil)
	if err != nil || len(added) == 0 {
		return nil, err
	}
	return c, nil
}

// Refresh reads the metadata of the connection again and writes down what came of it, together with what also does; a failure of
// the other side is what came of it. A connection that is gone, not active any more or without a URL is left alone.
func (f *Refresher) Refresh(ctx context.Context, connection string, now time.Time, also func(tx *table.Tx, c *Connection)) (added []Certificate, c *Connection, err error) {
	var m *samlsp.Metadata
	var saw string
	for try := range refreshTries {
		c = &Connection{}
		found, err := f.Table.Get(ctx, table.ConnectionKey(connection), c)
		if err != nil {
			return nil, nil, err
		}
		reads := found && c.Active && c.MetadataURL != ""
		if reads && try == 0 {
			if m, saw, err = Fetch(ctx, f.Client, c.MetadataURL, "", now); err != nil {
				return nil, nil, err
			}
		}
		added, err = f.write(ctx, c, reads, m, saw, now, also)
		if !errors.Is(err, table.ErrChanged) {
			return added, c, err
		}
	}
	return nil, c, nil
}

func (f *Refresher) write(ctx context.Context, c *Connection, reads bool, m *samlsp.Metadata, saw string, now time.Time, also func(*table.Tx, *Connection)) (added []Certificate, err error) {
	tx := table.NewTx()
	if reads {
		act, err := f.act(ctx, c, now)
		if err != nil {
			return nil, err
		}
		added = f.Registry.Refreshed(tx, c, m, saw, act)
	}
	if also != nil {
		also(tx, c)
	}
	return added, f.Table.Commit(ctx, tx)
}

// act is the product's own act on the connection.
func (f *Refresher) act(ctx context.Context, c *Connection, now time.Time) (Act, error) {
	var of tenant.Organization
	_, err := f.Table.Get(ctx, table.OrganizationKey(c.Organization), &of)
	return BySystem(of.Name, now), err
}

// BySystem is the act of the product itself.
func BySystem(organization string, at time.Time) Act {
	return Act{Event: audit.Event{Actor: audit.System("connections")}, Organization: organization, At: at}
}
