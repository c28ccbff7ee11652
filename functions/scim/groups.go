package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// groups answers what is asked of groups: of all where id is empty.
func (d *door) groups(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	switch {
	case id == ".search":
		return d.search(ctx, idp, r, ofGroups())
	case id == "" && r.Method == http.MethodGet:
		return d.listed(ctx, idp, r, ofGroups())
	case id == "" && r.Method == http.MethodPost:
		return d.createGroup(ctx, idp, r)
	case id == "":
		return nil, methods(http.MethodGet, http.MethodPost)
	case r.Method == http.MethodGet:
		return d.getGroup(ctx, idp, r, id)
	case r.Method == http.MethodPut:
		return d.changeGroup(ctx, idp, r, id, scim.ReadReplace)
	case r.Method == http.MethodPatch:
		return d.changeGroup(ctx, idp, r, id, scim.ReadPatch)
	case r.Method == http.MethodDelete:
		return d.removeGroup(ctx, idp, r, id)
	}
	return nil, methods(http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete)
}

// longestGroupName is how many characters of a group's name are kept here; what was sent is kept whole.
const longestGroupName = 256

// groupName is how the group is named here.
func groupName(r *scim.Resource) string {
	return people.AsName(r.Text("displayName"), longestGroupName)
}

func groupNameTaken() error {
	return scim.Bad(scim.Uniqueness, "Another group of this connection has the displayName. Ask for it by displayName, and change that one, or send another name.")
}

func (d *door) getGroup(ctx context.Context, idp *caller, r *http.Request, id string) (*reply, error) {
	shows, err := ofGroups().projection(r)
	if err != nil {
		return nil, err
	}
	g, err := d.findGroup(ctx, idp, id)
	if err != nil {
		return nil, err
	}
	return d.answerGroup(ctx, idp, g.document, http.StatusOK, shows, r.Header.Get("If-None-Match"))
}

// answerGroup is the group as the answer to a request, or that it has not changed since the version that is known.
func (d *door) answerGroup(ctx context.Context, idp *caller, document *directory.Document, status int, shows scim.Projection, known string) (*reply, error) {
	sent, err := resourceOf(ofGroups(), document)
	if err != nil {
		return nil, err
	}
	tag, err := d.groupVersion(ctx, idp, document)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"ETag": tag}
	if scim.NotModified(known, tag) {
		return &reply{status: http.StatusNotModified, headers: headers}, nil
	}
	o := &one{document: document, sent: sent}
	if err := d.completeGroups(ctx, idp, []*one{o}, shows); err != nil {
		return nil, err
	}
	if status == http.StatusCreated {
		headers["Location"] = scim.Location(idp.base, scim.Group, document.ID)
	}
	return &reply{status: status, body: shows.Apply(o.Resource), headers: headers}, nil
}

// groupVersion is the entity tag of a group: it is another one with each change of what was sent and of the members.
func (d *door) groupVersion(ctx context.Context, idp *caller, document *directory.Document) (string, error) {
	tally, err := directory.ReadTally(ctx, d.Table, idp.Root, document.ID)
	return scim.Version(document.Version + tally.Changes), err
}

// createGroup answers POST of a group, who is in it already included.
func (d *door) createGroup(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	shows, err := ofGroups().projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := readEdit(ctx, r, ofGroups(), scim.ReadCreate)
	if err != nil {
		return nil, err
	}
	changes, err := edit.Apply(nil)
	if err != nil {
		return nil, err
	}
	sent, err := kept(changes.After)
	if err != nil {
		return nil, err
	}
	c := &gathering{door: d, idp: idp, by: requestOf(ctx, idp)}
	err = c.commit(ctx, func(tx *table.Tx) error {
		c.group = directory.NewDocument(directory.OfGroup, idp.Root, idp.ID, newID(ctx, id.Group), sent, d.Clock())
		c.group.Name = groupName(changes.After)
		if c.mappings, err = directory.ReadMappings(ctx, d.Table, idp.Root); err != nil {
			return err
		}
		c.group.Create(tx, ofGroups().foundBy(changes.After), groupNameTaken(), unauthorized())
		d.Trail.Write(tx, d.groupEvent(ctx, idp, "group.created", c.group))
		return c.take(ctx, tx, changes.Members)
	})
	if err != nil {
		return nil, err
	}
	return d.answerGroup(ctx, idp, c.group, http.StatusCreated, shows, "")
}

// changeGroup answers PUT and PATCH of a group. What changes nothing writes nothing. A PATCH is answered without the group, unless it is asked
// for: the members may be very many.
func (d *door) changeGroup(ctx context.Context, idp *caller, r *http.Request, id string, reader func(*scim.ResourceType, []byte) (*scim.Edit, error)) (*reply, error) {
	shows, err := ofGroups().projection(r)
	if err != nil {
		return nil, err
	}
	edit, err := readEdit(ctx, r, ofGroups(), reader)
	if err != nil {
		return nil, err
	}
	answers := r.Method != http.MethodPatch || shows.Given
	c := &gathering{door: d, idp: idp, by: requestOf(ctx, idp)}
	err = c.commit(ctx, func(tx *table.Tx) error {
		g, err := d.findGroup(ctx, idp, id)
		if err != nil {
			return err
		}
		c.group, c.mappings = g.document, g.mappings
		if g.intent.ID != "" {
			return d.settler.Await(ctx, &g.intent)
		}
		if err := d.checkMatch(ctx, idp, g.document, r.Header.Get("If-Match")); err != nil {
			return err
		}
		if answers && shows.Wants("members") { // what could not be answered is not done
			if err := d.answerable(ctx, idp, id); err != nil {
				return err
			}
		}
		return c.edit(ctx, tx, g, edit)
	})
	if err != nil {
		return nil, err
	}
	if !answers {
		return &reply{status: http.StatusNoContent}, nil
	}
	return d.answerGroup(ctx, idp, c.group, http.StatusOK, shows, "")
}

// edit has the change of the group, and of who is in it, be what was sent.
func (c *gathering) edit(ctx context.Context, tx *table.Tx, g *circle, sent *scim.Edit) error {
	changes, err := sent.Apply(g.sent)
	if err != nil {
		return err
	}
	if err := c.describeGroup(ctx, tx, c.idp, g, changes); err != nil {
		return err
	}
	if err := c.take(ctx, tx, changes.Members); err != nil || !c.intended {
		return err
	}
	tx.Require(g.document.Key(), expression.AttributeExists(expression.Name("pk")), errGroupGone) // which nothing else of an intent asks
	return nil
}

// checkMatch judges If-Match.
func (d *door) checkMatch(ctx context.Context, idp *caller, group *directory.Document, header string) error {
	if header == "" {
		return nil
	}
	tag, err := d.groupVersion(ctx, idp, group)
	if err != nil {
		return err
	}
	return scim.CheckMatch(header, tag)
}

// describeGroup has the change keep what was sent of the group beside its members, where that is something new.
func (d *door) describeGroup(ctx context.Context, tx *table.Tx, idp *caller, g *circle, changes *scim.Changes) error {
	if len(changes.Attributes) == 0 {
		return nil
	}
	sent, err := kept(changes.After)
	if err != nil {
		return err
	}
	event := d.groupEvent(ctx, idp, "group.edited", g.document)
	event.Before = event.After
	g.document.Name = groupName(changes.After)
	g.document.Edit(tx, sent, ofGroups().foundBy(g.sent), ofGroups().foundBy(changes.After), groupNameTaken(), d.Clock())
	event.After = groupRecorded(g.document)
	d.Trail.Write(tx, event)
	return nil
}
