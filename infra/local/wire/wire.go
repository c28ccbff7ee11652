// Package wire is the local stack's proxy between the functions and the services behind them. Functions reach it by
// AWS_ENDPOINT_URL; it knows each instance by its access key, enforces the policy that the template gives the function,
// counts every call in the invocation's trace, injects the faults that a test asked for, and behaves as AWS does where
// emulators do not: transactions that overlap on an item are refused, and indexes lag behind their table.
//
// It refuses what it cannot judge: unknown access keys, services it does not know, PartiQL, policy conditions it cannot
// evaluate, and filters on index queries. It does not verify signatures: it listens on loopback for processes that the
// stack itself started.
package wire

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// What AWS does, for Config: a transaction's items stay taken for Hold at least, and an index shows a change after Lag.
const (
	Hold = 15 * time.Millisecond
	Lag  = 500 * time.Millisecond
)

const (
	largestBody   = 20 << 20 // DynamoDB takes 16 MB at most
	longestAnswer = 60 * time.Second
)

// Callers knows the instances of the functions by the access keys that they were started with.
type Callers interface {
	// Caller returns whose key it is, and whether anybody's.
	Caller(accessKey string) (Caller, bool)
	// Kill sends SIGKILL to the instance of the key.
	Kill(accessKey string)
	// Issued returns whose key it is or was: what an instance signed holds longer than the instance. Invocation is empty.
	Issued(accessKey string) (Caller, bool)
}

// Caller is an instance of a function. Invocation is the request id that it works on, empty while it starts.
type Caller struct {
	Function   string
	Statements []template.Statement
	Invocation string
}

// Config says what the wire stands between.
type Config struct {
	Callers     Callers
	Book        *trace.Book
	Tables      []template.Table
	DynamoDB    *url.URL
	Credentials aws.CredentialsProvider // what calls to DynamoDB are signed with; nil: a fixed pair, as emulators take any
	SQS         http.Handler
	SES         *url.URL
	S3          *url.URL
	Mailed      func(context.Context) // told after each mail that was sent; nil: nobody
	Secrets     *Secrets
	OwnerKey    string           // the access key that may do everything, unlimited and uncounted; empty: none
	Hold        time.Duration    // how long a transaction's items stay taken at least; 0: transactions never conflict
	Lag         time.Duration    // how long an index hides a change; 0: not at all
	Log         *slog.Logger     // nil: nothing is logged
	Now         func() time.Time // nil: time.Now
}

// Wire is the proxy, an http.Handler for all services.
type Wire struct {
	callers  Callers
	book     *trace.Book
	ownerKey string
	services map[string]service
	objects  objects
	usage    *usage
	log      *slog.Logger
	now      func() time.Time
}

// service is one of the AWS services.
type service interface {
	// needs completes the call (its action, items, resource) and returns the permissions that it takes.
	needs(c *call) ([]need, *refusal)
	// do carries the call out. An error means that the service could not be reached.
	do(ctx context.Context, c *call) (answer, error)
	// pass carries a call of the owner out, which no limit applies to.
	pass(ctx context.Context, c *call) (answer, error)
	// throttled and conflicting return the refusals that AWS gives; ok is false where the call cannot conflict.
	throttled(c *call) answer
	conflicting(c *call) (a answer, ok bool)
	// refuse writes a refusal in the service's protocol.
	refuse(r refusal) answer
}

// New returns the wire.
func New(config Config) *Wire {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	w := &Wire{
		callers:  config.Callers,
		book:     config.Book,
		ownerKey: config.OwnerKey,
		usage:    newUsage(),
		log:      config.Log,
		now:      config.Now,
	}
	w.objects = newObjects(config.S3, w)
	w.services = map[string]service{
		"dynamodb":       newDynamoDB(config),
		"sqs":            queues{handler: config.SQS},
		"ses":            newMails(config.SES, config.Mailed),
		"secretsmanager": secretsManager{secrets: config.Secrets},
		"s3":             w.objects,
	}
	return w
}

// Used returns which permissions the functions used and which they were denied, since the start.
func (w *Wire) Used() []Use { return w.usage.list() }

// ServeHTTP answers one call of a function to a service.
func (w *Wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, largestBody))
	if err != nil {
		http.Error(rw, "the request could not be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	c := recognise(r, body)
	// A call goes on when its caller is killed, as on AWS.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longestAnswer)
	defer cancel()
	if isVisitor(r) {
		w.reached(w.objects, c)(w.objects.visit(ctx, c)).write(rw)
		return
	}
	s := w.services[c.service]
	if s == nil {
		http.Error(rw, "the local stack knows no service for this call: it knows DynamoDB, SQS, S3, SES and Secrets Manager", http.StatusNotImplemented)
		return
	}
	w.serve(ctx, s, c).write(rw)
}

// serve finds the caller and answers the call.
func (w *Wire) serve(ctx context.Context, s service, c *call) answer {
	if refused := c.authenticate(); refused != nil {
		return s.refuse(*refused)
	}
	if w.ownerKey != "" && c.accessKey == w.ownerKey {
		return w.reached(s, c)(s.pass(ctx, c))
	}
	caller, known := w.callers.Caller(c.accessKey)
	if !known {
		return s.refuse(refusal{http.StatusForbidden, "UnrecognizedClientException", "The security token included in the request is invalid."})
	}
	c.caller = caller
	needs, refused := s.needs(c)
	c.record.Service, c.record.Action = c.service, c.action
	started := w.now()
	number, fault := w.book.Begin(caller.Invocation, c.record)

	a := w.attempt(ctx, s, c, caller, attempt{needs, refused, fault})
	a.record(&c.record)
	c.record.Duration = w.now().Sub(started)
	w.book.End(caller.Invocation, number, c.record)
	return a
}

// attempt is what was found out about a call before it is answered.
type attempt struct {
	needs   []need
	refused *refusal
	fault   string
}

// answer decides the call: the policy first, then the fault, then the service.
func (w *Wire) attempt(ctx context.Context, s service, c *call, caller Caller, at attempt) answer {
	if at.refused != nil {
		return s.refuse(*at.refused)
	}
	if denied := w.authorize(caller, at.needs); denied != nil {
		return s.refuse(*denied)
	}
	if a, refused := w.failBefore(s, c, at.fault); refused {
		return a
	}
	return w.failAfter(c, at.fault, w.reached(s, c)(s.do(ctx, c)))
}

// reached turns the failure to reach a service into the answer that AWS gives for its own failures.
func (w *Wire) reached(s service, c *call) func(answer, error) answer {
	return func(a answer, err error) answer {
		if err == nil {
			return a
		}
		w.log.Error("a service could not be reached", "service", c.service, "action", c.action, "error", err)
		return s.refuse(refusal{http.StatusInternalServerError, "InternalServerError", "The local stack could not reach the service: " + err.Error()})
	}
}
