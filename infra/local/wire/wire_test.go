package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/template"
)

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestCallsOfAnUnknownKeyAreRefused(t *testing.T) {
	k := newKit(t, nil)
	_, err := k.get(dynamodb.NewFromConfig(k.config("NOBODY")), "pk=a sk=b")
	if code(err) != "UnrecognizedClientException" {
		t.Errorf("got %v", err)
	}
	if calls := k.book.Calls(invocation); len(calls) != 0 {
		t.Errorf("counted %v", calls)
	}
}

func TestUnsignedCallsAreRefused(t *testing.T) {
	k := newKit(t, nil)
	request := httptest.NewRequest(http.MethodPost, "/", http.NoBody)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	recorder := httptest.NewRecorder()
	k.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusBadRequest || recorder.Body.String() != `{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}` {
		t.Errorf("got %d %s", recorder.Code, recorder.Body)
	}
}

func TestCallsAreCounted(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.db(), "pk=ORG#1 sk=a gsi1pk=x gsi1sk=y", "pk=ORG#1 sk=b")
	if call := k.lastCall(); call.WriteUnits != 1 || call.Items != 1 || call.Status != 200 {
		t.Errorf("put: %+v", call)
	}
	if call := k.book.Calls(invocation)[0]; call.WriteUnits != 2 {
		t.Errorf("put with an index entry: %+v", call)
	}
	if _, err := k.get(k.db(), "pk=ORG#1 sk=missing"); err != nil {
		t.Fatal(err)
	}
	call := k.lastCall()
	call.Duration = 0
	want := k.book.Calls(invocation)[2]
	want.Service, want.Action, want.Actions, want.Resource = "dynamodb", "GetItem", []string{"dynamodb:GetItem"}, k.table.ARN
	want.LeadingKeys, want.Items, want.ItemsRead, want.ItemsReturned, want.ReadUnits, want.Duration = []string{"ORG#1"}, 1, 1, 0, 0.5, 0
	if diff := cmp.Diff(want, call); diff != "" {
		t.Error(diff)
	}
	_, err := k.db().Query(context.Background(), &dynamodb.QueryInput{TableName: &k.table.Name, KeyConditionExpression: aws.String("pk = :p"),
		FilterExpression: aws.String("sk <> :p"), ExpressionAttributeValues: record(":p=ORG#1"), Limit: aws.Int32(1)})
	if code(err) != "ValidationException" {
		t.Errorf("the emulator's own refusals reach the caller: got %v", err)
	}
	if call := k.lastCall(); call.Error != "ValidationException" || call.Status != 400 {
		t.Errorf("refused query: %+v", call)
	}
}

func TestCapacityIsToldOnlyToThoseWhoAsk(t *testing.T) {
	k := newKit(t, nil)
	for _, asked := range []types.ReturnConsumedCapacity{"", types.ReturnConsumedCapacityNone, types.ReturnConsumedCapacityTotal, types.ReturnConsumedCapacityIndexes} {
		out, err := k.db().PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &k.table.Name, Item: record("pk=a sk=b"), ReturnConsumedCapacity: asked})
		if err != nil {
			t.Fatal(err)
		}
		if told, wants := out.ConsumedCapacity != nil, asked == "TOTAL" || asked == "INDEXES"; told != wants {
			t.Errorf("asked %q: told %v", asked, told)
		}
		if call := k.lastCall(); call.WriteUnits != 1 {
			t.Errorf("asked %q: counted %v write units", asked, call.WriteUnits)
		}
	}
}

func TestOwnerIsNeitherLimitedNorCounted(t *testing.T) {
	k := newKit(t, nil)
	k.allow()
	k.mustPut(k.owner(), "pk=a sk=b v=1")
	if got, err := k.get(k.owner(), "pk=a sk=b"); err != nil || text(got, "v") != "1" {
		t.Errorf("got %v, %v", got, err)
	}
	if calls := k.book.Calls(invocation); len(calls) != 0 {
		t.Errorf("counted %v", calls)
	}
}

func TestQueueCallsReachTheQueuesUnderThePolicy(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte(`{"QueueUrl":"` + r.Header.Get("X-Amz-Target") + `"}`))
	})
	k := newKit(t, func(c *Config) { c.SQS = handler })
	k.allow(template.Statement{Effect: "Allow", Actions: []string{"sqs:GetQueueUrl"}, Resources: []string{"arn:aws:sqs:us-east-1:000000000000:Work"}})
	client := sqs.NewFromConfig(k.config(functionKey))
	out, err := client.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: aws.String("Work")})
	if err != nil || *out.QueueUrl != "AmazonSQS.GetQueueUrl" {
		t.Errorf("got %v, %v", out, err)
	}
	if _, err := client.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: aws.String("Other")}); code(err) != "AccessDeniedException" {
		t.Errorf("another queue: %v", err)
	}
}

func TestMailsAreSentFromGrantedIdentitiesAndWithGrantedConfigurationSetsOnly(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte(`{"MessageId":"m1"}`))
	}))
	t.Cleanup(backend.Close)
	at, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	k := newKit(t, func(c *Config) { c.SES = at })
	k.allow(template.Statement{Effect: "Allow", Actions: []string{"ses:SendEmail"}, Resources: []string{
		mailARN("identity", "tenantry.example"), mailARN("configuration-set", "counted")}})
	client := sesv2.NewFromConfig(k.config(functionKey))
	send := func(from, set string) error {
		_, err := client.SendEmail(context.Background(), &sesv2.SendEmailInput{FromEmailAddress: &from, ConfigurationSetName: &set, Destination: &ses.Destination{ToAddresses: []string{"ann@acme.example"}},
			Content: &ses.EmailContent{Simple: &ses.Message{Subject: &ses.Content{Data: aws.String("s")}, Body: &ses.Body{Text: &ses.Content{Data: aws.String("b")}}}}})
		return err
	}
	if err := send("Tenantry <no-reply@tenantry.example>", "counted"); err != nil {
		t.Error(err)
	}
	if call := k.lastCall(); call.Service != "ses" || call.Action != "SendEmail" || call.Resource != mailARN("identity", "no-reply@tenantry.example") {
		t.Errorf("counted %+v", call)
	}
	if err := send("x@other.example", ""); code(err) != "AccessDeniedException" {
		t.Errorf("another sender: %v", err)
	}
	if err := send("no-reply@tenantry.example", "another"); code(err) != "AccessDeniedException" {
		t.Errorf("another configuration set: %v", err)
	}
}

func TestUnreachableBackendIsAFailureOfTheService(t *testing.T) {
	k := newKit(t, nil)
	k.services["dynamodb"].(*dynamoDB).backend.client = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("connection refused")
	})}
	if _, err := k.get(k.db(), "pk=a sk=b"); code(err) != "InternalServerError" {
		t.Errorf("got %v", err)
	}
}
