package directory

import (
	"context"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// Kind is what a document is of.
type Kind string

// The kinds.
const (
	OfUser  Kind = "USER"
	OfGroup Kind = "GROUP"
)

// Document is what the IdP of a connection sent of a user or a group, as it is answered to it. What follows from it stands in the
// user.
type Document struct {
	Connection string `dynamodbav:"connection"`
	Root       string `dynamodbav:"root"` // the connection's tree
	ID         string `dynamodbav:"id"`   // of the user or the group
	Kind       Kind   `dynamodbav:"kind"`
	Name       string `dynamodbav:"name,omitempty"` // of a group, as it was sent
	Sent       []byte `dynamodbav:"sent"`           // JSON
	Version    int    `dynamodbav:"version"`        // grows with every change, and is what an ETag is made of
	CreatedAt  string `dynamodbav:"createdAt"`
	ModifiedAt string `dynamodbav:"modifiedAt"`
	Place      string `dynamodbav:"place"` // in the order in which they came
}

// Found is what a document is found by, each value in the form in which it compares.
type Found struct {
	Name    string // which is unique among those of its kind
	Lookups []Lookup
}

// Lookup is the value of an attribute that is asked for.
type Lookup struct{ Attribute, Value string }

// reference says which resource it is, where something else names it.
type reference struct {
	ID        string `dynamodbav:"id"`
	ExpiresAt int64  `dynamodbav:"expiresAt,omitempty"`
}

// NewDocument is a document that is to be created.
func NewDocument(kind Kind, root, connection, id string, sent []byte, now time.Time) *Document {
	at := clock.Format(now)
	return &Document{Connection: connection, Root: root, ID: id, Kind: kind, Sent: sent, Version: 1, CreatedAt: at, ModifiedAt: at, Place: ulid.Make().String()}
}

// Key is where it is stored.
func (d *Document) Key() table.Key { return table.DocumentKey(d.Connection, d.ID) }

// Create puts a new document into the change. taken is the error where another one of its kind has the name, off where SCIM was switched
// off meanwhile (Seal).
func (d *Document) Create(tx *table.Tx, by Found, taken, off error) {
	tx.Create(d.Key(), d, table.ErrChanged)
	tx.Put(table.DirectoryPlaceKey(d.Connection, string(d.Kind), d.Place), reference{ID: d.ID})
	tx.Create(d.name(by), reference{ID: d.ID}, taken)
	for _, one := range by.Lookups {
		tx.Put(d.lookup(one), reference{ID: d.ID})
	}
	tx.Count(d.Root, table.DirectoryCount(d.Connection, string(d.Kind)), +1, off)
}

// Edit has the change give the document what was sent now, and the name that it has; was and by are what it was and is found by. The commit fails with
// table.ErrChanged where the document is not as it was read, and with taken where another one has the name.
func (d *Document) Edit(tx *table.Tx, sent []byte, was, by Found, taken error, now time.Time) {
	d.Sent, d.ModifiedAt = sent, clock.Format(now)
	edit := table.Edit(d.Key(), d.Version).Set("sent", sent).Set("modifiedAt", d.ModifiedAt)
	if d.Name != "" {
		edit.Set("name", d.Name)
	}
	tx.Update(edit)
	d.Version++
	if was.Name != by.Name {
		tx.Delete(d.name(was), 0)
		tx.Create(d.name(by), reference{ID: d.ID}, taken)
	}
	for _, one := range was.Lookups {
		if !slices.Contains(by.Lookups, one) {
			tx.Delete(d.lookup(one), 0)
		}
	}
	for _, one := range by.Lookups {
		if !slices.Contains(was.Lookups, one) {
			tx.Put(d.lookup(one), reference{ID: d.ID})
		}
	}
}

// Delete has the change delete the document, as it was read, with what it was found by. off is as in Create.
func (d *Document) Delete(tx *table.Tx, was Found, off error) {
	tx.Delete(d.Key(), d.Version)
	tx.Delete(table.DirectoryPlaceKey(d.Connection, string(d.Kind), d.Place), 0)
	tx.Delete(d.name(was), 0)
	for _, one := range was.Lookups {
		tx.Delete(d.lookup(one), 0)
	}
	tx.Count(d.Root, table.DirectoryCount(d.Connection, string(d.Kind)), -1, off)
}

func (d *Document) name(by Found) table.Key {
	return table.DirectoryNameKey(d.Connection, string(d.Kind), by.Name)
}

func (d *Document) lookup(one Lookup) table.Key {
	return table.DirectoryLookupKey(d.Connection, string(d.Kind)+"."+one.Attribute, one.Value, d.ID)
}

// Read reads a document of the connection; found is false where there is none of that kind and id.
func Read(ctx context.Context, t *table.Table, kind Kind, connection, id string) (d *Document, found bool, err error) {
	d = &Document{}
	found, err = t.Get(ctx, table.DocumentKey(connection, id), d)
	return d, found && d.Kind == kind, err
}

// ReadAll reads documents by their ids, those that are there.
func ReadAll(ctx context.Context, t *table.Table, connection string, ids []string) ([]*Document, error) {
	all, wants := make([]*Document, len(ids)), make([]*table.Wanted, len(ids))
	for i, id := range ids {
		all[i] = &Document{}
		wants[i] = table.Want(table.DocumentKey(connection, id), all[i])
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d *Document) bool { return d.ID == "" }), nil
}
