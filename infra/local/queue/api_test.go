package queue

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/tenantry/tenantry/infra/local/template"
)

const address = "http://sqs.us-east-1.localhost/000000000000/"

// jobs and its dead letters.
func jobs(change func(*template.Queue)) []template.Queue {
	all := []template.Queue{
		{Name: "Jobs", ARN: "arn:jobs", URL: address + "Jobs", VisibilityTimeout: time.Minute, Retention: time.Hour, DeadLetterARN: "arn:dead", MaxReceiveCount: 2},
		{Name: "Dead", ARN: "arn:dead", URL: address + "Dead", VisibilityTimeout: time.Minute, Retention: 2 * time.Hour},
	}
	if change != nil {
		change(&all[0])
	}
	return all
}

func open(t *testing.T, folder string, queues []template.Queue) *Service {
	t.Helper()
	s, err := New(folder, queues, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client is the SDK's, which sends to and checks the answers of a service.
func client(t *testing.T, s *Service) *sqs.Client {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return sqs.New(sqs.Options{
		BaseEndpoint: &server.URL, Region: template.Region, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})
}

func TestASentMessageIsReceivedWholeAndGoneOnceDeleted(t *testing.T) {
	c, ctx := client(t, open(t, "", jobs(nil))), t.Context()
	url, err := c.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String("Jobs")})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url.QueueUrl, MessageBody: aws.String("héllo <&>"), MessageAttributes: map[string]types.MessageAttributeValue{
		"kind": {DataType: aws.String("String"), StringValue: aws.String("mail")},
		"raw":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 1, 255}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ask := &sqs.ReceiveMessageInput{QueueUrl: url.QueueUrl, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"}, MessageAttributeNames: []string{"All"}}
	got, err := c.ReceiveMessage(ctx, ask)
	if err != nil || len(got.Messages) != 1 {
		t.Fatal(got, err)
	}
	m := got.Messages[0]
	if *m.MessageId != *sent.MessageId || *m.Body != "héllo <&>" || m.Attributes["ApproximateReceiveCount"] != "1" ||
		*m.MessageAttributes["kind"].StringValue != "mail" || string(m.MessageAttributes["raw"].BinaryValue) != "\x00\x01\xff" {
		t.Errorf("received %+v", m)
	}
	if *m.MD5OfMessageAttributes != *sent.MD5OfMessageAttributes {
		t.Error("the digests of the attributes differ")
	}
	attributes, err := c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessagesNotVisible"] != "1" || attributes.Attributes["ApproximateNumberOfMessages"] != "0" {
		t.Errorf("%v %v", attributes, err)
	}
	if _, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url.QueueUrl, ReceiptHandle: m.ReceiptHandle}); err != nil {
		t.Errorf("deleting again: %v", err)
	}
	attributes, _ = c.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: url.QueueUrl, AttributeNames: []types.QueueAttributeName{"All"}})
	if attributes.Attributes["ApproximateNumberOfMessagesNotVisible"] != "0" {
		t.Error("the deleted message is still there")
	}
}

// The digest that botocore's and Java's tests expect of one String attribute, so that other SDKs agree too.
func TestDigestOfAttributes(t *testing.T) {
	value := "test"
	m := message{Attributes: map[string]attribute{"test": {DataType: "String", StringValue: &value}}}
	content := "\x00\x00\x00\x04test\x00\x00\x00\x06String\x01\x00\x00\x00\x04test"
	if got, want := m.md5OfAttributes(), md5Hex([]byte(content)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAMessageOfABatchFailsForItself(t *testing.T) {
	c, ctx := client(t, open(t, "", jobs(nil))), t.Context()
	out, err := c.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(address + "Jobs"), Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("good"), MessageBody: aws.String("x")},
		{Id: aws.String("bad"), MessageBody: aws.String("\x01")},
	}})
	if err != nil || len(out.Successful) != 1 || len(out.Failed) != 1 || *out.Failed[0].Code != "InvalidMessageContents" {
		t.Fatal(out, err)
	}
	got, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("Jobs"), MaxNumberOfMessages: 10})
	if err != nil || len(got.Messages) != 1 {
		t.Fatal(got, err)
	}
	deleted, err := c.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String("Jobs"), Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("a"), ReceiptHandle: got.Messages[0].ReceiptHandle}, {Id: aws.String("b"), ReceiptHandle: aws.String("nonsense")},
	}})
	if err != nil || len(deleted.Successful) != 1 || *deleted.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Fatal(deleted, err)
	}
}

