package export

import (
	"slices"
	"strings"
)

// kind is a kind of item that is exported: the part of a walk that comes by it, how its sort key begins, what it is called in
// the file, and its attributes.
type kind struct {
	in         part
	prefix     string
	name       string
	attributes []string
}

// stamp is who made and changed an item, and when.
var stamp = []string{"createdAt", "createdBy", "updatedAt", "updatedBy"}

// kinds are all kinds of items that are exported. What is not here is not exported: addresses, claims, what a tree knows of
// names of domains, and lists only repeat what an item says; credentials, sessions and links are secrets; timers and jobs are
// the product's own.
var kinds = []kind{
	{organizations, "ORG", "organization", with("id", "type", "root", "name", "email", "language", "country", "sector", "description", "partner", "partnerAccess")},
	{organizations, "ROLE#", "role", with("id", "organization", "name", "builtIn", "portal", "workspaces", "analyzer")},
	{organizations, "DOMAIN#", "domain", with("id", "organization", "name", "verified", "verifiedAt", "lastCheck")},
	{organizations, "BRANDING", "branding", with("organization", "palette", "logo", "cover")},
	{connections, "CONNECTION", "sso-connection", with("id", "organization", "name", "provider", "sp", "settings", "pending", "active", "activatedAt", "ssoRequired",
		"idpInitiated", "justInTime", "onExpired", "domains", "leads", "metadataUrl", "used", "provisioning", "tokenUses")},
	{tree, "USER#", "user", with("id", "organization", "role", "portal", "name", "email", "department", "language", "status", "connection", "groups", "roleGroup")},
	{tree, "MAPPINGS", "group-mappings", []string{"list"}},
	{tree, "SYNCGUARD", "sync-confirmation", with("percent", "least")},
	{tree, "KEY#", "api-key", with("id", "organization", "name", "role", "portal", "delicate", "hint", "maker", "lastUsedAt", "lastUsedFrom", "endsAt")},
	{trail, "evt_", "audit-event", []string{"id", "at", "action", "organization", "actor", "across", "target", "before", "after", "count", "address"}},
}

func with(attributes ...string) []string { return append(attributes, stamp...) }

// many tells whether there are many items of the kind in a partition, and not one that has the prefix as its whole sort key.
func (k kind) many() bool {
	return strings.HasSuffix(k.prefix, "#") || strings.HasSuffix(k.prefix, "_")
}

// kindOf is the kind of an item that a part of a walk comes by, by its sort key; found is false for what is not exported.
func kindOf(in part, sk string) (of kind, found bool) {
	for _, one := range kinds {
		if one.in == in && (sk == one.prefix || one.many() && strings.HasPrefix(sk, one.prefix)) {
			return one, true
		}
	}
	return kind{}, false
}

// line is an item that was read at a place as the file shows it, nil for what is not exported. What is of an organization says
// of which, also where the item does not.
func line(at place, item map[string]any) map[string]any {
	sk, _ := item["sk"].(string)
	of, found := kindOf(at.Part, sk)
	if !found {
		return nil
	}
	shown := map[string]any{"kind": of.name}
	if at.Part == organizations && slices.Contains(of.attributes, "organization") {
		shown["organization"] = at.Org
	}
	for _, name := range of.attributes {
		if value, there := item[name]; there {
			shown[name] = value
		}
	}
	return shown
}
