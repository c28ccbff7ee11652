package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// users answers what is asked of users: of all where id is empty.
func (d *door) users(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	switch {
	case id == ".search":
		return d.searchUsers(ctx, idp, r)
	case id == "" && r.Method == http.MethodGet:
		return d.listUsers(ctx, idp, r)
	case id == "" && r.Method == http.MethodPost:
		return d.create(ctx, idp, r)
	case id == "":
		return nil, methods(http.MethodGet, http.MethodPost)
	case r.Method == http.MethodGet:
		return d.get(ctx, idp, r, id)
	case r.Method == http.MethodPut:
		return d.change(ctx, idp, r, id, scim.ReadReplace)
	case r.Method == http.MethodPatch:
		return d.change(ctx, idp, r, id, scim.ReadPatch)
	case r.Method == http.MethodDelete:
		return d.remove(ctx, idp, r, id)
	}
	return nil, methods(http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete)
}

// projection is what the answer to a request shows of a user.
func projection(r *http.Request) (scim.Projection, error) {
	query, err := scim.ReadQuery(r.URL.RawQuery, scim.User)
	if err != nil {
		return scim.Projection{}, err
	}
	return query.Projection(scim.User), nil
}

func (d *door) get(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	shows, err := projection(r)
	if err != nil {
		return nil, err
	}
	s, err := d.find(ctx, idp, id)
	if err != nil {
		return nil, err
	}
	version := scim.Version(s.document.Version)
	if scim.NotModified(r.Header.Get("If-None-Match"), version) {
		return &reply{status: http.StatusNotModified, headers: map[string]string{"ETag": version}}, nil
	}
	return s.answer(idp, http.StatusOK, shows), nil
}

// answer is the user as the answer to a request.
func (s *subject) answer(idp *caller, status int, shows scim.Projection) *reply {
	headers := map[string]string{"ETag": scim.Version(s.document.Version)}
	if status == http.StatusCreated {
		headers["Location"] = scim.Location(idp.base, scim.User, s.document.ID)
	}
	return &reply{status: status, body: shows.Apply(shown(idp, s.document, s.sent)), headers: headers}
}

func (d *door) create(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	shows, err := projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := read(r, scim.ReadCreate)
	if err != nil {
		return nil, err
	}
	changes, err := edit.Apply(nil)
	if err != nil {
		return nil, err
	}
	s := &subject{sent: changes.After}
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		u, err := d.arrive(ctx, tx, idp, s.sent)
		if err != nil {
			return err
		}
		sent, err := kept(s.sent)
		if err != nil {
			return err
		}
		s.document = directory.NewDocument(directory.OfUser, idp.Root, idp.ID, u.ID, sent, d.Clock())
		s.document.Create(tx, foundBy(s.sent), nameTaken())
		return nil
	})
	if err != nil {
		return nil, taken(err)
	}
	return s.answer(idp, http.StatusCreated, shows), nil
}

// change answers PUT and PATCH. What changes nothing writes nothing (RFC 7644 section 3.5.2.1).
func (d *door) change(ctx context.Context, idp *caller, r *http.Request, id string, reader func(*scim.ResourceType, []byte) (*scim.Edit, error)) (*reply, error) {
	shows, err := projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := read(r, reader)
	if err != nil {
		return nil, err
	}
	var s *subject
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		if s, err = d.find(ctx, idp, id); err != nil {
			return err
		}
		if err := scim.CheckMatch(r.Header.Get("If-Match"), scim.Version(s.document.Version)); err != nil {
			return err
		}
		changes, err := edit.Apply(s.sent)
		if err != nil || changes.None() && !s.lingers() {
			return err
		}
		return d.apply(ctx, tx, idp, s, changes)
	})
	if err != nil {
		return nil, taken(err)
	}
	return s.answer(idp, http.StatusOK, shows), nil
}

// lingers tells whether the IdP deactivated the user before, who came back another way: saying so again is a change (SCI-7).
func (s *subject) lingers() bool { return !s.sent.Active() && s.user.Status != people.Inactive }

// apply has the change make of the user what was sent.
func (d *door) apply(ctx context.Context, tx *table.Tx, idp *caller, s *subject, changes *scim.Changes) error {
	sent, err := kept(changes.After)
	if err != nil {
		return err
	}
	s.document.Edit(tx, sent, foundBy(s.sent), foundBy(changes.After), nameTaken(), d.Clock())
	s.sent = changes.After
	return d.follow(ctx, tx, idp, &s.user, changes)
}

func (d *door) remove(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	err := d.server.Commit(ctx, func(tx *table.Tx) error {
		s, err := d.find(ctx, idp, id)
		if err != nil {
			return err
		}
		if err := scim.CheckMatch(r.Header.Get("If-Match"), scim.Version(s.document.Version)); err != nil {
			return err
		}
		s.document.Delete(tx, foundBy(s.sent))
		return d.discharge(ctx, tx, idp, &s.user)
	})
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent}, nil
}
