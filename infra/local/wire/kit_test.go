package wire

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/infra/local/bucket/buckettest"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// emulator is the address of the DynamoDB emulator that all tests share, each with a table of its own.
var emulator *url.URL

func TestMain(m *testing.M) {
	buckettest.Play()
	stop, err := startEmulator()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func startEmulator() (stop func(), err error) {
	path := os.Getenv("DYNOXIDE")
	if path == "" {
		path = "../../../node_modules/@dynoxide/linux-x64/dynoxide"
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("the DynamoDB emulator is missing, run `npm ci` at the root of the repository: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	process := exec.Command(path, "--host", "127.0.0.1", "--port", port)
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := process.Start(); err != nil {
		return nil, err
	}
	emulator = &url.URL{Scheme: "http", Host: address}
	stop = func() { _ = process.Process.Kill(); _ = process.Wait() }
	for range 6000 {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return stop, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("the DynamoDB emulator does not listen on %s", address)
}

// kit is a wire before the emulator, with one table and one instance of one function.
type kit struct {
	*Wire
	t      *testing.T
	server *httptest.Server
	book   *trace.Book
	table  template.Table
	clock  *clock

	mu     sync.Mutex
	caller Caller
	killed []string
}

const (
	ownerKey    = "OWNER"
	functionKey = "ASIAFUNCTION1"
	invocation  = "request-1"
)

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newKit starts a wire whose function may do anything with its table. adjust, which may be nil, changes the configuration.
func newKit(t *testing.T, adjust func(*Config)) *kit {
	t.Helper()
	k := &kit{t: t, book: trace.NewBook(), table: testTable(), clock: &clock{now: time.Now()}}
	k.caller = Caller{Function: "organization", Invocation: invocation, Statements: []template.Statement{
		{Effect: "Allow", Actions: []string{"*"}, Resources: []string{"*"}},
	}}
	config := Config{Callers: k, Book: k.book, Tables: []template.Table{k.table}, DynamoDB: emulator, OwnerKey: ownerKey,
		Hold: Hold, Lag: Lag, Now: k.clock.Now}
	if adjust != nil {
		adjust(&config)
	}
	k.Wire = New(config)
	k.server = httptest.NewServer(k.Wire)
	t.Cleanup(k.server.Close)
	k.book.Open(invocation, "organization", nil)
	k.createTable()
	return k
}

func (k *kit) Caller(key string) (Caller, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.caller, key == functionKey
}

func (k *kit) Issued(key string) (Caller, bool) { return k.Caller(key) }

func (k *kit) Kill(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.killed = append(k.killed, key)
}

// allow gives the function these statements instead.
func (k *kit) allow(statements ...template.Statement) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.caller.Statements = statements
}

// config is the SDK's configuration for a key; calls are attempted once.
func (k *kit) config(key string) aws.Config {
	return aws.Config{
		Region:           template.Region,
		Credentials:      credentials.NewStaticCredentialsProvider(key, "secret", "token"),
		BaseEndpoint:     aws.String(k.server.URL),
		RetryMaxAttempts: 1,
	}
}

// db is the function's client.
func (k *kit) db() *dynamodb.Client { return dynamodb.NewFromConfig(k.config(functionKey)) }

// owner is the owner's client.
func (k *kit) owner() *dynamodb.Client { return dynamodb.NewFromConfig(k.config(ownerKey)) }

func (k *kit) lastCall() trace.Call {
	k.t.Helper()
	calls := k.book.Calls(invocation)
	if len(calls) == 0 {
		k.t.Fatal("no call was counted")
	}
	return calls[len(calls)-1]
}

// testTable is a table like the product's, of a name that no other test has.
func testTable() template.Table {
	name := "Table-" + rand.Text()
	return template.Table{
		ID: "Table", Name: name, ARN: tableARN(name),
		Attributes: map[string]string{"pk": "S", "sk": "S", "gsi1pk": "S", "gsi1sk": "S", "gsi2pk": "S", "gsi2sk": "S"},
		Key:        []template.KeyPart{{Name: "pk", Type: "HASH"}, {Name: "sk", Type: "RANGE"}},
		Indexes: []template.Index{
			{Name: "gsi1", Key: []template.KeyPart{{Name: "gsi1pk", Type: "HASH"}, {Name: "gsi1sk", Type: "RANGE"}}, Projection: "ALL"},
			{Name: "gsi2", Key: []template.KeyPart{{Name: "gsi2pk", Type: "HASH"}, {Name: "gsi2sk", Type: "RANGE"}}, Projection: "KEYS_ONLY"},
		},
	}
}

func (k *kit) createTable() {
	k.t.Helper()
	in := &dynamodb.CreateTableInput{TableName: &k.table.Name, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema(k.table.Key)}
	for name, kind := range k.table.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(kind)})
	}
	for _, index := range k.table.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: keySchema(index.Key),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(index.Projection)},
		})
	}
	if _, err := k.owner().CreateTable(context.Background(), in); err != nil {
		k.t.Fatal(err)
	}
}

func keySchema(key []template.KeyPart) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	for _, part := range key {
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(part.Name), KeyType: types.KeyType(part.Type)})
	}
	return schema
}

// roundTripper lets a function stand in for the network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
