package keycloak

import (
	"encoding/json"
	"maps"
	"testing"
)

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

// addKey gives the realm a further key with a priority: the highest of all signs, the others stand in the metadata. It gives the
// component, to change or remove it.
func (r *realm) addKey(t testing.TB, name, priority string) component {
	t.Helper()
	r.do(t, "POST", "/"+r.name+"/components", map[string]any{"name": name, "providerId": "rsa-generated", "providerType": keyProvider, "parentId": r.id,
		"config": map[string][]string{"priority": {priority}, "enabled": {"true"}, "active": {"true"}, "keySize": {"2048"}}}, nil)
	return r.key(t, name)
}

const keyProvider = "org.keycloak.keys.KeyProvider"

// component is a part of a realm as Keycloak has it.
type component map[string]json.RawMessage

// key finds a key of the realm by its name.
func (r *realm) key(t testing.TB, name string) component {
	t.Helper()
	var all []component
	r.do(t, "GET", "/"+r.name+"/components?type="+keyProvider+"&parent="+r.id, nil, &all)
	for _, one := range all {
		if string(one["name"]) == `"`+name+`"` {
			return one
		}
	}
	t.Fatalf("the realm has no key %s", name)
	return nil
}

// configure changes settings of a key.
func (r *realm) configure(t testing.TB, key component, settings map[string]string) {
	t.Helper()
	config := map[string][]string{}
	if err := json.Unmarshal(key["config"], &config); err != nil {
		t.Fatal(err)
	}
	for name, value := range settings {
		config[name] = []string{value}
	}
	changed := maps.Clone(key)
	encoded, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	changed["config"] = encoded
	r.do(t, "PUT", "/"+r.name+"/components/"+key.id(), changed, nil)
}

// remove takes a key away.
func (r *realm) remove(t testing.TB, key component) {
	t.Helper()
	r.do(t, "DELETE", "/"+r.name+"/components/"+key.id(), nil, nil)
}

func (c component) id() string {
	var id string
	_ = json.Unmarshal(c["id"], &id) // Keycloak's are texts
	return id
}
