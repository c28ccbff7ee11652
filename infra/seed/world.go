package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// world makes what the seed consists of, each thing only where it is missing.
type world struct {
	*client
	known *progress
}

// organization is a main organization with its first administrator.
type organization struct{ kind, name, email, admin, adminName, language string }

func norte() organization {
	return organization{"partner", "Norte", "hello@norte.example", "nora@norte.example", "Nora Gil", "es"}
}

// acme is made by the partner, which therefore may manage it.
func acme() organization {
	return organization{"client", "Acme", "hello@acme.example", "admin@acme.example", "Ada Admin", "en"}
}

// person is somebody of the client. Those who did not accept are left as invited.
type person struct {
	email, name, language string
	place                 int // 0: the client itself, 1 and 2: its suborganizations
	role                  string
	accepts               bool
}

// people are those of Acme beside its first administrator, in both languages.
func people() []person {
	return []person{
		{"bruno@acme.example", "Bruno Ferrer", "es", 0, "administrator", true},
		{"carla@acme.example", "Carla Osorio", "es", 0, "user", true},
		{"derek@acme.example", "Derek Hall", "en", 0, "user", true},
		{"elena@acme.example", "Elena Prats", "es", 0, "user", false},
		{"farah@acme.example", "Farah Aziz", "en", 0, "user", false},
		{"gema@acme.example", "Gema Luna", "es", 1, "administrator", true},
		{"hugo@acme.example", "Hugo Sanz", "es", 1, "user", true},
		{"ines@acme.example", "Inés Vidal", "es", 1, "user", false},
		{"jack@acme.example", "Jack Moore", "en", 2, "administrator", true},
		{"kate@acme.example", "Kate Lewis", "en", 2, "user", true},
		{"liam@acme.example", "Liam Byrne", "en", 2, "user", false},
	}
}

// make makes everything and gives what the file holds.
func (w *world) make(ctx context.Context) (*seeded, error) {
	platform, err := w.platform(ctx)
	if err != nil {
		return nil, fmt.Errorf("the platform's administrator: %w", err)
	}
	partner, _, err := w.organization(ctx, platform.APIKey, platform.APIKey, norte())
	if err != nil {
		return nil, fmt.Errorf("the partner: %w", err)
	}
	admin, client, err := w.organization(ctx, platform.APIKey, partner.APIKey, acme())
	if err != nil {
		return nil, fmt.Errorf("the client: %w", err)
	}
	places := []string{client}
	for _, name := range []string{"Acme Iberia", "Acme Ireland"} {
		below, err := w.place(ctx, admin.APIKey, admin.APIKey, "/v1/organizations/"+client+"/suborganizations", name, map[string]any{"name": name})
		if err != nil {
			return nil, fmt.Errorf("the suborganization %s: %w", name, err)
		}
		places = append(places, below)
	}
	for _, p := range people() {
		if err := w.person(ctx, admin.APIKey, places[p.place], p); err != nil {
			return nil, fmt.Errorf("%s: %w", p.email, err)
		}
	}
	if err := w.domain(ctx, admin.APIKey, client, "acme.example"); err != nil {
		return nil, fmt.Errorf("the domain acme.example: %w", err)
	}
	connection, err := w.connection(ctx, admin.APIKey, client, "acme", "acme.example", "carla@acme.example")
	if err != nil {
		return nil, fmt.Errorf("the connection with the demonstration IdP: %w", err)
	}
	provisioning, err := w.provisioning(ctx, admin.APIKey, client, connection, "acme")
	if err != nil {
		return nil, fmt.Errorf("its SCIM: %w", err)
	}
	if err := w.branding(ctx, admin.APIKey, client); err != nil {
		return nil, fmt.Errorf("the colours and the logo: %w", err)
	}
	return &seeded{BaseURL: w.base, Platform: *platform,
		Client: seededClient{OrganizationID: client, SuborganizationIDs: places[1:], Admin: *admin, ConnectionID: connection, SCIM: *provisioning}}, nil
}

// platform makes the platform's administrator, or sets the one of an earlier run up again: the installer's link does both.
func (w *world) platform(ctx context.Context) (*administrator, error) {
	a := w.known.admin["root@tenantry.example"]
	if w.valid(ctx, a.APIKey) {
		return &a, nil
	}
	a = administrator{Email: "root@tenantry.example"}
	organization, token, err := w.install(ctx, a.Email)
	if err != nil {
		return nil, err
	}
	session, err := w.accept(ctx, &a, token, "Rut Platform")
	if err != nil {
		return nil, err
	}
	return &a, w.key(ctx, &a, session, organization)
}

