package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/secret"
)

// Names of the headers by which a CDN tells where the viewer is. It is believed only with the secret (INS-3). Both are the CDN's
// own to write: template.yaml has it replace whatever a viewer sends in them.
const (
	cdnSecretHeader = "X-Tenantry-Cdn"
	cdnViewerHeader = "X-Tenantry-Viewer"
)

// callerAddress is where the caller is: API Gateway's source address, or the CDN's word with its secret, or with the other one
// while that is being changed. No other header changes it.
func callerAddress(r *http.Request, secrets ...string) string {
	told := r.Header.Get(cdnSecretHeader)
	if slices.ContainsFunc(secrets, func(one string) bool { return one != "" && secret.Equal(told, one) }) {
		if address, err := netip.ParseAddr(r.Header.Get(cdnViewerHeader)); err == nil {
			return address.Unmap().String()
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// requestID is API Gateway's id of the request, or a new one where there is no gateway.
func requestID(r *http.Request) string {
	if gateway, ok := core.GetAPIGatewayV2ContextFromContext(r.Context()); ok && gateway.RequestID != "" {
		return gateway.RequestID
	}
	return id.New(id.Request)
}

// sessionCookie is the name of the session's cookie: over HTTPS with the prefix that binds it to the host and to HTTPS
// (RFC 6265bis, section 4.1.3.2).
func sessionCookie(publicURL string) string { return cookieName(publicURL, "tenantry") }

func cookieName(publicURL, name string) string {
	if strings.HasPrefix(publicURL, "https://") {
		return "__Host-" + name
	}
	return name
}

// token is the caller's: of the Authorization header, whose scheme is written in any case (RFC 9110, section 11.1),
// otherwise of the session's cookie.
func (s *Server) token(call *Call) string {
	scheme, bearer, found := strings.Cut(call.request.Header.Get("Authorization"), " ")
	if found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(bearer)
	}
	return call.Cookie(sessionCookie(s.config.PublicURL))
}

// Caller says who sent a plain handler's request, about no organization.
func (s *Server) Caller(ctx context.Context) (*access.Caller, error) {
	call := CallOf(ctx)
	return s.config.Gate.Identify(ctx, access.Request{Token: s.token(call), Address: call.Address, ID: call.ID})
}

// CookieName is the name of one of the product's cookies, as it is in a browser.
func (s *Server) CookieName(name string) string { return cookieName(s.config.PublicURL, name) }

// SessionCookie is the cookie that carries a session's token until it ends; an empty token takes the cookie away.
func (s *Server) SessionCookie(token string, lasts time.Duration) http.Cookie {
	return s.cookie(sessionCookie(s.config.PublicURL), token, lasts)
}

// deviceCookie is the name of the cookie by which a browser is known again that its owner signed in from (LOG-5).
const deviceCookie = "tenantry-device"

// DeviceCookie is the cookie that carries a known device's token.
func (s *Server) DeviceCookie(token string, lasts time.Duration) http.Cookie {
	return s.cookie(cookieName(s.config.PublicURL, deviceCookie), token, lasts)
}

// Device is the token of the device that the request came from, empty where it is not known.
func (s *Server) Device(call *Call) string {
	return call.Cookie(cookieName(s.config.PublicURL, deviceCookie))
}

// CrossSiteCookie is a cookie that comes back with what another site's page sends here, such as an identity provider's answer. It
// is Secure even on this machine's own address without HTTPS, as browsers ask of such a cookie, and take there. An empty
// value takes the cookie away.
func (s *Server) CrossSiteCookie(name, value string, lasts time.Duration) http.Cookie {
	cookie := s.cookie(cookieName(s.config.PublicURL, name), value, lasts)
	cookie.Secure, cookie.SameSite = true, http.SameSiteNoneMode
	return cookie
}

// Cookies are the values of the request's cookies whose names begin so, by the rest of their names, at most so many, those that
// the browser names last.
func (s *Server) Cookies(call *Call, begin string, most int) map[string]string {
	begin, found := cookieName(s.config.PublicURL, begin), map[string]string{}
	all := call.request.Cookies()
	for i := len(all) - 1; i >= 0 && len(found) < most; i-- {
		if rest, ours := strings.CutPrefix(all[i].Name, begin); ours {
			found[rest] = all[i].Value
		}
	}
	return found
}

// BrowserCookie is a cookie that comes with what a browser asks of the product itself, as the session's does.
func (s *Server) BrowserCookie(name, value string, lasts time.Duration) http.Cookie {
	return s.cookie(cookieName(s.config.PublicURL, name), value, lasts)
}

func (s *Server) cookie(name, token string, lasts time.Duration) http.Cookie {
	cookie := http.Cookie{Name: name, Value: token, Path: "/", MaxAge: int(lasts.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(s.config.PublicURL, "https://"), SameSite: http.SameSiteLaxMode}
	if token == "" {
		cookie.MaxAge = -1
	}
	return cookie
}
