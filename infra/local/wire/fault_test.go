package wire

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/tenantry/tenantry/infra/local/trace"
)

// faulty returns a kit whose invocation meets the faults.
func faulty(t *testing.T, faults ...trace.Fault) *kit {
	k := newKit(t, nil)
	k.book.Open(invocation, "organization", faults)
	return k
}

func TestThrottledCallIsNotDoneAndTheNextOneIs(t *testing.T) {
	k := faulty(t, trace.Fault{Kind: trace.Throttle, At: 1})
	err := k.put(k.db(), "pk=a sk=b")
	var throttled *types.ProvisionedThroughputExceededException
	if !errors.As(err, &throttled) {
		t.Fatalf("got %v", err)
	}
	if call := k.lastCall(); call.Fault != trace.Throttle || call.Error != "ProvisionedThroughputExceededException" {
		t.Errorf("counted %+v", call)
	}
	if got, _ := k.get(k.owner(), "pk=a sk=b"); got != nil {
		t.Error("the throttled write was done")
	}
	k.mustPut(k.db(), "pk=a sk=b")
}

func TestAHeldCallIsDoneLate(t *testing.T) {
	k := faulty(t, trace.Fault{Kind: trace.Hold, At: 1})
	began := time.Now()
	k.mustPut(k.db(), "pk=a sk=b")
	if took := time.Since(began); took < 3*time.Second || took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if call := k.lastCall(); call.Fault != trace.Hold || call.Error != "" {
		t.Errorf("counted %+v", call)
	}
}

func TestSDKRetriesThrottledAndCutCallsByItself(t *testing.T) {
	for _, kind := range []string{trace.Throttle, trace.TimeoutBefore, trace.TimeoutAfter} {
		t.Run(kind, func(t *testing.T) {
			k := faulty(t, trace.Fault{Kind: kind, At: 1})
			config := k.config(functionKey)
			config.RetryMaxAttempts = 3
			k.mustPut(dynamodb.NewFromConfig(config), "pk=a sk=b")
			if calls := k.book.Calls(invocation); len(calls) != 2 || calls[0].Fault != kind || calls[1].Fault != "" {
				t.Errorf("counted %+v", calls)
			}
		})
	}
}

func TestEveryServiceThrottlesInItsOwnWay(t *testing.T) {
	k := faulty(t, trace.Fault{Kind: trace.Throttle, At: 1, Times: 3})
	ctx, config := context.Background(), k.config(functionKey)
	_, err := sqs.NewFromConfig(config).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("http://q/0/Work"), MessageBody: aws.String("m")})
	if code(err) != "RequestThrottled" {
		t.Errorf("SQS: %v", err)
	}
	_, err = sesv2.NewFromConfig(config).SendEmail(ctx, &sesv2.SendEmailInput{FromEmailAddress: aws.String("a@b.example"),
		Content: &ses.EmailContent{Simple: &ses.Message{Subject: &ses.Content{Data: aws.String("s")}, Body: &ses.Body{}}}})
	if code(err) != "TooManyRequestsException" {
		t.Errorf("SES: %v", err)
	}
	_, err = secretsmanager.NewFromConfig(config).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s")})
	if code(err) != "ThrottlingException" {
		t.Errorf("Secrets Manager: %v", err)
	}
}

func TestConflictTakesTheFormOfTheCall(t *testing.T) {
	k := faulty(t, trace.Fault{Kind: trace.Conflict, At: 1, Times: 5})
	var cancelled *types.TransactionCanceledException
	if err := k.transact(k.db(), "", "pk=a sk=1", "pk=a sk=2"); !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 ||
		aws.ToString(cancelled.CancellationReasons[0].Code) != "TransactionConflict" || aws.ToString(cancelled.CancellationReasons[1].Code) != "None" {
		t.Errorf("transaction: %v", err)
	}
	if call := k.lastCall(); !slices.Equal(call.Reasons, []string{"TransactionConflict"}) {
		t.Errorf("counted %+v", call)
	}
	var conflict *types.TransactionConflictException
	if err := k.put(k.db(), "pk=a sk=1"); !errors.As(err, &conflict) {
		t.Errorf("single write: %v", err)
	}
	if _, err := k.get(k.db(), "pk=a sk=1"); err != nil {
		t.Errorf("a read was refused: %v", err)
	}
	if call := k.lastCall(); call.Fault != "" {
		t.Errorf("a read counts as faulty: %+v", call)
	}
}

func TestCutCallsAreDoneOrNotAsTheFaultSays(t *testing.T) {
	for kind, want := range map[string]struct{ done, killed bool }{
		trace.TimeoutBefore: {false, false}, trace.TimeoutAfter: {true, false},
		trace.Kill: {false, true}, trace.KillAfter: {true, true},
	} {
		t.Run(kind, func(t *testing.T) {
			k := faulty(t, trace.Fault{Kind: kind, At: 1})
			if err := k.put(k.db(), "pk=a sk=b"); err == nil || code(err) != "" {
				t.Errorf("got %v, want a broken connection", err)
			}
			if got, _ := k.get(k.owner(), "pk=a sk=b"); (got != nil) != want.done {
				t.Errorf("done: %v, want %v", got != nil, want.done)
			}
			if killed := slices.Equal(k.killed, []string{functionKey}); killed != want.killed {
				t.Errorf("killed %v, want %v", k.killed, want.killed)
			}
			if call := k.lastCall(); call.Fault != kind || call.Status != 0 {
				t.Errorf("counted %+v", call)
			}
		})
	}
}
