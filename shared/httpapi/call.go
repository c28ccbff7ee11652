package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/tenantry/tenantry/shared/access"
)

// Call is one request on its way through a function.
type Call struct {
	ID      string // the request id that the answer and the logs carry (API-6)
	Address string // where the caller really is (INS-3)
	Agent   string // the browser's User-Agent, cut to 200 characters
	Caller  *access.Caller
	request *http.Request
	body    []byte
	route   string
	done    error // what is answered to a request that may be repeated only
	notes   []any
}

type callKey struct{}

// CallOf gives the request that ctx belongs to. There is one in every operation.
func CallOf(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	if call == nil {
		return &Call{}
	}
	return call
}

// Note adds a number or word to the request's line in the log; never a secret, a name or an address.
func (c *Call) Note(name string, value any) { c.notes = append(c.notes, name, value) }

// Cookie is the value of a cookie of the request, empty where it has none.
func (c *Call) Cookie(name string) string {
	cookie, err := c.request.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// Query is the query of the request's address, as it came.
func (c *Call) Query() url.Values { return c.request.URL.Query() }

// fingerprint tells this request from another one: its route with all ids and the query, and its body.
func (c *Call) fingerprint() string {
	sum := sha256.New()
	for _, part := range [][]byte{[]byte(c.request.Method), []byte(c.request.URL.RequestURI()), c.body} {
		digest := sha256.Sum256(part)
		sum.Write(digest[:])
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}
