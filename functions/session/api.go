// Command session is how people come in and go out: discovery, email and password, second factor, password reset,
// invitations, who am I, signing out, and signing in again for what is delicate.
//
// It refuses to tell whether an account exists: unknown, invited, disabled, password-less and suspended ones are answered
// like any other whose password is wrong, with the same table calls and the same work (LOG-1). It refuses every proof a
// second time.
package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// door is the function: the services and what it needs beside them.
type door struct {
	*start.Services
	server *httpapi.Server
	rates  *access.Rates
	social providers
}

func (d *door) mount() {
	d.mountSigningIn()
	d.mountSecondFactor()
	d.mountLinks()
	d.mountSocial()
	d.mountRecovery()
	d.mountSession()
}

func (d *door) mountSigningIn() {
	httpapi.Read(d.server, httpapi.Operation{ID: "discover-sign-in", Method: http.MethodPost, Path: "/v1/session/discover", Needs: access.Public,
		Summary: "Ask how an address signs in", Description: "The answer is that of the domain: it does not tell whether there is an account."}, d.discover)
	httpapi.Change(d.server, httpapi.Operation{ID: "sign-in-with-password", Method: http.MethodPost, Path: "/v1/session/password", Needs: access.Public,
		Summary: "Sign in with email and password", Description: "204 and the session's cookie, or 200 with the step that is left."}, d.signIn)
}

func (d *door) mountSecondFactor() {
	httpapi.Change(d.server, httpapi.Operation{ID: "give-second-factor", Method: http.MethodPost, Path: "/v1/session/second-factor", Needs: access.Public,
		Summary:     "Finish signing in with a code",
		Description: "A code of the authenticator app, or a recovery code. 204 and the session's cookie; where the code confirms a new second factor, 200 with its recovery codes."}, d.giveSecondFactor)
	httpapi.Change(d.server, httpapi.Operation{ID: "enrol-second-factor-to-sign-in", Method: http.MethodPost, Path: "/v1/session/second-factor/enrol", Needs: access.Public,
		Summary: "Set up the second factor that signing in takes", Description: "For an authenticator app. The code that it shows next finishes the sign-in."}, d.enrol)
}

func (d *door) mountLinks() {
	httpapi.Change(d.server, httpapi.Operation{ID: "request-password-reset", Method: http.MethodPost, Path: "/v1/session/password-reset", Needs: access.Public, Status: http.StatusAccepted,
		Summary: "Ask for a link to set a new password", Description: "The answer does not tell whether there is an account."}, d.requestReset)
	httpapi.Change(d.server, httpapi.Operation{ID: "reset-password", Method: http.MethodPost, Path: "/v1/session/password-reset/{token}", Needs: access.Public, Status: http.StatusNoContent,
		Summary: "Set a new password by a mailed link", Description: "Ends all sessions and opens none; the second factor stays."}, d.reset)
	httpapi.Read(d.server, httpapi.Operation{ID: "read-invitation", Method: http.MethodGet, Path: "/v1/invitations/{token}", Needs: access.Public,
		Summary: "Read what an invitation is for"}, d.readInvitation)
	httpapi.Change(d.server, httpapi.Operation{ID: "accept-invitation", Method: http.MethodPost, Path: "/v1/invitations/{token}", Needs: access.Public,
		Summary: "Accept an invitation with a password", Description: "204 and the session's cookie, or 200 with the step that is left."}, d.acceptInvitation)
}

func (d *door) mountSession() {
	httpapi.Read(d.server, httpapi.Operation{ID: "read-session", Method: http.MethodGet, Path: "/v1/session", Needs: access.SignedIn,
		Summary: "Read who is signed in, and what for"}, d.whoAmI)
	httpapi.Change(d.server, httpapi.Operation{ID: "sign-out", Method: http.MethodDelete, Path: "/v1/session", Needs: access.SignedIn, PersonOnly: true,
		Status: http.StatusNoContent, Summary: "Sign out"}, d.signOut)
	httpapi.Change(d.server, httpapi.Operation{ID: "reauthenticate", Method: http.MethodPost, Path: "/v1/session/reauthenticate", Needs: access.SignedIn, PersonOnly: true,
		Status: http.StatusNoContent, Summary: "Prove again who is signed in",
		Description: "What is delicate takes a sign-in within the last 10 minutes: by password and, where there is one, the second factor; in a session by single sign-on at the identity provider, then 200 with where the browser goes for it."}, d.reauthenticate)
}

