// Package gateway is the stack's API Gateway: it turns HTTP requests into events of payload format 2.0, hands them to the
// function that the template's routes name, and turns the answers back, as an AWS HTTP API with the $default stage does
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html), limits included.
//
//	gw := gateway.New(gateway.Config{Functions: tpl.Functions, Invoker: pool, Book: book, Log: logger})
//	http.ListenAndServe("127.0.0.1:8080", gw)
//
// It has no authorizers, no CORS answers of its own, no throttling, no custom domains and no other stages. It must stand
// directly behind the server: an http.ServeMux in front would clean paths that AWS leaves alone.
package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// Limits of an HTTP API (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html). What the
// function takes is less than MaxBody: lambda.MaxRequest for the whole event.
const (
	IntegrationTimeout = 30 * time.Second
	MaxBody            = 10 * 1024 * 1024
	MaxHeader          = 10240 // request line and headers together
)

// Invoker runs a function, as lambda.Pool does.
type Invoker interface {
	Invoke(ctx context.Context, functionID string, payload []byte, options lambda.Options) (lambda.Result, error)
}

// Book keeps the traces of invocations, as trace.Book does.
type Book interface {
	Open(requestID, function string, faults []trace.Fault)
	Calls(requestID string) []trace.Call
	Close(requestID string)
}

// Config says what a Gateway serves.
type Config struct {
	Functions []template.Function // with their routes
	Invoker   Invoker
	Book      Book
	Log       *slog.Logger  // why an answer is not the function's own
	Timeout   time.Duration // of a whole integration; 0 means IntegrationTimeout
}

// Gateway answers HTTP requests by functions.
type Gateway struct {
	config Config
	routes Routes
}

// New returns a gateway for the functions' routes.
func New(config Config) *Gateway {
	if config.Timeout == 0 {
		config.Timeout = IntegrationTimeout
	}
	return &Gateway{config: config, routes: NewRoutes(config.Functions)}
}

// ServeHTTP answers a request with what its function answers. Otherwise the answer is {"message": ...}: 400 for a path or a
// hook that cannot be read, 404 without a route, 413 and 431 above the limits, 500 for an answer that is none, 502 for a
// function that failed or crashed, 503 for one that took longer than 30 seconds or has no free instance.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := lambda.NewRequestID()
	w.Header().Set("Apigw-Requestid", requestID)
	w.Header().Set(requestHeader, requestID)
	r, faults, err := unhook(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if headerSize(r) > MaxHeader {
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	match, ok := g.routes.Match(r.Method, Path(r))
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	event, err := Event(r, match, requestID, time.Now())
	if err != nil {
		g.refuseEvent(w, requestID, err)
		return
	}
	payload, err := encode(event)
	if err != nil {
		g.refuseEvent(w, requestID, err)
		return
	}
	options := lambda.Options{RequestID: requestID, TraceID: event.Headers[traceHeader]}
	g.config.Book.Open(requestID, match.Function, faults)
	defer g.config.Book.Close(requestID)
	g.integrate(w, r, match.Function, payload, options)
}

// integrate invokes the function and writes its answer. A client that leaves does not end the invocation, as on AWS.
func (g *Gateway) integrate(w http.ResponseWriter, r *http.Request, functionID string, payload []byte, options lambda.Options) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), g.config.Timeout)
	defer cancel()
	requestID := options.RequestID
	result, err := g.config.Invoker.Invoke(ctx, functionID, payload, options)
	w.Header().Set(callsHeader, strconv.Itoa(len(g.config.Book.Calls(requestID))))
	switch {
	case errors.Is(err, lambda.ErrRequestTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, lambda.ErrThrottled):
		g.explain(requestID, err)
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		g.explain(requestID, err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	case result.FunctionError != "":
		// An HTTP API says 500 here; the stack says 502, so that a crash is told from an error that a function answers.
		g.explain(requestID, fmt.Errorf("the function failed: %s", result.Payload))
		refuse(w, http.StatusBadGateway, "Bad Gateway")
	default:
		if err := Answer(w, result.Payload); err != nil {
			g.explain(requestID, err)
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
		}
	}
}

// refuseEvent answers a request that no event can be made of.
func (g *Gateway) refuseEvent(w http.ResponseWriter, requestID string, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	g.explain(requestID, err)
	refuse(w, http.StatusBadRequest, "Bad Request")
}

func (g *Gateway) explain(requestID string, err error) {
	g.config.Log.Warn("the gateway answers instead of the function", "requestId", requestID, "error", err)
}

// refuse answers as the gateway itself, in AWS's form.
func refuse(w http.ResponseWriter, status int, message string) {
	body, _ := json.Marshal(map[string]string{"message": message}) // a string always encodes
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// encode writes an event without escaping <, > and & as Go does by default: AWS does not, and the size counts.
func encode(event any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(event); err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// headerSize counts what MaxHeader limits.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("host") + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}
