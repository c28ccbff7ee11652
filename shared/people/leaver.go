package people

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// leaving is a key of somebody who leaves, with its organization.
type leaving struct {
	key          APIKey
	organization tenant.Organization
}

// TellOfKeys tells, with the change by which the user leaves, the administrators of each tree, once for each organization there,
// which keys will end grace later because the user who made them has left (LOG-7). That they end is the departure marker's doing.
func (u *User) TellOfKeys(ctx context.Context, t *table.Table, outbox *mail.Outbox, tx *table.Tx, now time.Time, grace time.Duration) error {
	made, err := table.All[Made](ctx, t, MadeBy(u.ID))
	if err != nil {
		return err
	}
	keys := make([]leaving, len(made))
	var wants []*table.Wanted
	for i, m := range made {
		wants = append(wants, table.Want(table.KeyKey(m.Root, m.Key), &keys[i].key), table.Want(table.OrganizationKey(m.Organization), &keys[i].organization))
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return err
	}
	u.tell(outbox, tx, keys, now, grace)
	return nil
}

// tell posts a letter for each organization that has keys of the user which have not ended.
func (u *User) tell(outbox *mail.Outbox, tx *table.Tx, keys []leaving, now time.Time, grace time.Duration) {
	names, order := map[string][]string{}, []tenant.Organization{}
	for _, l := range keys {
		if l.key.ID == "" || l.key.Ended(now) {
			continue
		}
		if names[l.organization.ID] == nil {
			order = append(order, l.organization)
		}
		names[l.organization.ID] = append(names[l.organization.ID], l.key.Name)
	}
	for _, o := range order {
		slices.Sort(names[o.ID])
		outbox.Post(tx, mail.Letter{Kind: mail.KeyEnds, Administrators: o.Root, Data: mail.Data{Organization: o.Name,
			Key: strings.Join(names[o.ID], ", "), Person: u.Display(), At: now, ExpiresAt: now.Add(grace)}})
	}
}
