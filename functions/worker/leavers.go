package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// leavers tells the administrators of organizations which API keys end because whoever made them has left (LOG-7).
type leavers struct{ *start.Services }

const (
	lettersAtOnce = 25 // how many one change posts
	namedKeys     = 10 // how many a letter names; of more it says how many
)

// kept is what somebody who left made in an organization.
type kept struct {
	tenant.Organization
	keys []string // the names of those that have not ended
}

// tell posts a letter for each organization where the leaver made keys that have not ended, each once, however often this is cut off.
// Nobody is told of somebody who is back.
func (l leavers) tell(ctx context.Context, notice *mail.Claimed) error {
	left, all, err := l.read(ctx, notice.User)
	if err != nil || left.At == 0 {
		return err
	}
	all = slices.DeleteFunc(all, func(one *kept) bool { return one.ID == "" || len(one.keys) == 0 || notice.SentTo(one.ID) })
	for page := range slices.Chunk(all, lettersAtOnce) {
		tx, ids := table.NewTx(), []string{}
		for _, one := range page {
			l.Outbox.Post(tx, one.letter(notice.Data.Person, left, l.Config.KeyGrace))
			ids = append(ids, one.ID)
		}
		notice.Note(tx, ids...)
		if err := l.Table.Commit(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// read reads since when the user has left, and what the user made, by organizations.
func (l leavers) read(ctx context.Context, user string) (left people.Departure, all []*kept, err error) {
	made, err := table.All[people.Made](ctx, l.Table, people.MadeBy(user))
	if err != nil || len(made) == 0 {
		return left, nil, err
	}
	keys, of := make([]people.APIKey, len(made)), map[string]*kept{}
	wants := []*table.Wanted{table.Want(table.DepartureKey(user), &left)}
	for i, m := range made {
		wants = append(wants, table.Want(table.KeyKey(m.Root, m.Key), &keys[i]))
		if of[m.Organization] == nil {
			of[m.Organization] = &kept{}
			all = append(all, of[m.Organization])
			wants = append(wants, table.Want(table.OrganizationKey(m.Organization), &of[m.Organization].Organization))
		}
	}
	err = l.Table.GetMany(ctx, wants...)
	for i, key := range keys {
		if key.ID != "" && !key.Ended(l.Clock()) {
			one := of[made[i].Organization]
			one.keys = append(one.keys, key.Name)
		}
	}
	return left, all, err
}

func (o *kept) letter(person string, left people.Departure, grace time.Duration) mail.Letter {
	slices.Sort(o.keys)
	named := min(len(o.keys), namedKeys)
	return mail.Letter{Kind: mail.KeyEnds, Administrators: o.Root, Data: mail.Data{Organization: o.Name, Person: person,
		Key: strings.Join(o.keys[:named], ", "), Count: len(o.keys) - named, At: time.Unix(left.At, 0), ExpiresAt: left.KeysEnd(grace)}}
}
