package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tenantry/tenantry/infra/local/template"
)

// backend is the DynamoDB that keeps the data: an emulator, or AWS. Calls are signed anew with one pair of credentials,
// as DynamoDB Local keeps separate data for each access key.
type backend struct {
	url         *url.URL
	credentials aws.CredentialsProvider
	signer      *v4.Signer
	client      *http.Client
	now         func() time.Time
}

func newBackend(config Config) *backend {
	provider := config.Credentials
	if provider == nil {
		provider = credentials.NewStaticCredentialsProvider("local", "local", "")
	}
	return &backend{url: config.DynamoDB, credentials: provider, signer: v4.NewSigner(), client: keepAlive(), now: config.Now}
}

// keepAlive is a client for many calls at once to one host.
func keepAlive() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true,
	}}
}

// send makes one call of the action.
func (b *backend) send(ctx context.Context, action string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("call DynamoDB's %s: %w", action, err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	pair, err := b.credentials.Retrieve(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("find credentials for DynamoDB: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := b.signer.SignHTTP(ctx, pair, request, hex.EncodeToString(sum[:]), "dynamodb", template.Region, b.now()); err != nil {
		return answer{}, fmt.Errorf("sign a call of DynamoDB: %w", err)
	}
	return fetch(b.client, request)
}

// fetch makes the request and reads the whole answer.
func fetch(client *http.Client, request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read the answer of %s: %w", request.URL, err)
	}
	header := http.Header{}
	for _, name := range []string{"Content-Type", "X-Amzn-Requestid", "X-Amz-Crc32", "X-Amzn-Errortype"} {
		if v := response.Header.Get(name); v != "" {
			header.Set(name, v)
		}
	}
	return answer{status: response.StatusCode, header: header, body: body}, nil
}

// forward makes the call with its consumed capacity asked for, and counts it.
func (b *backend) forward(ctx context.Context, c *call) (answer, error) {
	asked := c.dynamo.input.ReturnConsumedCapacity
	wanted := asked == "TOTAL" || asked == "INDEXES"
	body := c.body
	if !wanted && reportsCapacity(c.action) {
		body = withField(body, "ReturnConsumedCapacity", "TOTAL")
	}
	a, err := b.send(ctx, c.action, body)
	if err != nil || a.status != http.StatusOK {
		return a, err
	}
	if !reportsCapacity(c.action) {
		return a, nil
	}
	return measure(c, a, wanted)
}

// reportsCapacity tells which operations take ReturnConsumedCapacity.
func reportsCapacity(action string) bool {
	switch action {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem",
		"TransactGetItems", "TransactWriteItems", "Query", "Scan":
		return true
	}
	return false
}

// withField returns the JSON object with the field set to the value, or without it where the value is nil. The object
// has been parsed before.
func withField(object []byte, field string, v any) []byte {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		panic(fmt.Sprintf("wire: a request that was parsed is no object: %v", err))
	}
	delete(fields, field)
	if v != nil {
		encoded, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("wire: %s cannot be encoded: %v", field, err))
		}
		fields[field] = encoded
	}
	encoded, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("wire: a request that was parsed cannot be encoded: %v", err))
	}
	return encoded
}
