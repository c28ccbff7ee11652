package main

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	// requestLasts is how long somebody may take at the IdP.
	requestLasts = 10 * time.Minute

	// requestCookie begins the name of the cookie that binds a request to its browser; the rest names the request, so that
	// several tabs of a browser can sign in at a time.
	requestCookie = "tenantry-saml-"

	// mostRequests is how many requests of a browser are looked at: those that it began last.
	mostRequests = 4
)

// request is what was asked of an IdP, for one browser, until it is answered.
type request struct {
	ID         string      `dynamodbav:"id"` // as the IdP sees it
	Connection string      `dynamodbav:"connection"`
	Issued     int64       `dynamodbav:"issued"`           // Unix milliseconds
	Forced     bool        `dynamodbav:"forced,omitempty"` // the IdP was asked to sign the person in anew
	Return     string      `dynamodbav:"return,omitempty"` // where to go afterwards
	Test       string      `dynamodbav:"test,omitempty"`   // of the wizard: signs nobody in
	Again      *resumption `dynamodbav:"again,omitempty"`  // a session that goes on as a fresh one (PER-6)
	ExpiresAt  int64       `dynamodbav:"expiresAt"`

	key    table.Key
	cookie string // the end of its name
}

// resumption is the session whose user signs in again.
type resumption struct {
	Root    string `dynamodbav:"root"`
	User    string `dynamodbav:"user"`
	Hash    string `dynamodbav:"hash"`
	Session string `dynamodbav:"session"`
}

// begin writes a request down and gives it with the cookie that binds it to the browser.
func (d *door) begin(ctx context.Context, c *connection.Connection, asked request) (*samlsp.Request, http.Cookie, error) {
	now := d.Clock()
	made := samlsp.NewRequest(now, asked.Forced)
	token, hash := secret.New(secret.SSO, c.ID)
	asked.ID, asked.Connection, asked.Issued = made.ID, c.ID, now.UnixMilli()
	asked.ExpiresAt = table.Expiry(now.Add(requestLasts))
	tx := table.NewTx()
	tx.Create(table.OnceKey(hash), asked, table.ErrChanged)
	return made, d.server.CrossSiteCookie(requestCookie+hash[:8], token, requestLasts), d.Table.Commit(ctx, tx)
}

// presented are the requests that the browser's cookies name, yet to be read: with each the item to ask for.
func (d *door) presented(ctx context.Context, c string) (open []*request, wants []*table.Wanted) {
	for end, token := range d.server.Cookies(httpapi.CallOf(ctx), requestCookie, mostRequests) {
		parts, hash, err := secret.Parse(secret.SSO, token)
		if err != nil || len(parts) != 1 || parts[0] != c {
			continue
		}
		one := &request{key: table.OnceKey(hash), cookie: end}
		open, wants = append(open, one), append(wants, table.Want(one.key, one))
	}
	return open, wants
}

// asked is the request as the IdP was asked.
func (r *request) asked() *samlsp.Request {
	if r == nil {
		return nil
	}
	return &samlsp.Request{ID: r.ID, Issued: time.UnixMilli(r.Issued), ForceAuthn: r.Forced}
}

// forget takes the cookie of an answered request out of the browser.
func (d *door) forget(w http.ResponseWriter, r *request) {
	if r == nil {
		return
	}
	cookie := d.server.CrossSiteCookie(requestCookie+r.cookie, "", 0)
	http.SetCookie(w, &cookie)
}
