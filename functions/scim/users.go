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
		return d.search(ctx, idp, r, ofUsers())
	case id == "" && r.Method == http.MethodGet:
		return d.listed(ctx, idp, r, ofUsers())
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

func (d *door) get(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	shows, err := ofUsers().projection(r)
	if err != nil {
		return nil, err
	}
	s, err := d.find(ctx, idp, id)
	if err != nil {
		return nil, err
	}
	version := s.version()
	if scim.NotModified(r.Header.Get("If-None-Match"), version) {
		return &reply{status: http.StatusNotModified, headers: map[string]string{"ETag": version}}, nil
	}
	return d.answerUser(ctx, idp, s, http.StatusOK, shows)
}

// answerUser is the user as the answer to a request.
func (d *door) answerUser(ctx context.Context, idp *caller, s *subject, status int, shows scim.Projection) (*reply, error) {
	headers := map[string]string{"ETag": s.version()}
	if status == http.StatusCreated {
		headers["Location"] = scim.Location(idp.base, scim.User, s.document.ID)
	}
	o := &one{document: s.document, sent: s.sent, groups: s.user.Groups}
	o.show(idp, s.document.Version+s.user.Grouped, "", nil)
	if shows.Wants("groups") {
		if err := d.nameGroups(ctx, idp, []*one{o}); err != nil {
			return nil, err
		}
	}
	return &reply{status: status, body: shows.Apply(o.Resource), headers: headers}, nil
}

func (d *door) create(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	shows, err := ofUsers().projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := readEdit(ctx, r, ofUsers(), scim.ReadCreate)
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
		s.user = *u // of whom was taken over, who may have been in groups before
		s.document = directory.NewDocument(directory.OfUser, idp.Root, idp.ID, u.ID, sent, d.Clock())
		s.document.Create(tx, ofUsers().foundBy(s.sent), nameTaken(), unauthorized())
		return nil
	})
	if err != nil {
		return nil, taken(err)
	}
	return d.answerUser(ctx, idp, s, http.StatusCreated, shows)
}

// change answers PUT and PATCH. What changes nothing writes nothing (RFC 7644 section 3.5.2.1).
func (d *door) change(ctx context.Context, idp *caller, r *http.Request, id string, reader func(*scim.ResourceType, []byte) (*scim.Edit, error)) (*reply, error) {
	shows, err := ofUsers().projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := readEdit(ctx, r, ofUsers(), reader)
	if err != nil {
		return nil, err
	}
	var s *subject
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		if s, err = d.find(ctx, idp, id); err != nil {
			return err
		}
		if err := scim.CheckMatch(r.Header.Get("If-Match"), s.version()); err != nil {
			return err
		}
		changes, err := edit.Apply(s.sent)
		if err != nil {
			return err
		}
		if changes.None() && !s.lingers() {
			if home, err := d.home(ctx, &s.user); err != nil || !home || !s.sent.Active() {
				return err
			}
		}
		return d.apply(ctx, tx, idp, s, changes)
	})
	if err == nil && s.mappings != nil && len(s.user.Groups) > 0 {
		in := directory.Intent{Root: idp.Root, Connection: idp.ID, Group: s.user.Groups[0], Request: requestOf(ctx, idp), Mappings: s.mappings.Version}
		err = d.bringInLine(ctx, in, s.user.ID)
	}
	if err != nil {
		return nil, taken(err)
	}
	return d.answerUser(ctx, idp, s, http.StatusOK, shows)
}

// lingers tells whether the IdP deactivated the user before, who came back another way: saying so again is a change (SCI-7).
func (s *subject) lingers() bool { return !s.sent.Active() && s.user.Status != people.Inactive }

// apply has the change make of the user what was sent.
func (d *door) apply(ctx context.Context, tx *table.Tx, idp *caller, s *subject, changes *scim.Changes) error {
	sent, err := kept(changes.After)
	if err != nil {
		return err
	}
	s.document.Edit(tx, sent, ofUsers().foundBy(s.sent), ofUsers().foundBy(changes.After), nameTaken(), d.Clock())
	s.sent = changes.After
	return d.follow(ctx, tx, idp, s, changes)
}

func (d *door) remove(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	match, err := d.withdraw(ctx, idp, id, r.Header.Get("If-Match"))
	if err != nil {
		return nil, err
	}
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		s, err := d.find(ctx, idp, id)
		if err != nil {
			return err
		}
		if err := scim.CheckMatch(match, s.version()); err != nil {
			return err
		}
		s.document.Delete(tx, ofUsers().foundBy(s.sent), unauthorized())
		return d.discharge(ctx, tx, idp, s)
	})
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusNoContent}, nil
}
