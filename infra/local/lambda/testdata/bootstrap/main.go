// Bootstrap is the function that the tests of the pool and of the gateway run. Its event says what it does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
	Size int    `json:"size"`
}

func main() {
	if os.Getenv("FAIL_INIT") != "" {
		fmt.Println("cannot start")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	switch e.Do {
	case "pid":
		return os.Getpid(), nil
	case "environment":
		return os.Environ(), nil
	case "print":
		fmt.Println(e.Text)
		return nil, nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]string{"requestId": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "left": time.Until(deadline).String()}, nil
	case "fail":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(1)
	case "hang":
		<-make(chan int)
	case "wait": // until the file is there
		for {
			if _, err := os.Stat(e.Text); err == nil {
				return os.Getpid(), nil
			}
			time.Sleep(time.Millisecond)
		}
	case "allocate":
		return touch(e.Size), nil
	case "large":
		return strings.Repeat("x", e.Size), nil
	}
	return payload, nil
}

// touch uses size bytes of memory, page by page, and holds them for a moment as an answer being made would.
func touch(size int) int {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i)
	}
	sum := 0
	for _, x := range b {
		sum += int(x)
	}
	return sum
}
