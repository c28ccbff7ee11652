package httpapi

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/tenantry/tenantry/shared/problem"
)

// Start serves the function's events and never returns. With the argument -openapi it prints the function's part of the
// API description instead, and ends.
func (s *Server) Start() {
	describe := flag.Bool("openapi", false, "print the OpenAPI description of this function's operations and end")
	flag.Parse()
	if *describe {
		if err := s.Describe(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	lambda.Start(s.Event)
}

// Describe prints the function's part of the API description as JSON.
func (s *Server) Describe() error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(s.api.OpenAPI())
}

// Event answers one HTTP API event, payload 2.0. The library's translation is used, but for what it gets wrong: it splits
// headers at commas, fails where a handler writes nothing, lets a second status win, and gives an address without a
// port (aws-lambda-go-api-proxy 0.16.2, core/requestv2.go and core/responsev2.go).
func (s *Server) Event(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	var accessor core.RequestAccessorV2
	request, err := accessor.EventToRequestWithContext(ctx, event)
	if err != nil {
		return unreadable(ctx, event.RequestContext.RequestID)
	}
	request.Header = headers(event)
	request.Host = event.RequestContext.DomainName
	request.RemoteAddr = net.JoinHostPort(event.RequestContext.HTTP.SourceIP, "0")
	library := core.NewProxyResponseWriterV2()
	once := &statusRecorder{ResponseWriter: library}
	s.ServeHTTP(once, request)
	if once.status == 0 {
		once.WriteHeader(http.StatusOK)
	}
	return library.GetProxyResponse()
}

// unreadable answers what is not even a request: a body that is not the base64 it claims to be, a path with a broken escape.
func unreadable(ctx context.Context, request string) (events.APIGatewayV2HTTPResponse, error) {
	d := describe(ctx, problem.New(problem.InvalidInput, "malformed-request", "The request could not be read."))
	d.RequestID, d.Status, d.Title = request, http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	w := core.NewProxyResponseWriterV2()
	ownHeaders(w.Header(), request)
	write(w, d)
	slog.InfoContext(ctx, "request", "event", "request", "request", request, "status", d.Status)
	return w.GetProxyResponse()
}

// headers are the event's, each as it was sent.
func headers(event events.APIGatewayV2HTTPRequest) http.Header {
	all := http.Header{}
	for name, value := range event.Headers {
		all.Set(name, value)
	}
	if len(event.Cookies) > 0 {
		all.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	return all
}
