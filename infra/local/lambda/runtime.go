package lambda

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/tenantry/tenantry/infra/local/template"
)

// runtimeAPI is the Lambda Runtime API of 2018-06-01, an address for each instance: aws-lambda-go puts what stands in
// AWS_LAMBDA_RUNTIME_API in front of its paths, so that one listener serves all instances by the key in the path.
func (p *Pool) runtimeAPI() http.Handler {
	const runtime = "/{key}/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+runtime+"/invocation/next", p.forInstance(p.serveNext))
	mux.HandleFunc("POST "+runtime+"/invocation/{id}/response", p.forInstance(p.serveResponse))
	mux.HandleFunc("POST "+runtime+"/invocation/{id}/error", p.forInstance(p.serveError))
	mux.HandleFunc("POST "+runtime+"/init/error", p.forInstance(p.serveInitError))
	return mux
}

// forInstance finds the instance that calls.
func (p *Pool) forInstance(serve func(http.ResponseWriter, *http.Request, *instance)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		inst := p.instances[r.PathValue("key")]
		p.mu.Unlock()
		if inst == nil {
			refuse(w, http.StatusForbidden, "InvalidInstance", "no such instance")
			return
		}
		serve(w, r, inst)
	}
}

// serveNext ends the invocation that the instance had and holds the request until there is another.
func (p *Pool) serveNext(w http.ResponseWriter, r *http.Request, inst *instance) {
	p.settle(inst)
	select {
	case inv := <-inst.work:
		p.mu.Lock()
		inv.fetched = true
		p.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", arn(inst.function.Name))
		if inv.traceID != "" {
			h.Set("Lambda-Runtime-Trace-Id", inv.traceID)
		}
		_, _ = w.Write(inv.payload) // a reader that is gone is seen by its exit
	case <-r.Context().Done():
	case <-inst.gone:
	}
}

// arn names a function as the local stack's services do.
func arn(name string) string {
	return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", template.Partition, template.Region, template.Account, name)
}

// serveResponse takes the answer to the invocation in flight. One above MaxResponse fails the invocation.
func (p *Pool) serveResponse(w http.ResponseWriter, r *http.Request, inst *instance) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxResponse))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		p.answer(inst, r.PathValue("id"), func(inv *invocation) {
			inv.platform = tooLarge()
			inv.answer(inv.failed(inv.platform))
		})
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxResponse))
	case err != nil: // the connection broke: the instance's exit ends the invocation
	case p.answer(inst, r.PathValue("id"), func(inv *invocation) { inv.answer(Result{Payload: body, RequestID: inv.id}) }):
		accept(w)
	default:
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
	}
}

// serveError takes the function's own error, the result of the invocation in flight.
func (p *Pool) serveError(w http.ResponseWriter, r *http.Request, inst *instance) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxResponse))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	known := p.answer(inst, r.PathValue("id"), func(inv *invocation) {
		inv.answer(Result{Payload: body, FunctionError: "Unhandled", RequestID: inv.id})
	})
	if !known {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	accept(w)
}

// serveInitError notes why a start failed; the process is expected to exit.
func (p *Pool) serveInitError(w http.ResponseWriter, r *http.Request, inst *instance) {
	body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // a part of the reason is better than none
	p.mu.Lock()
	if !inst.ready && inst.cause == nil {
		inst.cause = &failure{"Runtime.InitError", string(body)}
	}
	p.mu.Unlock()
	accept(w)
}

// answer applies set to the instance's invocation in flight, and reports false when that is not the one named.
func (p *Pool) answer(inst *instance, id string, set func(*invocation)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inst.current == nil || inst.current.id != id {
		return false
	}
	set(inst.current)
	return true
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errorMessage":%q,"errorType":%q}`, message, kind)
}
