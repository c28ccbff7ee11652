package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// queues is the wire's side of SQS, whose queues another part of the stack keeps.
type queues struct{ handler http.Handler }

// needs asks for the permission on the queue. The batch operations take those of the single ones:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
func (q queues) needs(c *call) ([]need, *refusal) {
	var request struct {
		QueueUrl  string
		QueueName string
		Entries   []json.RawMessage
	}
	if err := json.Unmarshal(c.body, &request); err != nil {
		return nil, &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	name := path.Base(request.QueueUrl)
	if request.QueueUrl == "" {
		name = request.QueueName
	}
	resource := "*"
	if name != "" {
		resource = fmt.Sprintf("arn:%s:sqs:%s:%s:%s", template.Partition, template.Region, template.Account, name)
	}
	n := need{action: "sqs:" + strings.TrimSuffix(c.action, "Batch"), resource: resource}
	c.record.Actions, c.record.Resource, c.record.Items = []string{n.action}, resource, max(1, len(request.Entries))
	return []need{n}, nil
}

func (q queues) do(ctx context.Context, c *call) (answer, error) {
	if q.handler == nil {
		return answer{}, fmt.Errorf("this stack has no queues")
	}
	request, err := http.NewRequestWithContext(ctx, c.method, "http://sqs.internal"+c.path, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, err
	}
	request.Header = c.header.Clone()
	recorder := &recorder{answer{status: http.StatusOK, header: http.Header{}}}
	q.handler.ServeHTTP(recorder, request)
	return recorder.answer, nil
}

func (q queues) pass(ctx context.Context, c *call) (answer, error) { return q.do(ctx, c) }

func (q queues) throttled(*call) answer {
	return q.refuse(refusal{http.StatusBadRequest, "RequestThrottled", "Request is throttled."})
}

func (q queues) conflicting(*call) (answer, bool) { return answer{}, false }

// refuse answers in the AWS JSON 1.0 protocol with the code of the older query protocol beside, as SQS does.
func (q queues) refuse(r refusal) answer {
	a := jsonAnswer("1.0", r.status, map[string]string{"__type": "com.amazonaws.sqs#" + r.code, "message": r.message})
	a.header.Set("X-Amzn-Query-Error", r.code+";Sender")
	return a
}

// recorder keeps what a handler of this process answers.
type recorder struct{ answer answer }

func (r *recorder) Header() http.Header { return r.answer.header }

func (r *recorder) WriteHeader(status int) { r.answer.status = status }

func (r *recorder) Write(p []byte) (int, error) {
	r.answer.body = append(r.answer.body, p...)
	return len(p), nil
}