// addressed is the body of what is asked for an address.
type addressed struct {
	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"254" doc:"The address somebody signs in with" example:"ada@acme.example"`
	}
}

type discovery struct {
	Body struct {
		Next        string   `json:"next" enum:"password,sso" doc:"What to ask for next; sso: the domain of the address signs in by its organization's identity provider"`
		RedirectURL string   `json:"redirectUrl,omitempty" format:"uri" doc:"With sso: where the browser goes; with ?return=/path it comes back to that path of the portal"`
		Methods     []string `json:"methods" doc:"The ways to sign in that are offered, with sso as other ways"`
	}
}

type passwordInput struct {
	Body struct {
		Email    string `json:"email" minLength:"1" maxLength:"254" doc:"The address somebody signs in with" example:"ada@acme.example"`
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"The password"`
	}
}

// step is how far a sign-in came: a session, then the status is 204 and Cookies has its cookie, or what is left, then 200.
type step struct {
	Status  int
	Cookies []http.Cookie `header:"Set-Cookie"`
	Body    Remaining
}

// Remaining is the step that a sign-in still takes.
type Remaining struct {
	Next      string `json:"next" enum:"second-factor,enrol-second-factor" doc:"The step that is left"`
	Challenge string `json:"challenge" doc:"Names this sign-in in that step; it lasts 10 minutes"`
}

type codeInput struct {
	Body struct {
		Challenge string `json:"challenge" minLength:"1" maxLength:"512" doc:"Of the step before"`
		Code      string `json:"code" minLength:"6" maxLength:"40" doc:"Six digits of the authenticator app, or a recovery code"`
	}
}

// opened is a session: its cookie, and the recovery codes where the second factor is new.
type opened struct {
	Status  int
	Cookies []http.Cookie `header:"Set-Cookie"`
	Body    struct {
		RecoveryCodes []string `json:"recoveryCodes" doc:"Each replaces the second factor once; they are not shown again"`
	}
}

type challengeInput struct {
	Body struct {
		Challenge string `json:"challenge" minLength:"1" maxLength:"512" doc:"Of the step before"`
	}
}

type enrolment struct {
	Body struct {
		Secret string `json:"secret" doc:"For those who type it into their authenticator app, in base32"`
		URI    string `json:"uri" doc:"The same as an otpauth URI, for a QR code"`
	}
}

// newPassword is the body of a reset.
type newPassword struct {
	Token string `path:"token" maxLength:"512" doc:"Of the mailed link"`
	Body  struct {
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"The new password: at least 15 characters, 8 where a second factor is required"`
	}
}

type invitationPath struct {
	Token string `path:"token" maxLength:"512" doc:"Of the mailed link"`
}

type invitationOutput struct {
	Body struct {
		Organization         string `json:"organization" doc:"The name of the organization that invites"`
		Email                string `json:"email" doc:"The address that is invited, and then signs in"`
		Name                 string `json:"name" doc:"The name as the inviting person wrote it"`
		SecondFactorRequired bool   `json:"secondFactorRequired" doc:"A second factor is set up along with it; then 8 characters are enough for the password, otherwise 15"`
		Replaces             bool   `json:"replaces" doc:"There is an account already: its password and second factor are replaced"`
		ExpiresAt            string `json:"expiresAt" format:"date-time" doc:"When the link ends"`
	}
}

type acceptance struct {
	Token string `path:"token" maxLength:"512" doc:"Of the mailed link"`
	Body  struct {
		Name     string `json:"name,omitempty" maxLength:"100" doc:"The name to go by; without it, as the inviting person wrote it"`
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"The new password: at least 15 characters, 8 where a second factor is required"`
	}
}

// nothing is the input, or the output, that has nothing in it.
type nothing struct{}

type signedOut struct {
	Cookies []http.Cookie `header:"Set-Cookie"`
}

type proofInput struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"1024" doc:"One's password, in a session by password"`
		Code     string `json:"code,omitempty" maxLength:"40" doc:"Six digits of the authenticator app, or a recovery code, where one has a second factor"`
	}
}

// proved is that somebody has proved again who it is, 204, or where that is done, 200.
type proved struct {
	Status int
	Body   Elsewhere
}

// Elsewhere is where a session by single sign-on is made a fresh one.
type Elsewhere struct {
	Next        string `json:"next" enum:"sso" doc:"The step that is left"`
	RedirectURL string `json:"redirectUrl" format:"uri" doc:"Where the browser goes; with return=/path it comes back to that path of the portal"`
}
