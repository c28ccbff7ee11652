package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tenantry/tenantry/infra/local/gateway"
	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/queue"
	"github.com/tenantry/tenantry/infra/local/schedule"
	"github.com/tenantry/tenantry/infra/local/service"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
	"github.com/tenantry/tenantry/infra/local/wire"
)

// local serves /_local, the stack's own pages and controls. They exist in the stack only, and nobody signs in to them: so
// only requests to a name of this machine are answered (a page elsewhere could rebind its name to loopback), and no page of
// another origin may change anything.
type local struct {
	url      string
	template *template.Template
	stream   *stream
	pool     *lambda.Pool
	invoker  invoker
	book     *trace.Book
	queues   *queue.Service
	runner   *schedule.Runner
	inbox    *service.Inbox
	names    names
	idp      idpControls
	wire     *wire.Wire
	buckets  buckets
	owner    owner
}

// owner is who may do everything at the wire: the seed, tests that look into the table, functions run by sam local.
type owner struct {
	Endpoint        string `json:"endpoint"`
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	Table           string `json:"table"`            // the template's first one
	Bucket          string `json:"bucket,omitempty"` // the template's first one
}

// idleWithin is how long POST /_local/queues/idle waits.
const idleWithin = 10 * time.Minute

// handler routes /_local; publicHost is accepted as a name of this machine.
func (l *local) handler(publicHost string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local", l.overview)
	mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"status": "ok"}) })
	mux.HandleFunc("GET /_local/template", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"functions": l.functions()}) })
	mux.HandleFunc("GET /_local/owner", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.owner) })
	mux.HandleFunc("GET /_local/access", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.wire.Used()) })
	mux.HandleFunc("GET /_local/totals", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.totals()) })
	mux.HandleFunc("GET /_local/logs", l.logs)
	mux.HandleFunc("GET /_local/mails", l.mails)
	mux.HandleFunc("DELETE /_local/mails", l.clearMails)
	l.names.handle(mux)
	l.idp.handle(mux)
	mux.HandleFunc("GET /_local/queues", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.queues.Snapshot()) })
	mux.HandleFunc("POST /_local/queues/idle", l.waitIdle)
	mux.HandleFunc("POST /_local/queues/twice", l.deliverTwice)
	mux.HandleFunc("POST /_local/queues/{name}/redrive", l.redrive)
	mux.HandleFunc("GET /_local/schedules", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.runner.Snapshot()) })
	mux.HandleFunc("POST /_local/schedules/{id}", l.runSchedule)
	mux.HandleFunc("POST /_local/buckets/{name}/lifecycle", l.buckets.lifecycle)
	mux.HandleFunc("POST /_local/buckets/{name}/age", l.buckets.age)
	mux.HandleFunc("POST /_local/invoke/{function}", l.invoke)
	mux.HandleFunc("POST /_local/faults", l.faults)
	mux.HandleFunc("GET /_local/requests", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.book.Latest(100)) })
	mux.HandleFunc("GET /_local/requests/{id}", l.request)
	mux.HandleFunc("/_local/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "no such thing under /_local")
	})
	return ownHostOnly(publicHost, http.NewCrossOriginProtection().Handler(mux))
}

