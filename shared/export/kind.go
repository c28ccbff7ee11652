package export

import "strings"

// kind is a kind of item that is exported: how its sort key begins, what it is called in the file, and its attributes.
type kind struct {
	prefix     string
	name       string
	attributes []string
}

// stamp is who made and changed an item, and when.
var stamp = []string{"createdAt", "createdBy", "updatedAt", "updatedBy"}

// kinds are all kinds of items that are exported. What is not here is not exported: addresses, claims and lists only repeat
// what an item says; credentials, sessions and links are secrets; timers and jobs are the product's own.
var kinds = []kind{
	{"ORG", "organization", with("id", "type", "root", "name", "email", "language", "country", "sector", "description", "partner", "partnerAccess")},
	{"ROLE#", "role", with("id", "organization", "name", "builtIn", "portal", "workspaces", "analyzer")},
	{"DOMAIN#", "domain", with("id", "organization", "name", "verified", "verifiedAt", "lastCheck")},
	{"BRANDING", "branding", with("organization", "palette", "logo", "cover")},
	{"USER#", "user", with("id", "organization", "role", "portal", "name", "email", "department", "language", "status")},
	{"KEY#", "api-key", with("id", "organization", "name", "role", "portal", "delicate", "hint", "maker", "lastUsedAt", "lastUsedFrom", "endsAt")},
	{"evt_", "audit-event", []string{"id", "at", "action", "organization", "actor", "across", "target", "before", "after", "count", "address"}},
}

func with(attributes ...string) []string { return append(attributes, stamp...) }

// kindOf is the kind of an item by its sort key; found is false for what is not exported.
func kindOf(sk string) (of kind, found bool) {
	for _, one := range kinds {
		many := strings.HasSuffix(one.prefix, "#") || strings.HasSuffix(one.prefix, "_")
		if sk == one.prefix || many && strings.HasPrefix(sk, one.prefix) {
			return one, true
		}
	}
	return kind{}, false
}

// line is the item as the file shows it, nil for what is not exported.
func line(item map[string]any) map[string]any {
	sk, _ := item["sk"].(string)
	of, found := kindOf(sk)
	if !found {
		return nil
	}
	shown := map[string]any{"kind": of.name}
	for _, name := range of.attributes {
		if value, there := item[name]; there {
			shown[name] = value
		}
	}
	return shown
}
