// Command echo is the function of the stack's own tests: it keeps things in the table, sends messages to the queue and
// fails on the message "bad".
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// event is whatever reaches the function: a request, a batch of messages, or a schedule's input.
type event struct {
	RouteKey       string            `json:"routeKey"`
	PathParameters map[string]string `json:"pathParameters"`
	Body           string            `json:"body"`
	Time           string            `json:"time"`
	Records        []struct {
		Body string `json:"body"`
	} `json:"Records"`
}

func main() {
	keys := credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"))
	endpoint, region := os.Getenv("AWS_ENDPOINT_URL"), os.Getenv("AWS_REGION")
	table := dynamodb.New(dynamodb.Options{BaseEndpoint: &endpoint, Region: region, Credentials: keys})
	queue := sqs.New(sqs.Options{BaseEndpoint: &endpoint, Region: region, Credentials: keys})
	lambda.Start(func(ctx context.Context, e event) (any, error) {
		switch {
		case e.RouteKey == "PUT /things/{thing}":
			return nil, put(ctx, table, e.PathParameters["thing"], e.Body)
		case e.RouteKey == "GET /things/{thing}":
			return get(ctx, table, e.PathParameters["thing"])
		case e.RouteKey == "POST /messages":
			url := os.Getenv("QUEUE_URL")
			_, err := queue.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &e.Body})
			return nil, err
		case len(e.Records) > 0:
			return work(ctx, table, e)
		default:
			return map[string]string{"ran": e.Time}, nil
		}
	})
}

func put(ctx context.Context, client *dynamodb.Client, thing, body string) error {
	name := os.Getenv("TABLE")
	item := key(thing)
	item["body"] = &types.AttributeValueMemberS{Value: body}
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item})
	return err
}

func get(ctx context.Context, client *dynamodb.Client, thing string) (any, error) {
	name := os.Getenv("TABLE")
	answer, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: key(thing)})
	if err != nil {
		return nil, err
	}
	body, _ := answer.Item["body"].(*types.AttributeValueMemberS)
	if body == nil {
		return map[string]any{"statusCode": 404}, nil
	}
	line, err := json.Marshal(map[string]string{"level": "INFO", "msg": "read", "thing": thing})
	fmt.Println(string(line))
	return map[string]any{"statusCode": 200, "body": body.Value}, err
}

func work(ctx context.Context, client *dynamodb.Client, e event) (any, error) {
	for _, record := range e.Records {
		if record.Body == "bad" {
			return nil, fmt.Errorf("bad message")
		}
		if err := put(ctx, client, "message", record.Body); err != nil {
			return nil, err
		}
	}
	return map[string]any{"batchItemFailures": []any{}}, nil
}

func key(thing string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "THING#" + thing}, "sk": &types.AttributeValueMemberS{Value: "THING"},
	}
}
