// Command me is what a signed-in person does to the own account: profile, password, second factor, sessions.
//
// It refuses keys, which are nobody's account, and refuses to change what somebody signs in with without a sign-in within
// the last 10 minutes, so that a session left open in a browser does not become somebody else's account.
package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// own is the function: the services and what it needs beside them.
type own struct {
	*start.Services
	rates *access.Rates
}

func (o *own) mount(s *httpapi.Server) {
	o.mountProfile(s)
	o.mountAddress(s)
	o.mountSecondFactor(s)
	o.mountSessions(s)
}

// mine is an operation on the own account.
func mine(id, method, path, summary string) httpapi.Operation {
	return httpapi.Operation{ID: id, Method: method, Path: path, Summary: summary, Needs: access.SignedIn, PersonOnly: true}
}

// credential is one that changes what the person signs in with.
func credential(id, method, path, summary string) httpapi.Operation {
	operation := mine(id, method, path, summary)
	operation.Delicate = true
	return operation
}

func noContent(operation httpapi.Operation) httpapi.Operation {
	operation.Status = http.StatusNoContent
	return operation
}

func (o *own) mountProfile(s *httpapi.Server) {
	httpapi.Read(s, mine("read-own-profile", http.MethodGet, "/v1/me", "Read one's own profile"), o.readProfile)
	edit := mine("edit-own-profile", http.MethodPatch, "/v1/me", "Edit one's own profile")
	edit.Description = "The name of somebody whom an identity provider manages by SCIM is changed there: another one is refused (409 `managed-by-scim`)."
	httpapi.Change(s, edit, o.editProfile)
	httpapi.Change(s, noContent(credential("change-own-password", http.MethodPost, "/v1/me/password", "Change one's own password")), o.changePassword)
}

func (o *own) mountSecondFactor(s *httpapi.Server) {
	httpapi.Change(s, credential("enrol-own-second-factor", http.MethodPost, "/v1/me/second-factor", "Begin to set up a second factor"), o.enrol)
	httpapi.Change(s, mine("confirm-own-second-factor", http.MethodPost, "/v1/me/second-factor/confirm", "Put the second factor into use by its first code"), o.confirm)
	httpapi.Change(s, credential("renew-own-recovery-codes", http.MethodPost, "/v1/me/second-factor/recovery-codes", "Replace one's recovery codes"), o.renewCodes)
	httpapi.Change(s, noContent(credential("remove-own-second-factor", http.MethodDelete, "/v1/me/second-factor", "Remove one's own second factor")), o.removeSecondFactor)
}

func (o *own) mountSessions(s *httpapi.Server) {
	httpapi.Read(s, mine("list-own-sessions", http.MethodGet, "/v1/me/sessions", "List where one is signed in"), o.listSessions)
	httpapi.Change(s, noContent(mine("end-own-other-sessions", http.MethodDelete, "/v1/me/sessions", "Sign out everywhere else")), o.endOthers)
	httpapi.Change(s, noContent(mine("end-own-session", http.MethodDelete, "/v1/me/sessions/{session}", "Sign out somewhere")), o.endSession)
}

// nothing is the input, or the output, that has nothing in it.
type nothing struct{}

type profileOutput struct {
	ETag string `header:"ETag"`
	Body Profile
}

// Profile is what a person sees of the own account.
type Profile struct {
	ID                 string          `json:"id" doc:"The user's id"`
	Name               string          `json:"name" doc:"The name to go by"`
	Email              string          `json:"email" doc:"The address one signs in with"`
	Language           string          `json:"language" doc:"Of mails and of the console, a BCP 47 tag"`
	Department         string          `json:"department,omitempty" doc:"As the administrators wrote it"`
	OrganizationID     string          `json:"organizationId" doc:"The organization of the role"`
	MainOrganizationID string          `json:"mainOrganizationId" doc:"The main organization of its tree"`
	RoleID             string          `json:"roleId" doc:"The role"`
	SecondFactor       OwnSecondFactor `json:"secondFactor" doc:"How signing in is protected"`
	CreatedAt          string          `json:"createdAt" format:"date-time" doc:"When the account was made"`
	UpdatedAt          string          `json:"updatedAt" format:"date-time" doc:"When it was changed last"`
}

// OwnSecondFactor is the state of a person's second factor.
type OwnSecondFactor struct {
	Enrolled          bool   `json:"enrolled" doc:"There is one"`
	EnrolledAt        string `json:"enrolledAt,omitempty" format:"date-time" doc:"Since when"`
	Required          bool   `json:"required" doc:"There has to be one: it cannot be removed"`
	RecoveryCodesLeft int    `json:"recoveryCodesLeft" doc:"How many recovery codes were not used yet"`
}

type profileInput struct {
	httpapi.Match
	Body struct {
		Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"The name to go by"`
		Language *string `json:"language,omitempty" maxLength:"35" doc:"Of mails and of the console, a BCP 47 tag of the fixed list" example:"es"`
	}
}

type passwordChange struct {
	Body struct {
		Current  string `json:"current" minLength:"1" maxLength:"1024" doc:"The password until now"`
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"The new password: at least 15 characters, 8 where a second factor is required"`
	}
}

type enrolmentOutput struct {
	Body struct {
		Secret string `json:"secret,omitempty" doc:"For those who type it into their authenticator app, in base32; not given again"`
		URI    string `json:"uri,omitempty" doc:"The same as an otpauth URI, for a QR code"`
	}
}

// Forget removes the secret.
func (e *enrolmentOutput) Forget() { e.Body.Secret, e.Body.URI = "", "" }

type confirmation struct {
	Body struct {
		Code string `json:"code" minLength:"6" maxLength:"10" doc:"The six digits that the authenticator app shows"`
	}
}

type codesOutput struct {
	Body struct {
		RecoveryCodes []string `json:"recoveryCodes" doc:"Each replaces the second factor once; they are not shown again"`
	}
}

// Forget removes the codes.
func (c *codesOutput) Forget() { c.Body.RecoveryCodes = []string{} }

type sessionsOutput struct {
	Body struct {
		Items      []OwnSession `json:"items" doc:"A page may be short: nextCursor alone says whether there is more"`
		NextCursor string       `json:"nextCursor,omitempty" doc:"Where to go on, absent on the last page"`
	}
}

// OwnSession is one place where the person is signed in.
type OwnSession struct {
	ID           string `json:"id" doc:"Its id"`
	Current      bool   `json:"current" doc:"It is the one that asks"`
	Method       string `json:"method" doc:"How it was signed in"`
	SecondFactor bool   `json:"secondFactor" doc:"A second factor was given"`
	CreatedAt    string `json:"createdAt" format:"date-time" doc:"When"`
	LastSeenAt   string `json:"lastSeenAt" format:"date-time" doc:"When it was used last, to within 5 minutes"`
	ExpiresAt    string `json:"expiresAt" format:"date-time" doc:"When it ends in any case"`
	Address      string `json:"address,omitempty" doc:"From where"`
	Agent        string `json:"agent,omitempty" doc:"The browser, as it named itself"`
}

type sessionPath struct {
	Session string `path:"session" maxLength:"64" doc:"The session's id"`
}
