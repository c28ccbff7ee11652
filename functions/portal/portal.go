package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/infra"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

// mount adds the two pages to the server. They are no operations of the API: a probe wants no problem document, and the
// description does not describe itself.
func mount(s *httpapi.Server, t *table.Table) {
	s.Handle("GET /healthz", health(t))
	s.Handle("GET /openapi.json", http.HandlerFunc(describe))
}

// answerWithin is how long a probe is kept waiting for the table.
const answerWithin = 3 * time.Second

// health answers GET /healthz: 200 when the function and its table answer, 503 when the table does not. It reads one item,
// strongly consistent, whether there is one or not.
func health(t *table.Table) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		var nothing struct{}
		if _, err := t.Get(ctx, table.PlatformKey(), &nothing); err != nil {
			slog.ErrorContext(r.Context(), "the table does not answer", "request", httpapi.CallOf(r.Context()).ID, "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			w.Write([]byte(`{"status":"unavailable"}` + "\n"))
			return
		}
		w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
}

// describe answers GET /openapi.json (API-1).
func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Write(infra.Document())
}
