package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// emulator is the table's emulator with nothing around it and a table like the product's: what the same calls cost without the
// gateway, the functions and the wire.
type emulator struct {
	client *dynamodb.Client
	table  string
}

// rowsThere is how many rows the emulator's table has before anything is measured, a partition's worth.
const rowsThere = 1_000

// startEmulator starts it on disk, as the stack does. It dies with this process.
func startEmulator(ctx context.Context, s *stack, root string) (e *emulator, end func(), err error) {
	folder, err := os.MkdirTemp("", "tenantry-bench-")
	if err != nil {
		return nil, nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	command := exec.Command(filepath.Join(root, "node_modules/@dynoxide/linux-x64/dynoxide"), "--host", "127.0.0.1", "--port", port,
		"--db-path", filepath.Join(folder, "ddb.sqlite"))
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the emulator: %w", err)
	}
	end = func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = os.RemoveAll(folder)
	}
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://" + address),
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", "")}
	e = &emulator{client: dynamodb.NewFromConfig(config), table: s.owner.Table}
	if err := e.fill(ctx, dynamodb.NewFromConfig(s.owner.config())); err != nil {
		end()
		return nil, nil, fmt.Errorf("fill the emulator: %w", err)
	}
	return e, end, nil
}

// freeAddress is one on loopback where nothing listens now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// fill makes a table with the keys and indexes of the product's, and its rows. The SDK tries again until the emulator answers.
func (e *emulator) fill(ctx context.Context, product *dynamodb.Client) error {
	like, err := product.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &e.table})
	if err != nil {
		return err
	}
	in := &dynamodb.CreateTableInput{TableName: &e.table, BillingMode: types.BillingModePayPerRequest,
		KeySchema: like.Table.KeySchema, AttributeDefinitions: like.Table.AttributeDefinitions}
	for _, index := range like.Table.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection})
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err = e.client.CreateTable(ctx, in); err == nil {
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return err
		}
	}
	for n := range rowsThere {
		if _, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &e.table, Item: row("ROWS", sortKey(n))}); err != nil {
			return err
		}
	}
	return nil
}

func sortKey(n int) string { return fmt.Sprintf("ROW#%06d", n) }

// row is an item of about the size of the product's, listed in one index.
func row(pk, sk string) map[string]types.AttributeValue {
	item := key(pk, sk)
	item["gsi1pk"], item["gsi1sk"] = text("LIST"), text(sk)
	item["content"] = text(strings.Repeat("x", 350))
	return item
}

func key(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": text(pk), "sk": text(sk)}
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
