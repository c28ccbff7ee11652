package queue

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"github.com/tenantry/tenantry/infra/local/template"
)

// event is the payload that Lambda hands to a function for a batch.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func event(q *queue, batch []message) ([]byte, error) {
	records := events.SQSEvent{}
	for _, m := range batch {
		record := events.SQSMessage{
			MessageId:              m.ID,
			ReceiptHandle:          m.handle(),
			Body:                   m.Body,
			Md5OfBody:              md5Hex([]byte(m.Body)),
			Md5OfMessageAttributes: m.md5OfAttributes(),
			Attributes:             m.systemAttributes(),
			MessageAttributes:      map[string]events.SQSMessageAttribute{},
			EventSourceARN:         q.ARN,
			EventSource:            "aws:sqs",
			AWSRegion:              template.Region,
		}
		for name, a := range m.Attributes {
			record.MessageAttributes[name] = events.SQSMessageAttribute{
				StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: a.DataType,
				StringListValues: []string{}, BinaryListValues: [][]byte{},
			}
		}
		records.Records = append(records.Records, record)
	}
	return encode(records)
}

// encode writes JSON without escaping <, > and &, as AWS does: a batch of markup would grow sixfold.
func encode(v any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return buffer.Bytes(), err
}

// eventSize is what a message adds to the payload at most.
func (m *message) eventSize() int {
	body, _ := encode(m.Body) // a string always encodes
	return len(body) + 2*(m.size()-len(m.Body)) + 1500
}

// failures tells which messages of a batch a function's response leaves in the queue. An empty or null response, and one
// without failures, ends all; a response that cannot be read, or that names a message that is not of the batch, ends none
// and is an error. Keys count as written: unlike encoding/json, AWS tells BatchItemFailures from batchItemFailures.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func failures(response []byte, batch []message) (failed map[string]bool, err error) {
	failed = map[string]bool{}
	if len(response) == 0 {
		return failed, nil
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(response, &answer); err != nil {
		return nil, fmt.Errorf("read the response: %w", err)
	}
	var items []map[string]json.RawMessage
	if list := answer["batchItemFailures"]; list != nil {
		if err := json.Unmarshal(list, &items); err != nil {
			return nil, fmt.Errorf("read batchItemFailures: %w", err)
		}
	}
	ids := map[string]bool{}
	for _, m := range batch {
		ids[m.ID] = true
	}
	for _, item := range items {
		var id string
		if err := json.Unmarshal(item["itemIdentifier"], &id); err != nil || !ids[id] {
			return nil, fmt.Errorf("itemIdentifier %s is no message of the batch", item["itemIdentifier"])
		}
		failed[id] = true
	}
	return failed, nil
}
