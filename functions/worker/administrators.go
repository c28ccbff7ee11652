package main

import (
	"context"
	"errors"
	"slices"

	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// sendToAdministrators sends to each who did not get it in an earlier try. One who cannot be reached does not keep it from
// the others.
func (d *delivery) sendToAdministrators(ctx context.Context, claimed *mail.Claimed) error {
	administrators, err := d.administrators(ctx, claimed.Administrators)
	if err == nil {
		administrators, err = d.ownMailboxes(ctx, &claimed.Letter, administrators)
	}
	if err != nil {
		return err
	}
	var failed []error
	for _, user := range administrators {
		if claimed.SentTo(user.ID) {
			continue
		}
		err := d.send(ctx, claimed, user.Email, user.Language)
		if err == nil {
			err = claimed.Remember(ctx, user.ID)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// administrators are the people of the tree's set of administrators, as they are now, who have an address.
func (d *delivery) administrators(ctx context.Context, root string) ([]people.User, error) {
	var set tenant.Administrators
	if _, err := d.table.Get(ctx, table.AdministratorsKey(root), &set); err != nil {
		return nil, err
	}
	users, err := people.ReadUsers(ctx, d.table, root, set.Users)
	return slices.DeleteFunc(users, func(u people.User) bool { return u.Status != people.Active || u.Email == "" }), err
}

// ownMailboxes leaves out whose address is of a domain that the tree has lost: somebody else may read what comes there (DOM-9).
func (d *delivery) ownMailboxes(ctx context.Context, letter *mail.Letter, users []people.User) ([]people.User, error) {
	standings := make([]tenant.Standing, len(users))
	wants := make([]*table.Wanted, len(users))
	for i, user := range users {
		wants[i] = tenant.WantStanding(letter.Administrators, user.Email, &standings[i])
	}
	if err := d.table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	own := users[:0]
	for i, user := range users {
		if !standings[i].Closed() || untilNow(letter, user.Email) {
			own = append(own, user)
		}
	}
	return own, nil
}

// untilNow tells whether the letter says that the very domain of the address was removed, which had been the tree's until then: of
// that its people are told where they read mail until now.
func untilNow(letter *mail.Letter, address string) bool {
	return letter.Kind == mail.DomainRemoved && letter.Data.Why == string(domain.Removed) &&
		letter.Data.Domain == domainname.Shown(domainname.Of(address))
}
