package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// connectionName is that of the seed's connection.
const connectionName = "Acme's identity provider"

// connection makes an active SSO connection of the organization with a directory of the stack's demonstration IdP, for a domain, by the
// wizard's steps: our side, the IdP's metadata, the domain, the test, the activation. Passwords go on working beside it.
func (w *world) connection(ctx context.Context, key, org, directory, domain, person string) (id string, err error) {
	all := "/v1/organizations/" + org + "/sso-connections"
	var page struct {
		Items []struct{ ID, Name, Status string }
	}
	if _, err := w.call(ctx, bearer(key), http.MethodGet, all+"?limit=200", nil, &page); err != nil {
		return "", err
	}
	var made struct{ ID, Status string }
	for _, one := range page.Items {
		if one.Name == connectionName {
			made.ID, made.Status = one.ID, one.Status
		}
	}
	if made.ID == "" {
		if _, err := w.call(ctx, bearer(key), http.MethodPost, all, map[string]string{"name": connectionName, "provider": "custom"}, &made); err != nil {
			return "", err
		}
	}
	if made.Status == "active" {
		return made.ID, nil
	}
	var idp struct{ MetadataURL string }
	if _, err := w.send(ctx, http.MethodGet, w.local+"/idp/"+directory, nil, &idp, nil); err != nil {
		return "", err
	}
	one := all + "/" + made.ID
	for _, step := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, one + "/idp-metadata", map[string]string{"url": idp.MetadataURL}},
		{http.MethodPatch, one, map[string]any{"domains": []string{domain}, "ssoRequired": false}},
	} {
		if _, err := w.call(ctx, bearer(key), step.method, step.path, step.body, nil); err != nil {
			return "", err
		}
	}
	if err := w.tested(ctx, key, one, directory, person); err != nil {
		return "", fmt.Errorf("its test: %w", err)
	}
	_, err = w.call(ctx, bearer(key), http.MethodPost, one+"/activate", nil, nil)
	return made.ID, err
}

// tested goes through the wizard's test as a browser does, where somebody of the directory signs in.
func (w *world) tested(ctx context.Context, key, connection, directory, person string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var test struct{ ID, URL, Outcome, Why string }
	started, err := visit(ctx, browser, http.MethodPost, w.base+connection+"/tests", "", "Authorization", "Bearer "+key)
	if err != nil {
		return err
	}
	err = json.NewDecoder(started.Body).Decode(&test)
	if err := errors.Join(err, started.Body.Close()); err != nil {
		return err
	}
	sent, err := visit(ctx, browser, http.MethodGet, test.URL, "")
	if err != nil {
		return err
	}
	sent.Body.Close()
	var form struct {
		Action string
		Fields map[string]string
	}
	ask := map[string]string{"person": person, "url": sent.Header.Get("Location")}
	if _, err := w.send(ctx, http.MethodPost, w.local+"/idp/"+directory+"/answers", ask, &form, nil); err != nil {
		return err
	}
	fields := url.Values{}
	for name, value := range form.Fields {
		fields.Set(name, value)
	}
	back, err := visit(ctx, browser, http.MethodPost, form.Action, fields.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if err != nil {
		return err
	}
	back.Body.Close()
	if _, err := w.call(ctx, bearer(key), http.MethodGet, connection+"/tests/"+test.ID, nil, &test); err != nil {
		return err
	}
	if test.Outcome != "passed" {
		return fmt.Errorf("it is %s: %s", test.Outcome, test.Why)
	}
	return nil
}

// visit sends one request of a browser; whatever is no success or redirect is an error.
func visit(ctx context.Context, browser *http.Client, method, address, body string, headers ...string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := browser.Do(request)
	if err == nil && answer.StatusCode >= 400 {
		answer.Body.Close()
		err = &refused{method + " " + request.URL.Path, answer.StatusCode, ""}
	}
	return answer, err
}
