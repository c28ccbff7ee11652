package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pquerna/otp/totp"
)

// password is everybody's of the seed.
const password = "correct-stack-battery-staple"

// enrolment is the step of those who have to set up a second factor first.
const enrolment = "enrol-second-factor"

// step is how far a sign-in came.
type step struct{ Next, Challenge string }

// begin gives the password of somebody who has accepted an invitation; ok is false where nobody has with that address.
func (w *world) begin(ctx context.Context, email string) (session string, next step, ok bool, err error) {
	session, err = w.call(ctx, credential{}, http.MethodPost, "/v1/session/password", map[string]string{"email": email, "password": password}, &next)
	var answer *refused
	if errors.As(err, &answer) && answer.status == http.StatusUnauthorized {
		return "", next, false, nil
	}
	return session, next, err == nil, err
}

// accept accepts an invitation and signs in by it.
func (w *world) accept(ctx context.Context, a *administrator, token, name string) (session string, err error) {
	var next step
	session, err = w.call(ctx, credential{}, http.MethodPost, "/v1/invitations/"+token, map[string]string{"password": password, "name": name}, &next)
	if err != nil || next.Next == "" {
		return session, err
	}
	return w.finish(ctx, a, next)
}

// finish gives the second factor, or sets it up where there is none.
func (w *world) finish(ctx context.Context, a *administrator, next step) (session string, err error) {
	if next.Next == enrolment {
		var made struct{ Secret string }
		if _, err := w.call(ctx, credential{}, http.MethodPost, "/v1/session/second-factor/enrol", map[string]string{"challenge": next.Challenge}, &made); err != nil {
			return "", err
		}
		// Kept before it is in use: afterwards it could not be had again.
		a.Password, a.TOTPSecret = password, made.Secret
		if err := w.known.keep(*a); err != nil {
			return "", err
		}
	}
	return w.code(ctx, a, next.Challenge)
}

// codeLasts is how long an authenticator app shows a code.
const codeLasts = 30 * time.Second

// code answers the challenge with the present code or the next, and, where an earlier run used both up, with the one after.
func (w *world) code(ctx context.Context, a *administrator, challenge string) (session string, err error) {
	if a.TOTPSecret == "" {
		return "", fmt.Errorf("the second factor of %s is not known: remove the data folder and begin again", a.Email)
	}
	session, err = w.tryCode(ctx, a, challenge, 0)
	if wrongCode(err) {
		session, err = w.tryCode(ctx, a, challenge, codeLasts)
	}
	if !wrongCode(err) {
		return session, err
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Until(time.Now().Truncate(codeLasts).Add(codeLasts))):
	}
	return w.tryCode(ctx, a, challenge, codeLasts)
}

func (w *world) tryCode(ctx context.Context, a *administrator, challenge string, ahead time.Duration) (session string, err error) {
	code, err := totp.GenerateCode(a.TOTPSecret, time.Now().Add(ahead))
	if err != nil {
		return "", err
	}
	return w.call(ctx, credential{}, http.MethodPost, "/v1/session/second-factor", map[string]string{"challenge": challenge, "code": code}, nil)
}

func wrongCode(err error) bool {
	var answer *refused
	return errors.As(err, &answer) && answer.status == http.StatusForbidden
}

// key has a session make an API key that may do what is delicate, with the role of the organization's administrators.
func (w *world) key(ctx context.Context, a *administrator, session, organization string) error {
	roles, err := w.roles(ctx, cookie(session), organization)
	if err != nil {
		return err
	}
	var made struct{ Secret string }
	_, err = w.call(ctx, cookie(session), http.MethodPost, "/v1/organizations/"+organization+"/api-keys",
		map[string]any{"name": "Local stack", "roleId": roles["administrator"], "delicate": true}, &made)
	if err != nil {
		return err
	}
	a.Password, a.APIKey = password, made.Secret
	return w.known.keep(*a)
}

// roles are the built-in roles of an organization, by what they are.
func (w *world) roles(ctx context.Context, who credential, organization string) (map[string]string, error) {
	var page struct {
		Items []struct{ ID, BuiltIn string }
	}
	_, err := w.call(ctx, who, http.MethodGet, "/v1/organizations/"+organization+"/roles", nil, &page)
	found := map[string]string{}
	for _, role := range page.Items {
		found[role.BuiltIn] = role.ID
	}
	return found, err
}
