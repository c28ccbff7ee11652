package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// restored is what was done, for whoever operates the installation.
type restored struct {
	RestoredAt string   `json:"restoredAt"` // what was made up to then is void or held
	Void       []string `json:"void"`
	Held       []string `json:"held"`
	Told       string   `json:"told"` // the job that tells all administrators, of the platform
}

// afterRestore marks the installation as restored now, and has the administrators of every tree told. It errs where the table
// has no installation. Done again, it voids what was made since as well.
func (i installer) afterRestore(ctx context.Context) (*restored, error) {
	platform, err := tenant.ReadPlatform(ctx, i.Table)
	if err != nil {
		return nil, err
	}
	if platform == nil {
		return nil, errors.New("there is no installation in this table: was it the right backup?")
	}
	mark, err := i.mark(ctx, platform.ID)
	if err != nil {
		return nil, err
	}
	telling, err := i.tell(ctx, platform.ID, mark)
	if err != nil {
		return nil, fmt.Errorf("it is marked as restored, but nobody is told yet, so do this again: %w", err)
	}
	return &restored{RestoredAt: clock.Format(mark.Time()), Told: telling.ID, Void: []string{"sessions", "passwords, until their owners set new ones by a mailed link", "recovery codes", "invitations and set-up links",
		"links to set a password", "sign-ins and second factors that were not finished", "partner codes", "mails that were waiting"},
		Held: []string{"API keys, until an administrator of their organization confirms them",
			"SCIM tokens, until an administrator of the main organization confirms them: identity providers bring nobody and take nobody away before"}}, nil
}

// mark sets the mark of the restore, and returns when its second is over: what is known to the second only, such as a session
// or a mail, is void through the whole of it.
func (i installer) mark(ctx context.Context, platform string) (m restore.Mark, err error) {
	for range reruns {
		tx := table.NewTx()
		m = restore.Set(tx, i.Clock())
		i.Trail.Write(tx, audit.Event{Action: "installation.restored", Root: platform, Organization: platform, Actor: installed(),
			Target: audit.Target{Type: "organization", ID: platform}, After: map[string]any{"at": clock.Format(m.Time())}})
		if err = i.Table.Commit(ctx, tx); !errors.Is(err, table.ErrChanged) {
			break
		}
	}
	if err != nil {
		return m, fmt.Errorf("mark the installation as restored: %w", err)
	}
	return m, wait(ctx, m.Time().Truncate(time.Second).Add(time.Second).Sub(i.Clock()))
}

// tell begins the job that tells the administrators.
func (i installer) tell(ctx context.Context, platform string, mark restore.Mark) (*job.Job, error) {
	telling := &job.Job{Root: platform, Organization: platform, Kind: job.TellOfRestore}
	telling.Give(mark)
	tx := table.NewTx()
	job.Start(tx, telling, i.Work, installed(), i.Clock())
	return telling, i.Table.Commit(ctx, tx)
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
