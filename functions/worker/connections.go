package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// connections looks after active SSO connections: reads their IdPs' metadata again day by day, and tells of certificates that
// end (SSO-5).
type connections struct {
	*start.Services
	registry  *connection.Registry
	refresher *connection.Refresher
	notice    *lockout.Notice
}

func newConnections(s *start.Services) (*connections, error) {
	client, err := outgoing.New(outgoing.Config{Loopback: s.Config.Loopback, PublicURL: s.Config.PublicURL})
	registry := &connection.Registry{Trail: s.Trail, Outbox: s.Outbox}
	return &connections{s, registry, &connection.Refresher{Table: s.Table, Registry: registry, Client: client, Clock: s.Clock}, newNotice(s)}, err
}

const (
	metadataLease = 10 * time.Minute
	metadataPage  = 4 // one after the other, 5 seconds each at most
	metadataTime  = 25 * time.Second
	warningPage   = 20
)

// metadata works on the timers of kind timer.Metadata.
func (w *connections) metadata() timer.Handler {
	return timer.Handler{Lease: metadataLease, Page: metadataPage, Needs: metadataTime, Do: w.readAgain}
}

// readAgain reads the metadata of each connection of a page. One that fails keeps no other from being read.
func (w *connections) readAgain(ctx context.Context, now time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		added, _, err := w.refresher.Refresh(ctx, claimed.Owner, now, func(tx *table.Tx, c *connection.Connection) {
			if c.Active && c.MetadataURL != "" {
				claimed.Move(tx, now.Add(24*time.Hour))
			} else {
				claimed.Done(tx)
			}
		})
		if len(added) > 0 {
			w.Log.InfoContext(ctx, "certificates added", "event", "connection.certificates-added", "connection", claimed.Owner, "certificates", len(added))
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// certificates works on the timers of kind timer.Certificate.
func (w *connections) certificates() timer.Handler { return w.warnings(w.warnOfCertificates) }

// tokens works on the timers of kind timer.Token.
func (w *connections) tokens() timer.Handler { return w.warnings(w.warnOfTokens) }

// warning has the change tell of what ends of a connection, and gives when there is something to tell next, the zero time for never.
type warning func(ctx context.Context, tx *table.Tx, c *connection.Connection, now time.Time) (next time.Time, err error)

// warnings tells of what ends of each connection of a page.
func (w *connections) warnings(tell warning) timer.Handler {
	return timer.Handler{Lease: time.Minute, Page: warningPage, Needs: pageTime, Do: func(ctx context.Context, now time.Time, page []timer.Claimed) error {
		var failed []error
		for _, claimed := range page {
			err := w.warn(ctx, now, claimed, tell)
			if errors.Is(err, table.ErrChanged) { // it falls due again when the lease ends
				err = nil
			}
			failed = append(failed, err)
		}
		return errors.Join(failed...)
	}}
}

func (w *connections) warn(ctx context.Context, now time.Time, claimed timer.Claimed, tell warning) error {
	var c connection.Connection
	if _, err := w.Table.Get(ctx, table.ConnectionKey(claimed.Owner), &c); err != nil {
		return err
	}
	tx := table.NewTx()
	next, err := tell(ctx, tx, &c, now)
	if err != nil {
		return err
	}
	if next.IsZero() {
		claimed.Done(tx)
	} else {
		claimed.Move(tx, next)
	}
	return w.Table.Commit(ctx, tx)
}

func (w *connections) warnOfCertificates(ctx context.Context, tx *table.Tx, c *connection.Connection, now time.Time) (time.Time, error) {
	if !c.Active {
		return time.Time{}, nil
	}
	act, err := w.act(ctx, c, now)
	if err != nil {
		return time.Time{}, err
	}
	tree, err := lockout.Now(ctx, w.Table, c.Root, w.Config.Social(), now)
	if err != nil {
		return time.Time{}, err
	}
	warned := w.registry.Warn(tx, c, strings.Join(tree.Off(c).Lines(), "; "), act)
	if len(warned) > 0 && !c.Accepts(now) && !act.Quiet {
		before := tree.At(c.Accepted().Add(-time.Second))
		err = w.notice.Change(ctx, tx, before, tree, act.Event, lockout.Expired, mail.Data{Connection: c.Name, At: now})
	}
	return c.NextNotice(now), err
}

func (w *connections) warnOfTokens(ctx context.Context, tx *table.Tx, c *connection.Connection, now time.Time) (time.Time, error) {
	if c.Provisioning == nil {
		return time.Time{}, nil
	}
	act, err := w.act(ctx, c, now)
	if err != nil {
		return time.Time{}, err
	}
	w.registry.WarnOfTokens(tx, c, act)
	return c.NextTokenNotice(now), nil
}

// act reads what the product's own act on the connection is named by. A closed tree is told nothing: nobody is left to be.
func (w *connections) act(ctx context.Context, c *connection.Connection, at time.Time) (connection.Act, error) {
	var of tenant.Organization
	var state tenant.Access
	err := w.Table.GetMany(ctx, table.Want(table.OrganizationKey(c.Organization), &of), table.Want(table.AccessKey(c.Root), &state))
	act := connection.BySystem(of.Name, at)
	act.Quiet = state.Closed()
	return act, err
}
