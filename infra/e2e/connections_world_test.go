package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// aCertificate is what these tests read of a certificate.
type aCertificate struct {
	ID, NotAfter, Source, LastUsedAt string
	InUse                            bool
}

// someValues are the values of an IdP.
type someValues struct {
	EntityID, SSOURL, SSOPostURL string
	SignRequests                 bool
	Certificates                 []aCertificate
	Attributes                   map[string][]string
}

// aConnection is what these tests read of a connection.
type aConnection struct {
	ID, Name, Provider, Status, JustInTime, OnExpiredCertificate string
	SP                                                           struct {
		EntityID, ACSURL, MetadataURL, LoginURL string
		Forms                                   []struct {
			Title  string
			Fields []struct{ Section, Name, Value, Note string }
		}
	}
	IDP struct {
		someValues
		MetadataURL, MetadataReadAt, MetadataProblem string
	}
	Attributes map[string][]string
	Domains    []struct {
		Name, Status, LeadsTo string
		Leads                 bool
	}
	SSORequired  bool
	IDPInitiated bool
	Pending      *someValues
	Missing      []string
	Test         *struct {
		ID      string
		Current bool
	}
	Administrators []struct {
		UserID, Email, ConnectionID string
		Ways                        []string
	}
	Notes []string
}

func connectionsOf(org string) string { return "/v1/organizations/" + org + "/sso-connections" }

func connectionPath(org, id string) string { return connectionsOf(org) + "/" + id }

// begin begins a connection of the organization, by the tree's administrator.
func (tree *Tree) begin(t testing.TB, org, provider string) aConnection {
	t.Helper()
	var c aConnection
	tree.Admin.DoWithKey(t, "POST", connectionsOf(org), map[string]string{"name": "SSO " + unique(), "provider": provider}).Expect(t, 201).JSON(t, &c)
	return c
}

// pem is the certificate of an IdP of the tests.
func pem(t testing.TB, name string) string {
	t.Helper()
	parsed, err := samlsp.ParseCertificates([]byte(samlsptest.Key(name).Base64()))
	if err != nil {
		t.Fatal(err)
	}
	return parsed[0].PEM()
}

// fingerprint is its SHA-256.
func fingerprint(t testing.TB, name string) string {
	t.Helper()
	parsed, err := samlsp.ParseCertificates([]byte(samlsptest.Key(name).Base64()))
	if err != nil {
		t.Fatal(err)
	}
	return parsed[0].Fingerprint
}

// complete enters the IdP's values and the domains.
func (tree *Tree) complete(t testing.TB, org string, c aConnection, domains ...string) aConnection {
	t.Helper()
	tree.Admin.DoWithKey(t, "POST", connectionPath(org, c.ID)+"/certificates", map[string]string{"certificate": pem(t, "idp")}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(org, c.ID), map[string]any{"domains": domains,
		"idp": map[string]string{"entityId": "https://idp.example/" + c.ID, "ssoUrl": "https://idp.example/sso"}}).Expect(t, 200).JSON(t, &c)
	return c
}

// tested has a test pass with the settings that wait for one, or those there are.
func (tree *Tree) tested(t testing.TB, org string, c aConnection) aConnection {
	t.Helper()
	o, stored := rawTable(t), storedConnection(t, c.ID)
	passed, err := attributevalue.Marshal(connection.Passed{Test: "tst_1", At: clock.Format(time.Now()), Fingerprint: stored.Testing().Fingerprint(),
		Certificate: stored.Testing().Certificates[0].SHA256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &o.name, Key: connectionItem(c.ID), UpdateExpression: aws.String("SET passed = :p"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": passed}}); err != nil {
		t.Fatal(err)
	}
	return tree.connection(t, org, c)
}

func connectionItem(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "CONNECTION#" + id}, "sk": &types.AttributeValueMemberS{Value: "CONNECTION"}}
}

// storedConnection is a connection as the table has it.
func storedConnection(t testing.TB, id string) connection.Connection {
	t.Helper()
	var c connection.Connection
	o := rawTable(t)
	out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &o.name, ConsistentRead: aws.Bool(true), Key: connectionItem(id)})
	if err != nil || attributevalue.UnmarshalMap(out.Item, &c) != nil {
		t.Fatalf("the connection %s: %v", id, err)
	}
	return c
}

// connection is a connection as it is now.
func (tree *Tree) connection(t testing.TB, org string, c aConnection) aConnection {
	t.Helper()
	var now aConnection
	tree.Admin.DoWithKey(t, "GET", connectionPath(org, c.ID), nil).Expect(t, 200).JSON(t, &now)
	return now
}

// ready makes a connection of which a test has passed, for the domains.
func (tree *Tree) ready(t testing.TB, org string, domains ...string) aConnection {
	t.Helper()
	return tree.tested(t, org, tree.complete(t, org, tree.begin(t, org, "okta"), domains...))
}

// active makes a connection that is active, for a domain of its own where none is given.
func (tree *Tree) active(t testing.TB, org string, domains ...string) aConnection {
	t.Helper()
	if len(domains) == 0 {
		domains = []string{tree.verified(t, org, someDomain()).Name}
	}
	c := tree.ready(t, org, domains...)
	var now aConnection
	tree.Admin.DoWithKey(t, "POST", connectionPath(org, c.ID)+"/activate", nil).Expect(t, 200).JSON(t, &now)
	return now
}

// demoDirectory makes a directory of the stack's demonstration IdP, and gives where its metadata is.
func demoDirectory(t testing.TB) (name, metadataURL string) {
	t.Helper()
	name = "d" + unique()
	var made struct{ MetadataURL string }
	stack.Local(t, "PUT", "idp/"+name, map[string]any{"people": []any{}}).JSON(t, &made)
	return name, made.MetadataURL
}