func TestWhatSQSRefusesIsRefusedWithItsCode(t *testing.T) {
	c := client(t, open(t, "", jobs(nil)))
	send := func(change func(*sqs.SendMessageInput)) func(context.Context) error {
		return func(ctx context.Context) error {
			in := &sqs.SendMessageInput{QueueUrl: aws.String(address + "Jobs"), MessageBody: aws.String("x")}
			change(in)
			_, err := c.SendMessage(ctx, in)
			return err
		}
	}
	batch := func(bodies ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			in := &sqs.SendMessageBatchInput{QueueUrl: aws.String("Jobs"), Entries: []types.SendMessageBatchRequestEntry{}}
			for _, body := range bodies {
				in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String("same"), MessageBody: aws.String(body)})
			}
			_, err := c.SendMessageBatch(ctx, in)
			return err
		}
	}
	for name, one := range map[string]struct {
		call func(context.Context) error
		code string
	}{
		"unknown queue": {send(func(in *sqs.SendMessageInput) { in.QueueUrl = aws.String("Nope") }), "AWS.SimpleQueueService.NonExistentQueue"},
		"above 1 MiB":   {send(func(in *sqs.SendMessageInput) { in.MessageBody = aws.String(strings.Repeat("x", 1<<20+1)) }), "InvalidParameterValue"},
		"control code":  {send(func(in *sqs.SendMessageInput) { in.MessageBody = aws.String("a\x00") }), "InvalidMessageContents"},
		"empty":         {send(func(in *sqs.SendMessageInput) { in.MessageBody = aws.String("") }), "MissingParameter"},
		"delay":         {send(func(in *sqs.SendMessageInput) { in.DelaySeconds = 901 }), "InvalidParameterValue"},
		"FIFO":          {send(func(in *sqs.SendMessageInput) { in.MessageDeduplicationId = aws.String("a") }), "InvalidParameterValue"},
		"empty batch":   {batch(), "AWS.SimpleQueueService.EmptyBatchRequest"},
		"same ids":      {batch("a", "b"), "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		"eleven":        {batch(strings.Split("12345678901", "")...), "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
		"wrong attribute": {send(func(in *sqs.SendMessageInput) {
			in.MessageAttributes = map[string]types.MessageAttributeValue{"a": {DataType: aws.String("Text"), StringValue: aws.String("x")}}
		}), "InvalidParameterValue"},
		"not in flight": {func(ctx context.Context) error {
			_, err := c.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: aws.String("Jobs"), ReceiptHandle: aws.String((&message{ID: "x"}).handle())})
			return err
		}, "AWS.SimpleQueueService.MessageNotInflight"},
		"other operation": {func(ctx context.Context) error {
			_, err := c.ListQueues(ctx, &sqs.ListQueuesInput{})
			return err
		}, "UnknownOperationException"},
	} {
		t.Run(name, func(t *testing.T) {
			var apiError smithy.APIError
			if err := one.call(t.Context()); !errors.As(err, &apiError) || apiError.ErrorCode() != one.code {
				t.Errorf("want %s, got %v", one.code, err)
			}
		})
	}
	var typed *types.QueueDoesNotExist
	if _, err := c.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String("Nope")}); !errors.As(err, &typed) {
		t.Errorf("the SDK does not recognize the error: %v", err)
	}
	if err := send(func(in *sqs.SendMessageInput) { in.MessageBody = aws.String(strings.Repeat("x", 1<<20)) })(t.Context()); err != nil {
		t.Errorf("exactly 1 MiB: %v", err)
	}
}

func TestAReceiverWaitsForAMessage(t *testing.T) {
	c, ctx := client(t, open(t, "", jobs(nil))), t.Context()
	received := make(chan *sqs.ReceiveMessageOutput)
	go func() {
		out, _ := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("Jobs"), WaitTimeSeconds: 20})
		received <- out
	}()
	if _, err := c.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("Jobs"), MessageBody: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	if out := <-received; len(out.Messages) != 1 {
		t.Error("nothing was received")
	}
}
