// Package tabletest gives a test the real table on a real emulator: dynoxide from node_modules, started once for a test
// binary and ended with it, or what DYNAMODB_ENDPOINT names (DynamoDB Local as the second opinion). It is for tests only.
package tabletest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// New gives a table of its own for the test, with the keys and indexes of template.yaml, told the time by the system's clock.
func New(t testing.TB) *table.Table { return NewAt(t, clock.System) }

// NewAt is New with a clock of the test's.
func NewAt(t testing.TB, now clock.Clock) *table.Table {
	t.Helper()
	config, name := Raw(t)
	return table.Open(config, name, Signer{}, now)
}

// Raw makes a table and gives the configuration and the name to reach it with the SDK itself.
func Raw(t testing.TB) (aws.Config, string) {
	t.Helper()
	endpoint, err := emulator()
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("tabletest", "tabletest", "")}
	name := "test-" + ulid.Make().String()
	if err := create(context.Background(), dynamodb.NewFromConfig(config), name); err != nil {
		t.Fatalf("create the test's table: %v", err)
	}
	return config, name
}

func create(ctx context.Context, client *dynamodb.Client, name string) error {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("gsi1"), KeySchema: keySchema("gsi1pk", "gsi1sk"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}},
			{IndexName: aws.String("gsi2"), KeySchema: keySchema("gsi2pk", "gsi2sk"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		}}
	for _, attribute := range []string{"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"} {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(attribute), AttributeType: types.ScalarAttributeTypeS})
	}
	if _, err := client.CreateTable(ctx, in); err != nil {
		return err
	}
	return dynamodb.NewTableExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 20*time.Second)
}

func keySchema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange}}
}

// emulator is the address of the emulator of this test binary.
var emulator = sync.OnceValues(func() (string, error) {
	if endpoint := os.Getenv("DYNAMODB_ENDPOINT"); endpoint != "" {
		return endpoint, nil
	}
	binary, err := dynoxide()
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	started := make(chan error)
	go func() {
		// Pdeathsig is tied to the thread that forked: this one lives as long as the test binary.
		runtime.LockOSThread()
		command := exec.Command(binary, "--host", "127.0.0.1", "--port", port)
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		started <- command.Start()
		select {}
	}()
	if err := <-started; err != nil {
		return "", fmt.Errorf("start dynoxide: %w", err)
	}
	return "http://127.0.0.1:" + port, reachable("127.0.0.1:" + port)
})

func dynoxide() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; folder != "/"; folder = filepath.Dir(folder) {
		path := filepath.Join(folder, "node_modules", "@dynoxide", "linux-x64", "dynoxide")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the emulator is not installed: run `npm ci`, or name another one in DYNAMODB_ENDPOINT")
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func reachable(address string) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return connection.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("dynoxide does not answer: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Signer signs cursors with a key that is no secret: enough where nobody forges.
type Signer struct{}

// MAC signs data for a purpose.
func (Signer) MAC(purpose string, data ...[]byte) []byte {
	mac := hmac.New(sha256.New, []byte(purpose))
	for _, part := range data {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return mac.Sum(nil)
}

// VerifyMAC tells whether mac is what MAC makes.
func (s Signer) VerifyMAC(_ context.Context, purpose string, mac []byte, data ...[]byte) (bool, error) {
	return bytes.Equal(s.MAC(purpose, data...), mac), nil
}
