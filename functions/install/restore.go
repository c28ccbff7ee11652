package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// restored is what was done, for whoever operates the installation.
type restored struct {
	RestoredAt string   `json:"restoredAt"` // what was made up to then is void or held
	Void       []string `json:"void"`
	Held       []string `json:"held"`
}

// afterRestore marks the installation as restored now. It errs where the table has no installation. Done again, it voids what
// was made since as well.
func (i installer) afterRestore(ctx context.Context) (*restored, error) {
	platform, err := tenant.ReadPlatform(ctx, i.Table)
	if err != nil {
		return nil, err
	}
	if platform == nil {
		return nil, errors.New("there is no installation in this table: was it the right backup?")
	}
	at, err := i.mark(ctx, platform.ID)
	if err != nil {
		return nil, err
	}
	return &restored{RestoredAt: clock.Format(at), Held: []string{"API keys, until an administrator of their organization confirms them"},
		Void: []string{"sessions", "passwords, until their owners set new ones by a mailed link", "recovery codes", "invitations and set-up links",
			"links to set a password", "sign-ins and second factors that were not finished", "partner codes", "mails that were waiting"}}, nil
}

// mark sets the mark of the restore, and returns when its second is over: what is known to the second only, such as a session
// or a mail, is void through the whole of it.
func (i installer) mark(ctx context.Context, platform string) (at time.Time, err error) {
	for range reruns {
		at = i.Clock()
		tx := table.NewTx()
		restore.Set(tx, at)
		i.Trail.Write(tx, audit.Event{Action: "installation.restored", Root: platform, Organization: platform, Actor: installed(),
			Target: audit.Target{Type: "organization", ID: platform}, After: map[string]any{"at": clock.Format(at)}})
		if err = i.Table.Commit(ctx, tx); !errors.Is(err, table.ErrChanged) {
			break
		}
	}
	if err != nil {
		return at, fmt.Errorf("mark the installation as restored: %w", err)
	}
	return at, wait(ctx, at.Truncate(time.Second).Add(time.Second).Sub(i.Clock()))
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
