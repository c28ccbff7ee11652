package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/oidc"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file says whom an account with a provider means, and lets that one in: by the account, once it is known; before, by an
// address that the provider answers for at that moment, or by an invitation to the address that it tells. An address alone
// never leads to an account that is linked to another one there.

// guest is somebody who comes from a provider, with what decides about it.
type guest struct {
	*account
	by      people.Method
	subject string
	held    *people.Claim // whose the account there is, nil for nobody's
	linked  people.Account
}

// nobodyHere is the answer to whoever is nobody here, whatever the reason: it does not tell whether there is an account.
func nobodyHere() error {
	return problem.New(problem.Forbidden, "no-account", "Nobody here signs in with this account. Ask your administrator for an invitation, open the link of yours, or sign in another way.")
}

// enter lets in who has come back from a provider, and gives the cookies.
func (d *door) enter(ctx context.Context, on onItsWay, who oidc.Identity) (cookies []http.Cookie, err error) {
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		d.once(tx, on)
		if on.Session != "" {
			return d.proveAgain(ctx, tx, on, who)
		}
		g, err := d.meant(ctx, on, who)
		if err != nil {
			return err
		}
		cookies, err = d.admit(ctx, tx, g, on, who)
		return err
	})
	return cookies, err
}

// once has the change use the attempt up.
func (d *door) once(tx *table.Tx, on onItsWay) {
	sum := sha256.Sum256([]byte("oidc/" + on.Provider + "/" + on.State))
	tx.Create(table.OnceKey(base64.RawURLEncoding.EncodeToString(sum[:])), map[string]int64{"expiresAt": table.Expiry(d.Clock().Add(2 * wayLasts))}, usedUp())
}

func usedUp() error {
	return problem.New(problem.Forbidden, "sign-in-used", "This sign-in was finished already. Begin again.")
}

// meant reads whom the account means. Where nobody is found by it, whoever is invited or has the address is.
func (d *door) meant(ctx context.Context, on onItsWay, who oidc.Identity) (*guest, error) {
	g := &guest{by: people.Method(who.Provider), subject: who.Key()}
	var claim people.Claim
	found, err := d.Table.Get(ctx, table.SubjectKey(g.subject), &claim)
	if err != nil {
		return nil, err
	}
	if found {
		g.held = &claim
		if g.account, err = d.readAccount(ctx, claim.Root, claim.User); err != nil {
			return nil, err
		}
		if g.user.ID != "" && !g.access.Closed() { // otherwise of somebody who was removed, or of a closed tree: it is free
			return g, d.readLinked(ctx, g)
		}
	}
	switch {
	case on.Invitation != "":
		if g.account, err = d.invited(ctx, on.Invitation); err != nil {
			return nil, err
		}
		if table.Fold(g.user.Email) != table.Fold(who.Claimed) {
			return nil, problem.New(problem.Forbidden, "other-address", "The invitation is for another address than that of this account. Choose the account with that address, or set a password instead.")
		}
	case who.Address == "":
		return nil, doubted(who)
	default:
		if g.account, err = d.find(ctx, who.Address); err != nil {
			return nil, err
		}
		if err := d.read(ctx, g.account); err != nil {
			return nil, err
		}
	}
	return g, d.readLinked(ctx, g)
}

func doubted(who oidc.Identity) error {
	title := map[string]string{"microsoft": "Microsoft", "google": "Google"}[who.Provider]
	return problem.New(problem.Forbidden, "address-not-proved", "%s", who.Doubt.Sentence(title))
}

func (d *door) readLinked(ctx context.Context, g *guest) error {
	return d.Table.GetMany(ctx, table.Want(table.AccountKey(g.id, string(g.by)), &g.linked), tenant.WantStanding(g.root, g.user.Email, &g.domain), g.wantLead(g.user.Email))
}

// admit opens the session of whoever is meant, linking the account at the first time. An invitation is accepted by it.
func (d *door) admit(ctx context.Context, tx *table.Tx, g *guest, on onItsWay, who oidc.Identity) ([]http.Cookie, error) {
	invited := on.Invitation != "" && g.user.Invitation != nil
	if err := d.lets(ctx, g, on, invited); err != nil {
		return nil, err
	}
	if invited {
		if err := d.activate(ctx, tx, g.account, g.user.Name); err != nil {
			return nil, err
		}
		event := d.event(ctx, g.account, "invitation.accepted")
		event.After = map[string]any{"status": string(g.user.Status), "method": string(g.by)}
		d.Trail.Write(tx, event)
	}
	if g.linked.Subject == "" {
		people.Link(tx, &g.user, g.by, g.subject, g.held, d.Clock())
		event := d.event(ctx, g.account, "account.linked")
		event.After = map[string]any{"method": string(g.by)}
		d.Trail.Write(tx, event)
	}
	_, session := d.opener().Open(ctx, tx, &g.user, &g.access, people.Session{Method: g.by, AuthenticatedAt: given(who)})
	return []http.Cookie{session, d.newDevice(g.id, d.Clock())}, nil
}

// given is when the credentials were given. Where that is not told they may be as old as they like: nothing delicate follows from
// it (PER-6).
func given(who oidc.Identity) int64 {
	if who.SignedIn.IsZero() {
		return 1
	}
	return who.SignedIn.Unix()
}

// lets tells whether whoever is meant may come in so.
func (d *door) lets(ctx context.Context, g *guest, on onItsWay, invited bool) error {
	active := g.known && g.user.Status == people.Active && g.user.Role != ""
	matches := g.linked.Subject == g.subject || g.linked.Subject == "" && (invited || !g.domain.Closed()) // DOM-9
	switch {
	case !active && !invited, !matches, g.restored.Voids(on.Begun):
		return d.refuse(ctx, g.account, string(g.by), nobodyHere())
	case g.required(): // SSO-9
		return d.refuse(ctx, g.account, "sso-required", ssoRequired())
	case g.access.Suspended:
		return d.refuse(ctx, g.account, "suspended", tenant.Suspended())
	}
	return nil
}

// proveAgain makes the session that began it a fresh one, by the account that is linked to its user.
func (d *door) proveAgain(ctx context.Context, tx *table.Tx, on onItsWay, who oidc.Identity) error {
	var claim people.Claim
	if _, err := d.Table.Get(ctx, table.SubjectKey(who.Key()), &claim); err != nil {
		return err
	}
	if claim.User != on.User {
		return nobodyHere()
	}
	a, err := d.readAccount(ctx, claim.Root, claim.User)
	if err != nil {
		return err
	}
	at := who.SignedIn
	if at.IsZero() || at.After(d.Clock()) {
		at = d.Clock().Add(-time.Second)
	}
	tx.Update(table.Touch(table.SessionKey(a.id, on.Session)).IfThere(nobodyHere()).Set("authenticated", at.Unix()))
	d.Trail.Write(tx, d.event(ctx, a, "session.reauthenticated"))
	return nil
}
