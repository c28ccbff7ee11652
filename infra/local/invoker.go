package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// invoker starts the invocations that no HTTP request brings: those of queues, of schedules and by hand. Each has its trace.
type invoker struct {
	pool *lambda.Pool
	book *trace.Book
}

// functionError says that a function ran and failed; Payload is Lambda's description of it.
type functionError struct {
	RequestID string
	Payload   json.RawMessage
}

func (e *functionError) Error() string {
	return fmt.Sprintf("the function failed (request %s): %s", e.RequestID, e.Payload)
}

// Invoke runs the function, named by its logical id, and gives its answer. The error is a functionError where the function failed.
func (i invoker) Invoke(ctx context.Context, functionID string, payload []byte) ([]byte, error) {
	return i.InvokeWith(ctx, lambda.NewRequestID(), functionID, payload, nil)
}

// InvokeWith is Invoke under a request id of the caller's, by which its trace is found, with faults.
func (i invoker) InvokeWith(ctx context.Context, id, functionID string, payload []byte, faults []trace.Fault) ([]byte, error) {
	i.book.Open(id, functionID, faults)
	defer i.book.Close(id)
	result, err := i.pool.Invoke(ctx, functionID, payload, lambda.Options{RequestID: id})
	if err != nil {
		return nil, err
	}
	if result.FunctionError != "" {
		return nil, &functionError{RequestID: id, Payload: result.Payload}
	}
	return result.Payload, nil
}