// ownHostOnly refuses requests whose Host is neither loopback nor the public URL's host.
func ownHostOnly(publicHost string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := (&url.URL{Host: r.Host}).Hostname()
		if address := net.ParseIP(name); name != "localhost" && name != publicHost && (address == nil || !address.IsLoopback()) {
			refuse(w, http.StatusForbidden, "/_local answers on localhost only")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// logs answers the last lines: ?tail= how many (200), ?request= those of one request.
func (l *local) logs(w http.ResponseWriter, r *http.Request) {
	count := 200
	if text := r.URL.Query().Get("tail"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil || count < 1 {
			refuse(w, http.StatusBadRequest, "tail must be a number above 0")
			return
		}
	}
	answer(w, l.stream.tail(count, r.URL.Query().Get("request")))
}

func (l *local) mails(w http.ResponseWriter, r *http.Request) {
	letters, err := l.inbox.List(r.Context(), r.URL.Query().Get("to"))
	if err != nil {
		refuse(w, http.StatusBadGateway, err.Error())
		return
	}
	answer(w, letters)
}

func (l *local) clearMails(w http.ResponseWriter, r *http.Request) {
	if err := l.inbox.Clear(r.Context()); err != nil {
		refuse(w, http.StatusBadGateway, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// invoke runs a function, named by its logical id, with the body as payload, as `aws lambda invoke` does. X-Local-Fault asks
// for faults, X-Local-Request of the answer tells where the trace is.
func (l *local) invoke(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, lambda.MaxRequest))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "read the payload: "+err.Error())
		return
	}
	function := r.PathValue("function")
	if err := l.knows(function); err != nil {
		answerRun(w, nil, err)
		return
	}
	faults, err := gateway.Faults(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	id := lambda.NewRequestID()
	w.Header().Set("X-Local-Request", id)
	result, err := l.invoker.InvokeWith(r.Context(), id, function, payload, faults)
	answerRun(w, result, err)
}

// runSchedule runs a schedule now; {"now": "..."} in the body is the time that the run believes.
func (l *local) runSchedule(w http.ResponseWriter, r *http.Request) {
	ask := struct{ Now time.Time }{Now: time.Now()}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil && !errors.Is(err, io.EOF) {
		refuse(w, http.StatusBadRequest, `the body must be empty or {"now": "2026-01-31T12:00:00Z"}: `+err.Error())
		return
	}
	result, err := l.runner.Run(r.Context(), r.PathValue("id"), ask.Now)
	answerRun(w, result, err)
}

// faults sets what goes wrong in the next invocation of a function.
func (l *local) faults(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Function string        `json:"function"`
		Faults   []trace.Fault `json:"faults"`
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		refuse(w, http.StatusBadRequest, `the body must be {"function", "faults": [{"kind", "at", "times"}]}: `+err.Error())
		return
	}
	if err := l.knows(ask.Function); err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	l.book.Arm(ask.Function, ask.Faults)
	w.WriteHeader(http.StatusNoContent)
}

// errNoFunction says that the template has no function of the logical id.
var errNoFunction = errors.New("the template has no such function")

// knows fails with errNoFunction unless the template has the function.
func (l *local) knows(id string) error {
	for _, f := range l.template.Functions {
		if f.ID == id {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", id, errNoFunction)
}

// waitIdle answers when nothing is left in the queues, so that a test can look at what the messages brought about.
func (l *local) waitIdle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), idleWithin)
	defer cancel()
	if err := l.queues.Idle(ctx); err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// redrive gives a queue's dead letters back to it and answers how many.
func (l *local) redrive(w http.ResponseWriter, r *http.Request) {
	count, err := l.queues.Redrive(r.PathValue("name"))
	switch {
	case errors.Is(err, queue.ErrNotFound):
		refuse(w, http.StatusNotFound, err.Error())
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		answer(w, map[string]int{"redriven": count})
	}
}

// deliverTwice has every message from now on delivered twice, as SQS may: {"on": true}.
func (l *local) deliverTwice(w http.ResponseWriter, r *http.Request) {
	var ask struct{ On bool }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		refuse(w, http.StatusBadRequest, `the body must be {"on": true} or {"on": false}: `+err.Error())
		return
	}
	l.queues.DeliverTwice(ask.On)
	w.WriteHeader(http.StatusNoContent)
}

func (l *local) request(w http.ResponseWriter, r *http.Request) {
	found, known := l.book.Trace(r.PathValue("id"))
	if !known {
		refuse(w, http.StatusNotFound, "no trace of this request: it is unknown or long ago")
		return
	}
	answer(w, found)
}

// answerRun answers what a function answered, or why it did not.
func answerRun(w http.ResponseWriter, result []byte, err error) {
	var failed *functionError
	switch {
	case errors.As(err, &failed):
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		w.Header().Set("X-Local-Request", failed.RequestID)
		write(w, http.StatusBadGateway, failed.Payload)
	case errors.Is(err, schedule.ErrNotFound), errors.Is(err, errNoFunction):
		refuse(w, http.StatusNotFound, err.Error())
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, err.Error())
	default:
		write(w, http.StatusOK, result)
	}
}

// answer writes the value as JSON with status 200.
func answer(w http.ResponseWriter, value any) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	write(w, http.StatusOK, append(text, '\n'))
}

func refuse(w http.ResponseWriter, status int, message string) {
	text, _ := json.Marshal(map[string]string{"message": message}) // a map of strings always encodes
	write(w, status, text)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// wantsPage says whether a browser asks.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
