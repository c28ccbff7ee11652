package wire

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// dynamoDB is the wire's side of DynamoDB.
type dynamoDB struct {
	tables  map[string]template.Table
	backend *backend
	overlap *overlap
	lag     *lag
}

func newDynamoDB(config Config) *dynamoDB {
	tables := map[string]template.Table{}
	for _, table := range config.Tables {
		tables[table.Name] = table
	}
	return &dynamoDB{
		tables:  tables,
		backend: newBackend(config),
		overlap: newOverlap(config.Hold, config.Now),
		lag:     newLag(config.Lag, config.Now),
	}
}

// needs names the call's items and the permissions they take, by
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html: transactions take those of
// their elements. Keys are put together by action and table: whether AWS judges a transaction's elements together or one by
// one is not documented, and this is the stricter reading. For a query of an index the leading key is taken to be the
// index's own, which is not documented either.
func (d *dynamoDB) needs(c *call) ([]need, *refusal) {
	refused := d.name(c)
	needs := d.elementNeeds(c.dynamo)
	if len(needs) == 0 {
		needs = []need{d.tableNeed(c)}
	}
	for _, n := range needs {
		c.record.Actions = append(c.record.Actions, n.action)
		for _, key := range n.keys {
			if !slices.Contains(c.record.LeadingKeys, key) {
				c.record.LeadingKeys = append(c.record.LeadingKeys, key)
			}
		}
	}
	c.record.Resource = needs[0].resource
	return needs, refused
}

func (d *dynamoDB) elementNeeds(named *dynamoCall) []need {
	var needs []need
	for _, e := range named.elements {
		at := slices.IndexFunc(needs, func(n need) bool { return n.action == e.action && n.resource == e.table.ARN })
		if at < 0 {
			at = len(needs)
			needs = append(needs, need{action: e.action, resource: e.table.ARN})
		}
		if key, ok := partition(e.table.Key, e.key); ok {
			needs[at].keys = append(needs[at].keys, key)
		}
	}
	return needs
}

// tableNeed is the permission of a call that names a table or an index, or neither.
func (d *dynamoDB) tableNeed(c *call) need {
	in := c.dynamo.input
	n := need{action: "dynamodb:" + c.action, resource: "*", keys: d.queryKeys(c.dynamo)}
	if in.TableName != "" {
		n.resource = d.table(in.TableName).ARN
	}
	if in.IndexName != "" {
		n.resource += "/index/" + in.IndexName
	}
	return n
}

// do carries the call out: what overlaps is refused, what changes is remembered for the indexes, and an index answers
// as it stood a while ago.
func (d *dynamoDB) do(ctx context.Context, c *call) (answer, error) {
	held, conflicts := d.overlap.enter(c)
	if conflicts != nil {
		return d.conflict(c, conflicts), nil
	}
	a, err := d.change(ctx, c)
	held.leave(err == nil && a.status == http.StatusOK)
	return a, err
}

func (d *dynamoDB) change(ctx context.Context, c *call) (answer, error) {
	if c.dynamo.index != nil && d.lag.on() {
		return d.queryIndex(ctx, c)
	}
	changes, err := d.remember(ctx, c)
	if err != nil {
		return answer{}, err
	}
	a, err := d.backend.forward(ctx, c)
	d.lag.settle(changes, err == nil && a.status >= 400)
	return a, err
}

func (d *dynamoDB) pass(ctx context.Context, c *call) (answer, error) {
	return d.backend.send(ctx, c.action, c.body)
}

func (d *dynamoDB) throttled(*call) answer {
	return d.refuse(refusal{http.StatusBadRequest, "ProvisionedThroughputExceededException",
		"The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."})
}

func (d *dynamoDB) conflicting(c *call) (answer, bool) {
	switch c.action {
	case "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems":
		return d.conflict(c, &conflicts{items: []int{0}}), true
	}
	return answer{}, false
}

// dynamoType adds the namespace of an error type: those of the gateway before DynamoDB differ from its own.
func dynamoType(code string) string {
	switch code {
	case "AccessDeniedException", "UnrecognizedClientException", "MissingAuthenticationTokenException",
		"IncompleteSignatureException", "ValidationException", "SerializationException":
		return "com.amazon.coral.service#" + code
	}
	return "com.amazonaws.dynamodb.v20120810#" + code
}

// refuse answers in the AWS JSON 1.0 protocol, where every refusal but a failure of the service is a 400.
func (d *dynamoDB) refuse(r refusal) answer {
	status := http.StatusBadRequest
	if r.status >= 500 {
		status = r.status
	}
	message := "message"
	if strings.HasPrefix(r.code, "AccessDenied") {
		message = "Message"
	}
	return jsonAnswer("1.0", status, map[string]string{"__type": dynamoType(r.code), message: r.message})
}
