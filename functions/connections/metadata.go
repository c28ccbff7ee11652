package main

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// Bounds of reading metadata on demand: each reading is a request to somebody else's server.
const (
	readWindow = 10 * time.Minute
	readsOfOne = 20
	readsOfAll = 200 // of a tree
)

// IDPMetadata is where the IdP's metadata is, or what it is.
type IDPMetadata struct {
	URL      string `json:"url,omitempty" maxLength:"2048" doc:"Its address, https; it is read again every day"`
	XML      string `json:"xml,omitempty" maxLength:"1048576" doc:"Its text"`
	EntityID string `json:"entityId,omitempty" maxLength:"1024" doc:"Which IdP is meant, where the metadata has several"`
}

// MetadataInput is the input of POST /v1/organizations/{org}/sso-connections/{connection}/idp-metadata.
type MetadataInput struct {
	ChangeInput
	Body IDPMetadata
}

// takeMetadata answers POST /v1/organizations/{org}/sso-connections/{connection}/idp-metadata (SSO-2).
func (f *connections) takeMetadata(ctx context.Context, c *access.Caller, in *MetadataInput, tx *table.Tx) (*Shown, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	m, err := f.metadata(ctx, of, &in.Body)
	if err != nil {
		return nil, err
	}
	reach, err := connection.ReadReach(ctx, f.Table, of)
	if err != nil {
		return nil, err
	}
	act := f.act(c)
	after := *of
	added, notes := after.TakeMetadata(m, act.At)
	after.MetadataURL, after.MetadataAt, after.MetadataSaw = in.Body.URL, "", ""
	if in.Body.URL != "" {
		after.MetadataAt = clock.Format(act.At)
	}
	err = f.registry.Edit(tx, of, reach, act, func(to *connection.Connection) {
		take(to, &after)
		to.MetadataAt, to.MetadataSaw = after.MetadataAt, after.MetadataSaw
	})
	if err != nil {
		return nil, err
	}
	f.registry.TellAdded(tx, of, added, act)
	shown, err := f.show(ctx, c, of)
	if err != nil {
		return nil, err
	}
	shown.Body.Notes = notes
	return shown, nil
}

// metadata reads the metadata that is meant.
func (f *connections) metadata(ctx context.Context, of *connection.Connection, in *IDPMetadata) (*samlsp.Metadata, error) {
	if (in.URL == "") == (in.XML == "") {
		return nil, problem.Invalid("body", "must have a url or an xml, and not both", nil)
	}
	if in.XML != "" {
		m, err := samlsp.ParseMetadata([]byte(in.XML), in.EntityID, f.Clock())
		if unreadable, ok := errors.AsType[*samlsp.Unreadable](err); ok {
			return nil, unusable("body.xml", unreadable.Sentence)
		}
		return m, err
	}
	if _, err := f.client.Check(in.URL); outgoing.As(err) != nil {
		return nil, unusable("body.url", outgoing.As(err).Sentence)
	}
	if err := f.bound(ctx, of); err != nil {
		return nil, err
	}
	m, saw, err := connection.Fetch(ctx, f.client, in.URL, in.EntityID, f.Clock())
	if saw != "" {
		return nil, unusable("body.url", saw)
	}
	return m, err
}

// unusable says what is wrong with metadata, a sentence.
func unusable(location, sentence string) error {
	e := problem.New(problem.InvalidInput, "metadata-unusable", "%s", sentence)
	e.Fields = []problem.Field{{Location: location, Message: sentence}}
	return e
}

// bound refuses too many readings.
func (f *connections) bound(ctx context.Context, of *connection.Connection) error {
	if err := f.rates.Count(ctx, "read-metadata/"+of.ID, 1, readsOfOne, readWindow); err != nil {
		return err
	}
	return f.rates.Count(ctx, "read-metadata-tree/"+of.Root, 1, readsOfAll, readWindow)
}
