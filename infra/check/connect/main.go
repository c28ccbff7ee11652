// Command connect writes an active SSO connection into the table of a local stack, with what an IdP's metadata says, and prints its id:
// for checks that are about signing in. It knows the table's items, as the end-to-end tests do, and refuses nothing.
//
//	go run ./infra/check/connect http://localhost:8080 org_... acme.example http://127.0.0.1:8081/acme/metadata
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: connect <stack> <main organization> <verified domain> <metadata URL>")
		os.Exit(2)
	}
	id, err := connect(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Fprintln(os.Stderr, "connect:", err)
		os.Exit(1)
	}
	fmt.Print(id)
}

func connect(ctx context.Context, stack, org, domain, metadataURL string) (id string, err error) {
	text, err := get(metadataURL)
	if err != nil {
		return "", err
	}
	now := time.Now()
	metadata, err := samlsp.ParseMetadata(text, "", now)
	if err != nil {
		return "", err
	}
	t, err := openTable(stack)
	if err != nil {
		return "", err
	}
	c := connection.New(org, org, "Written by a check", connection.Custom, stack, audit.Made(audit.System("check"), clock.Format(now)))
	c.Settings.EntityID, c.Settings.SignOn, c.Settings.SignRequests = metadata.EntityID, metadata.SignOn, metadata.SignRequests
	for _, one := range metadata.Certificates {
		c.Settings.Certificates = append(c.Settings.Certificates, connection.NewCertificate(one, connection.ByHand, clock.Format(now)))
	}
	c.Active, c.ActivatedAt, c.Domains, c.Leads = true, clock.Format(now), []string{domain}, []string{domain}
	return c.ID, errors.Join(t.put(ctx, c), t.lead(ctx, c, "DOMAIN#"+domain, "CLAIM"), t.lead(ctx, c, "TREE#"+org, "DOMAIN#"+domain))
}

func get(address string) ([]byte, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// aTable is the stack's, with a client that may do everything.
type aTable struct {
	client *dynamodb.Client
	name   string
}

func openTable(stack string) (*aTable, error) {
	text, err := get(stack + "/_local/owner")
	if err != nil {
		return nil, err
	}
	var owner struct{ Endpoint, AccessKeyID, SecretAccessKey, Table string }
	if err := json.Unmarshal(text, &owner); err != nil {
		return nil, err
	}
	return &aTable{dynamodb.New(dynamodb.Options{BaseEndpoint: &owner.Endpoint, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(owner.AccessKeyID, owner.SecretAccessKey, "")}), owner.Table}, nil
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

// put writes the connection.
func (t *aTable) put(ctx context.Context, c *connection.Connection) error {
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		return err
	}
	item["pk"], item["sk"], item["gsi1pk"], item["gsi1sk"] = text("CONNECTION#"+c.ID), text("CONNECTION"), text("CONNECTIONS#"+c.Root), text(c.Organization+"#"+c.ID)
	_, err = t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.name, Item: item})
	return err
}

// lead has an item of a domain lead to the connection.
func (t *aTable) lead(ctx context.Context, c *connection.Connection, pk, sk string) error {
	_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &t.name, Key: map[string]types.AttributeValue{"pk": text(pk), "sk": text(sk)},
		UpdateExpression: aws.String("SET #connection = :id, ssoRequired = :required"), ExpressionAttributeNames: map[string]string{"#connection": "connection"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": text(c.ID), ":required": &types.AttributeValueMemberBOOL{Value: c.SSORequired}}})
	return err
}
