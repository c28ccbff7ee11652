package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
)

// requestLimit is above what ten messages of the largest size could take in JSON.
const requestLimit = 16 << 20

// failure is an error of the SQS API: its code and a sentence.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
type failure struct{ code, message string }

// Error is the code with its sentence.
func (f failure) Error() string { return f.code + ": " + f.message }

// queryCodes are the codes that the query protocol had for errors; SDKs show them where the answer says so.
var queryCodes = map[string]string{
	"QueueDoesNotExist":            "AWS.SimpleQueueService.NonExistentQueue",
	"MessageNotInflight":           "AWS.SimpleQueueService.MessageNotInflight",
	"EmptyBatchRequest":            "AWS.SimpleQueueService.EmptyBatchRequest",
	"TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	"BatchEntryIdsNotDistinct":     "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
	"BatchRequestTooLong":          "AWS.SimpleQueueService.BatchRequestTooLong",
}

// ServeHTTP answers one call of the AWS JSON 1.0 protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, requestLimit))
	if err != nil {
		writeFailure(w, failure{"InvalidParameterValue", "The request cannot be read: " + err.Error()})
		return
	}
	answer, err := s.call(r.Context(), strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS."), body)
	if err != nil {
		writeFailure(w, err)
		return
	}
	content, err := encode(answer)
	if err != nil {
		writeFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = w.Write(content) // a client that left is told nothing
}

func (s *Service) call(ctx context.Context, action string, body []byte) (any, error) {
	switch action {
	case "SendMessage":
		return run(ctx, body, s.sendMessage)
	case "SendMessageBatch":
		return run(ctx, body, s.sendMessageBatch)
	case "ReceiveMessage":
		return run(ctx, body, s.receiveMessage)
	case "DeleteMessage":
		return run(ctx, body, s.deleteMessage)
	case "DeleteMessageBatch":
		return run(ctx, body, s.deleteMessageBatch)
	case "ChangeMessageVisibility":
		return run(ctx, body, s.changeMessageVisibility)
	case "GetQueueUrl":
		return run(ctx, body, s.getQueueURL)
	case "GetQueueAttributes":
		return run(ctx, body, s.getQueueAttributes)
	case "PurgeQueue":
		return run(ctx, body, s.purgeQueue)
	}
	return nil, failure{"UnknownOperationException", "The local stack does not do " + action + "."}
}

// run decodes the input of an operation and does it. A parameter that the operation does not model is refused.
func run[In any](ctx context.Context, body []byte, operation func(context.Context, In) (any, error)) (any, error) {
	var in In
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return nil, failure{"InvalidParameterValue", "The local stack cannot read the request: " + err.Error()}
	}
	return operation(ctx, in)
}

func writeFailure(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	var f failure
	if !errors.As(err, &f) {
		f, status = failure{"InternalFailure", err.Error()}, http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if code, ok := queryCodes[f.code]; ok {
		w.Header().Set("x-amzn-query-error", code+";Sender")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws.sqs#" + f.code, "message": f.message})
}

// named is the queue of a QueueUrl, of which only the last part counts: the stack's own address takes the place of AWS's.
func (s *Service) named(url string) (*queue, error) {
	if q := s.queue(path.Base(url)); q != nil {
		return q, nil
	}
	return nil, failure{"QueueDoesNotExist", "The specified queue does not exist."}
}

// nothing is the answer of operations that say no more than that they are done.
type nothing struct{}
