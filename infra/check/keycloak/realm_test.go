package keycloak

import "testing"

// realm is a realm of Keycloak: one customer's IdP.
type realm struct {
	*keycloak
	name string
	id   string
}

// password is everybody's in a realm.
const password = "seven-quiet-violins"

// newRealm makes a realm with people, each by user name and address.
func newRealm(t testing.TB, k *keycloak, name string, people ...string) *realm {
	t.Helper()
	users := []map[string]any{}
	for _, email := range people {
		users = append(users, map[string]any{"username": email, "email": email, "emailVerified": true, "enabled": true, "firstName": "Carla", "lastName": "Osorio",
			"credentials": []map[string]any{{"type": "password", "value": password, "temporary": false}}})
	}
	k.do(t, "POST", "", map[string]any{"realm": name, "enabled": true, "sslRequired": "none", "users": users}, nil)
	var made struct{ ID string }
	k.do(t, "GET", "/"+name, nil, &made)
	return &realm{k, name, made.ID}
}

// metadataURL is where the realm's metadata is.
func (r *realm) metadataURL() string {
	return r.url + "/realms/" + r.name + "/protocol/saml/descriptor"
}

// register makes a client of a service provider's metadata, as Keycloak's console imports it, that sends who somebody is by attributes.
// The settings change what the import says.
func (r *realm) register(t testing.TB, metadata []byte, settings map[string]string) {
	t.Helper()
	client := map[string]any{}
	r.do(t, "POST", "/"+r.name+"/client-description-converter", metadata, &client)
	attributes, _ := client["attributes"].(map[string]any)
	if attributes == nil {
		attributes = map[string]any{}
	}
	for name, value := range settings {
		attributes[name] = value
	}
	client["attributes"], client["enabled"] = attributes, true
	client["protocolMappers"] = []map[string]any{sends("email", "email"), sends("firstName", "firstName"), sends("lastName", "lastName")}
	r.do(t, "POST", "/"+r.name+"/clients", client, nil)
}

// sends has an attribute of assertions come from a property of people.
func sends(property, attribute string) map[string]any {
	return map[string]any{"name": attribute, "protocol": "saml", "protocolMapper": "saml-user-property-mapper",
		"config": map[string]string{"user.attribute": property, "attribute.name": attribute, "attribute.nameformat": "Basic"}}
}
