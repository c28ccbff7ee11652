package scim

import "slices"

// Type is the data type of an attribute (RFC 7643 section 2.3), those that our schemas have.
type Type string

// The types.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	DateTime  Type = "dateTime"
	Reference Type = "reference"
	Binary    Type = "binary"
	Complex   Type = "complex"
)

// Words of a schema about an attribute (RFC 7643 section 7). Empty is the first of each.
const (
	readWrite = "readWrite"
	readOnly  = "readOnly"
	immutable = "immutable"
	writeOnly = "writeOnly"

	byDefault = "default"
	always    = "always"
	never     = "never"
)

// Attribute is a row of a schema. The same rows read requests, judge paths and filters, and answer /Schemas.
type Attribute struct {
	Name        string
	Type        Type // empty is String
	Multi       bool // holds several values
	Required    bool
	CaseExact   bool // compared letter for letter, else folded (Fold)
	Mutability  string
	Returned    string
	Uniqueness  string
	Description string
	Canonical   []string // values that are usual, others are taken
	References  []string // with Reference: what it points to
	Sub         []*Attribute
	// Apart marks members: they are never part of a resource that is read to be changed, only added and removed one by one.
	Apart bool
}

// kind is the type, with its default.
func (a *Attribute) kind() Type {
	if a.Type == "" {
		return String
	}
	return a.Type
}

// sub gives a sub-attribute by its name in any casing, nil where there is none.
func (a *Attribute) sub(name string) *Attribute { return named(a.Sub, name) }

// valued tells whether the values of a complex attribute are known by their "value", as all but addresses and name.
func (a *Attribute) valued() bool { return a.sub("value") != nil }

func named(all []*Attribute, name string) *Attribute {
	folded := lower(name)
	for _, a := range all {
		if lower(a.Name) == folded {
			return a
		}
	}
	return nil
}

// Schema is a set of attributes with a URN.
type Schema struct {
	URN         string
	Name        string
	Description string
	Attributes  []*Attribute
}

// ResourceType is what lives at an endpoint: User or Group.
type ResourceType struct {
	Name        string
	Endpoint    string
	Description string
	Schema      *Schema
	Extensions  []*Schema
	largest     int // bytes of a request
	operations  int // of one patch
}

// attribute finds an attribute of the core schema or one that all resources have.
func (t *ResourceType) attribute(name string) *Attribute {
	if a := named(t.Schema.Attributes, name); a != nil {
		return a
	}
	return named(common, name)
}

// extension finds an extension by its URN.
func (t *ResourceType) extension(urn string) *Schema {
	i := slices.IndexFunc(t.Extensions, func(s *Schema) bool { return lower(s.URN) == lower(urn) })
	if i < 0 {
		return nil
	}
	return t.Extensions[i]
}

// common are the attributes of every resource (RFC 7643 section 3.1).
var common = []*Attribute{
	{Name: "schemas", Type: Reference, Multi: true, Required: true, CaseExact: true, Mutability: readOnly, Returned: always},
	{Name: "id", CaseExact: true, Mutability: readOnly, Returned: always, Uniqueness: "server"},
	{Name: "externalId", CaseExact: true},
	{Name: "meta", Type: Complex, Mutability: readOnly, Sub: []*Attribute{
		{Name: "resourceType", CaseExact: true, Mutability: readOnly},
		{Name: "created", Type: DateTime, Mutability: readOnly},
		{Name: "lastModified", Type: DateTime, Mutability: readOnly},
		{Name: "location", Type: Reference, CaseExact: true, Mutability: readOnly},
		{Name: "version", CaseExact: true, Mutability: readOnly},
	}},
}
