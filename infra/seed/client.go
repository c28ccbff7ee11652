package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// client speaks to the API and to the stack's controls.
type client struct{ base, local string }

// credential is how a request says who sends it: a header and its value; empty for nobody.
type credential struct{ header, value string }

func bearer(key string) credential   { return credential{"Authorization", "Bearer " + key} }
func cookie(value string) credential { return credential{"Cookie", value} }

// refused is an answer other than success.
type refused struct {
	what   string
	status int
	body   string
}

// Error gives the answer with what was asked.
func (r *refused) Error() string { return fmt.Sprintf("%s: %d %s", r.what, r.status, r.body) }

// call sends body as JSON to a path of the API, and reads the answer into out where there is one. It gives the session's
// cookie of the answer, empty where it has none.
func (c *client) call(ctx context.Context, who credential, method, path string, body, out any, headers ...string) (session string, err error) {
	if who.header != "" {
		headers = append(headers, who.header, who.value)
	}
	return c.send(ctx, method, c.base+path, body, out, headers)
}

func (c *client) send(ctx context.Context, method, address string, body, out any, headers []string) (session string, err error) {
	content := []byte{}
	if body != nil {
		if content, err = json.Marshal(body); err != nil {
			return "", err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", method, request.URL.Path, err)
	}
	if answer.StatusCode >= 300 {
		return "", &refused{method + " " + request.URL.Path, answer.StatusCode, string(text)}
	}
	if out != nil && len(text) > 0 {
		if err := json.Unmarshal(text, out); err != nil {
			return "", fmt.Errorf("%s %s: read the answer: %w", method, request.URL.Path, err)
		}
	}
	return sessionOf(answer), nil
}

func sessionOf(answer *http.Response) string {
	for _, one := range answer.Cookies() {
		if one.Name == "tenantry" || one.Name == "__Host-tenantry" {
			return one.Name + "=" + one.Value
		}
	}
	return ""
}

// works tells whether the keys of an earlier run are still good.
func (c *client) works(ctx context.Context, s seeded) bool {
	return s.BaseURL == c.base && c.valid(ctx, s.Platform.APIKey) && c.valid(ctx, s.Client.Admin.APIKey) && c.serves(ctx, s.Client.SCIM)
}

// serves tells whether a SCIM token is still good.
func (c *client) serves(ctx context.Context, s scim) bool {
	if s.Token == "" {
		return false
	}
	token := bearer(s.Token)
	_, err := c.send(ctx, http.MethodGet, s.Endpoint+"/ServiceProviderConfig", nil, nil, []string{token.header, token.value})
	return err == nil
}

// valid tells whether an API key is still good.
func (c *client) valid(ctx context.Context, key string) bool {
	if key == "" {
		return false
	}
	_, err := c.call(ctx, bearer(key), http.MethodGet, "/v1/session", nil, nil)
	return err == nil
}

// install has the installer make the platform's administrator, and gives the token of the link.
func (c *client) install(ctx context.Context, email string) (organization, token string, err error) {
	var made struct{ Link, OrganizationID string }
	_, err = c.send(ctx, http.MethodPost, c.local+"/invoke/InstallFunction", map[string]string{"action": "administrator", "email": email}, &made, nil)
	_, token, _ = strings.Cut(made.Link, "#")
	return made.OrganizationID, token, err
}

// mailWithin is how long a mail is waited for.
const mailWithin = 20 * time.Second

// invitation waits for the mail that invites the address, and gives the newest token; empty where none comes.
func (c *client) invitation(ctx context.Context, email string) (token string, err error) {
	for deadline := time.Now().Add(mailWithin); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var mails []struct {
			To   []string
			Text string
		}
		if _, err := c.send(ctx, http.MethodGet, c.local+"/mails", nil, &mails, nil); err != nil {
			return "", err
		}
		for _, mail := range mails {
			_, link, found := strings.Cut(mail.Text, "/invitation#")
			if found && strings.Contains(strings.Join(mail.To, " "), email) {
				return strings.Fields(link)[0], nil
			}
		}
	}
	return "", nil
}
