package start

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

func TestALineCarriesTheInvocation(t *testing.T) {
	var out bytes.Buffer
	log := Logger(&out).With("function", "worker")
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	log.InfoContext(ctx, "done", "n", 2)
	log.InfoContext(context.WithoutCancel(t.Context()), "outside")

	lines := json.NewDecoder(&out)
	var inside, outside map[string]any
	if err := lines.Decode(&inside); err != nil {
		t.Fatal(err)
	}
	if err := lines.Decode(&outside); err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(inside["timestamp"])); err != nil || at.IsZero() || inside["level"] != "INFO" {
		t.Errorf("Lambda cannot read the time or the level of %v", inside)
	}
	if inside["awsRequestId"] != "r-1" || inside["function"] != "worker" || inside["msg"] != "done" {
		t.Errorf("inside: %v", inside)
	}
	if _, found := outside["awsRequestId"]; found {
		t.Errorf("outside: %v", outside)
	}
}
