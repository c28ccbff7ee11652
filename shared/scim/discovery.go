package scim

import "time"

// The URNs of what describes a server.
const (
	configURN       = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	schemaURN       = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	resourceTypeURN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
)

// Features is what a server does beyond what this package does by itself: what it advertises is what it does.
type Features struct {
	Sort           bool
	BulkOperations int           // of one request at most; 0 is no bulk
	CursorTimeout  time.Duration // 0 is no paging by cursor
	Documentation  string        // address of the documentation; empty is none
}

// ServiceProviderConfig tells what the server does (RFC 7643 section 5, RFC 9865 section 4). Nothing in it is null, and bulk has its numbers
// also where there is none: clients take the whole for broken otherwise.
func ServiceProviderConfig(base string, f Features) Object {
	supported := func(is bool) Object { return Object{"supported": is} }
	pagination := Object{
		"cursor": f.CursorTimeout > 0, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": DefaultPage, "maxPageSize": LargestPage,
	}
	if f.CursorTimeout > 0 {
		pagination["cursorTimeout"] = int(f.CursorTimeout / time.Second)
	}
	config := Object{
		"schemas": []any{configURN},
		"patch":   supported(true), "changePassword": supported(false), "sort": supported(f.Sort), "etag": supported(true),
		"bulk":       Object{"supported": f.BulkOperations > 0, "maxOperations": f.BulkOperations, "maxPayloadSize": payload(f)},
		"filter":     Object{"supported": true, "maxResults": LargestPage},
		"pagination": pagination,
		"authenticationSchemes": []any{Object{
			"type": "oauthbearertoken", "name": "Bearer token", "primary": true, "specUri": "https://www.rfc-editor.org/info/rfc6750",
			"description": "A token of the connection, in the header Authorization: Bearer",
		}},
		"meta": Object{"resourceType": "ServiceProviderConfig", "location": base + "/ServiceProviderConfig"},
	}
	if f.Documentation != "" {
		config["documentationUri"] = f.Documentation
	}
	return config
}

func payload(f Features) int {
	if f.BulkOperations == 0 {
		return 0
	}
	return LargestBody
}

// ResourceTypes describes the resource types, each as /ResourceTypes/{name} answers.
func ResourceTypes(base string) []Object {
	var all []Object
	for _, t := range []*ResourceType{User, Group} {
		described := Object{
			"schemas": []any{resourceTypeURN}, "id": t.Name, "name": t.Name, "endpoint": t.Endpoint, "description": t.Description,
			"schema": t.Schema.URN, "meta": Object{"resourceType": "ResourceType", "location": base + "/ResourceTypes/" + t.Name},
		}
		var extensions []any
		for _, s := range t.Extensions {
			extensions = append(extensions, Object{"schema": s.URN, "required": false})
		}
		if extensions != nil {
			described["schemaExtensions"] = extensions
		}
		all = append(all, described)
	}
	return all
}

// Schemas describes the schemas, each as /Schemas/{urn} answers.
func Schemas(base string) []Object {
	var all []Object
	for _, t := range []*ResourceType{User, Group} {
		for _, s := range append([]*Schema{t.Schema}, t.Extensions...) {
			all = append(all, Object{
				"schemas": []any{schemaURN}, "id": s.URN, "name": s.Name, "description": s.Description, "attributes": rows(s.Attributes),
				"meta": Object{"resourceType": "Schema", "location": base + "/Schemas/" + s.URN},
			})
		}
	}
	return all
}

// rows describes attributes (RFC 7643 section 7).
func rows(attributes []*Attribute) []any {
	var all []any
	for _, a := range attributes {
		row := Object{
			"name": a.Name, "type": string(a.kind()), "multiValued": a.Multi, "description": a.Description, "required": a.Required, "caseExact": a.CaseExact,
			"mutability": word(a.Mutability, readWrite), "returned": word(a.Returned, byDefault), "uniqueness": word(a.Uniqueness, "none"),
		}
		if len(a.Canonical) > 0 {
			row["canonicalValues"] = a.Canonical
		}
		if len(a.References) > 0 {
			row["referenceTypes"] = a.References
		}
		if len(a.Sub) > 0 {
			row["subAttributes"] = rows(a.Sub)
		}
		all = append(all, row)
	}
	return all
}

func word(word, usual string) string {
	if word == "" {
		return usual
	}
	return word
}

// Described finds what /Schemas/{urn} or /ResourceTypes/{name} asks for, nil where it is not there; a URN in any casing.
func Described(all []Object, id string) Object {
	for _, one := range all {
		if known, ok := one["id"].(string); ok && lower(known) == lower(id) {
			return one
		}
	}
	return nil
}