// organization finds a main organization, or has it made with the key by, and signs its first administrator in, who makes a
// key.
func (w *world) organization(ctx context.Context, platform, by string, o organization) (*administrator, string, error) {
	made, err := w.place(ctx, platform, by, "/v1/organizations", o.name, map[string]any{"type": o.kind, "name": o.name, "email": o.email,
		"language": o.language, "administrator": map[string]string{"email": o.admin, "name": o.adminName, "language": o.language}})
	if err != nil {
		return nil, "", err
	}
	a := w.known.admin[o.admin]
	if w.valid(ctx, a.APIKey) {
		return &a, made, nil
	}
	a.Email = o.admin
	session, err := w.enter(ctx, platform, made, &a, o.adminName)
	if err != nil {
		return nil, "", err
	}
	return &a, made, w.key(ctx, &a, session, made)
}

// place finds an organization by its name in a list, read with one key, or makes it there with another.
func (w *world) place(ctx context.Context, reading, making, path, name string, body map[string]any) (string, error) {
	list := path + "?limit=200&name=" + url.QueryEscape(name)
	if kind, found := body["type"].(string); found {
		list += "&type=" + kind
	}
	var page struct{ Items []struct{ ID, Name string } }
	if _, err := w.call(ctx, bearer(reading), http.MethodGet, list, nil, &page); err != nil {
		return "", err
	}
	for _, one := range page.Items {
		if one.Name == name {
			return one.ID, nil
		}
	}
	// The list may lag behind a run that was cut off just now; the Idempotency-Key does not.
	var made struct{ ID string }
	_, err := w.call(ctx, bearer(making), http.MethodPost, path, body, &made, "Idempotency-Key", "seed "+name)
	return made.ID, err
}

// enter signs somebody in who was invited, accepting the invitation where that was not done yet.
func (w *world) enter(ctx context.Context, by, organization string, a *administrator, name string) (session string, err error) {
	session, next, ok, err := w.begin(ctx, a.Email)
	if err != nil || ok && next.Next == "" {
		return session, err
	}
	if ok {
		return w.finish(ctx, a, next)
	}
	return w.join(ctx, by, organization, a, name)
}

// join accepts the invitation of somebody.
func (w *world) join(ctx context.Context, by, organization string, a *administrator, name string) (session string, err error) {
	token, err := w.invitation(ctx, a.Email)
	if err == nil && token == "" {
		token, err = w.invitedAgain(ctx, by, organization, a.Email)
	}
	if err != nil {
		return "", err
	}
	return w.accept(ctx, a, token, name)
}

// invitedAgain has the invitation sent anew: mails are gone when a stack ends.
func (w *world) invitedAgain(ctx context.Context, by, organization, email string) (token string, err error) {
	var page struct{ Items []struct{ ID, Email string } }
	if _, err := w.call(ctx, bearer(by), http.MethodGet, "/v1/organizations/"+organization+"/users?limit=200", nil, &page); err != nil {
		return "", err
	}
	for _, user := range page.Items {
		if user.Email != email {
			continue
		}
		if _, err := w.call(ctx, bearer(by), http.MethodPost, "/v1/organizations/"+organization+"/users/"+user.ID+"/invitation", nil, nil); err != nil {
			return "", err
		}
		token, err = w.client.invitation(ctx, email)
	}
	if err == nil && token == "" {
		err = fmt.Errorf("no invitation came for %s", email)
	}
	return token, err
}

// person invites somebody, and accepts for those who do.
func (w *world) person(ctx context.Context, key, organization string, p person) error {
	roles, err := w.roles(ctx, bearer(key), organization)
	if err != nil {
		return err
	}
	_, err = w.call(ctx, bearer(key), http.MethodPost, "/v1/organizations/"+organization+"/users",
		map[string]string{"email": p.email, "name": p.name, "language": p.language, "roleId": roles[p.role]}, nil)
	var taken *refused
	if errors.As(err, &taken) && taken.status == http.StatusConflict {
		err = nil // by an earlier run
	}
	if err != nil || !p.accepts {
		return err
	}
	a := w.known.admin[p.email]
	a.Email = p.email
	_, next, ok, err := w.begin(ctx, p.email)
	switch {
	case err == nil && !ok:
		_, err = w.join(ctx, key, organization, &a, p.name)
	case err == nil && next.Next == enrolment:
		_, err = w.finish(ctx, &a, next)
	}
	return err
}
