package people

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Tell posts, with the change, a letter of the kind to the owner of an account, who may not have done what it tells. Whose
// address is of a domain that the tree has lost is not told: somebody else may read it (DOM-9). Nor is who has no address.
func Tell(ctx context.Context, t *table.Table, outbox *mail.Outbox, tx *table.Tx, u *User, kind mail.Kind, now time.Time) error {
	if u.Email == "" {
		return nil
	}
	if closed, err := tenant.Closed(ctx, t, u.Root, u.Email); closed || err != nil {
		return err
	}
	organization, err := tenant.Read(ctx, t, u.Organization)
	if err != nil {
		return err
	}
	outbox.Post(tx, u.Letter(kind, mail.Data{Organization: organization.Name, At: now}))
	return nil
}

// Letter is one to the user, in the user's language.
func (u *User) Letter(kind mail.Kind, data mail.Data) mail.Letter {
	return mail.Letter{Kind: kind, To: u.Email, Language: u.Language, Owner: u.owner(), Data: data}
}

// PostInvitation posts, with the change, the user's invitation to the organization of that name, whose token is given, from by.
func (u *User) PostInvitation(outbox *mail.Outbox, tx *table.Tx, organization, by, token string) {
	outbox.Post(tx, u.Letter(mail.Invitation, mail.Data{Organization: organization, By: by, ExpiresAt: time.Unix(u.Invitation.ExpiresAt, 0), Token: token}))
}

// TellOfAdministrator tells, with the change, the administrators of the tree where the user has become one of the organization of
// that name (PER-7).
func (u *User) TellOfAdministrator(outbox *mail.Outbox, tx *table.Tx, organization, by string, now time.Time) {
	if u.Administrator() {
		outbox.Post(tx, mail.Letter{Kind: mail.NewAdministrator, Administrators: u.Root, Data: mail.Data{Organization: organization, Person: u.Display(), By: by, At: now}})
	}
}

// Recorded is what the audit keeps of the user: no name and no address, which are joined at reading (GEN-7).
func (u *User) Recorded() map[string]any {
	return map[string]any{"department": u.Department, "language": u.Language, "organizationId": u.Organization, "roleId": u.Role, "status": u.Status}
}

// Display is how mails name the user.
func (u *User) Display() string {
	if u.Email == "" {
		return u.Name
	}
	return fmt.Sprintf("%s (%s)", u.Name, u.Email)
}

// NoAddress is the answer where something is to be mailed to a user who has no address.
func NoAddress() error {
	return problem.New(problem.Conflict, "no-address", "The user has no address: another organization has proved the domain of the one that was there. Give the user another address first.")
}

// owner is how the user is called among the owners of timers and letters.
func (u *User) owner() string { return u.Root + "/" + u.ID }