// samlsptestMetadata is the metadata of an IdP whose certificate is that of the key idp.
func samlsptestMetadata(entityID string) []byte {
	return fmt.Appendf(nil, `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID=%q><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`+
		`<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`+
		`<SingleSignOnService Binding=%q Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>`, entityID, samlsptest.Key("idp").Base64(), samlsp.BindingRedirect)
}

// connectionAttribute reads an attribute of a connection.
func connectionAttribute(id, name string) func(testing.TB) string {
	return attribute("CONNECTION#"+id, "CONNECTION", name)
}

var connectionChanges = map[string]func(testing.TB, *Tree) situation{
	"create-connection": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		n := listed(1, "CONNECTIONS#"+tree.Org, sub+"#")
		return byKey(tree.Admin, "POST", connectionsOf(sub), map[string]string{"name": "SSO", "provider": "entra"}, exactly(1, n), exactly(0, n))
	},
	"edit-connection": func(t testing.TB, tree *Tree) situation {
		c, name := tree.begin(t, newSub(t, tree), "okta"), "Renamed "+unique()
		of := storedConnection(t, c.ID)
		was := connectionAttribute(c.ID, "name")
		return byKey(tree.Admin, "PATCH", connectionPath(of.Organization, c.ID), map[string]string{"name": name}, is(was, name), is(was, was(t)))
	},
	"delete-connection": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.active(t, sub)
		is := there("CONNECTION#"+c.ID, "CONNECTION")
		return byKey(tree.Admin, "DELETE", connectionPath(sub, c.ID)+"?confirm=0", nil, not(is), is)
	},
	"take-connection-metadata": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c, entity := tree.begin(t, sub, "custom"), "https://idp.example/"+unique()
		took := func(t testing.TB) bool { return storedConnection(t, c.ID).Settings.EntityID == entity }
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/idp-metadata", map[string]string{"xml": string(samlsptestMetadata(entity))}, took, not(took))
	},
	"add-connection-certificate": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.active(t, sub)
		two := func(t testing.TB) bool { return len(storedConnection(t, c.ID).Settings.Certificates) == 2 }
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/certificates", map[string]string{"certificate": pem(t, "other")}, two, not(two))
	},
	"remove-connection-certificate": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.ready(t, sub)
		none := func(t testing.TB) bool { return len(storedConnection(t, c.ID).Settings.Certificates) == 0 }
		return byKey(tree.Admin, "DELETE", connectionPath(sub, c.ID)+"/certificates/"+fingerprint(t, "idp"), nil, none, not(none))
	},
	"discard-connection-pending": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.active(t, sub)
		tree.Admin.DoWithKey(t, "PATCH", connectionPath(sub, c.ID), map[string]any{"idp": map[string]string{"ssoUrl": "https://idp.example/new"}}).Expect(t, 200)
		waits := func(t testing.TB) bool { return storedConnection(t, c.ID).Pending != nil }
		return byKey(tree.Admin, "DELETE", connectionPath(sub, c.ID)+"/pending", nil, not(waits), waits)
	},
	"activate-connection": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.ready(t, sub, tree.verified(t, sub, someDomain()).Name)
		active := is(connectionAttribute(c.ID, "active"), "true")
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/activate", nil, active, not(active))
	},
	"deactivate-connection": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.active(t, sub)
		active := is(connectionAttribute(c.ID, "active"), "true")
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/deactivate?confirm=0", nil, not(active), active)
	},
}

// wizards are the placeholders of sample events about connections.
func wizards(tree *Tree) map[string]func(testing.TB) string {
	pending := func(t testing.TB) string {
		c := tree.active(t, tree.Org)
		tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"idp": map[string]string{"ssoUrl": "https://idp.example/new"}}).Expect(t, 200)
		return c.ID
	}
	made := map[string]func(testing.TB) string{
		"draftConnection": func(t testing.TB) string { return tree.begin(t, tree.Org, "entra").ID },
		"testedConnection": func(t testing.TB) string {
			return tree.ready(t, tree.Org, tree.verified(t, tree.Org, someDomain()).Name).ID
		},
		"activeConnection":  func(t testing.TB) string { return tree.active(t, tree.Org).ID },
		"pendingConnection": pending,
	}
	for name, make := range made { // of which an organization has 20 at most
		made[name] = func(t testing.TB) string {
			tree.sweepConnections(t)
			return make(t)
		}
	}
	made["idpCertificate"] = func(t testing.TB) string { return fingerprint(t, "idp") }
	made["idpCertificatePem"] = func(t testing.TB) string { return samlsptest.Key("other").Base64() }
	made["idpMetadataUrl"] = func(t testing.TB) string { _, at := demoDirectory(t); return at }
	return made
}

// sweepConnections removes the connections of the main organization where they are many, but for those that were made last.
func (tree *Tree) sweepConnections(t testing.TB) {
	t.Helper()
	var page struct{ Items []aConnection }
	tree.Admin.DoWithKey(t, "GET", connectionsOf(tree.Org)+"?limit=100", nil).Expect(t, 200).JSON(t, &page)
	if len(page.Items) < 12 {
		return
	}
	for _, c := range page.Items[:len(page.Items)-4] {
		if answer := tree.Admin.DoWithKey(t, "DELETE", connectionPath(tree.Org, c.ID)+"?confirm=0", nil); answer.Status != 204 && answer.Status != 404 && answer.Status != 409 {
			answer.Expect(t, 204)
		}
	}
}
