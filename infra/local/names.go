package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"

	"github.com/tenantry/tenantry/infra/local/nameserver"
)

// startDNS starts the name server that functions ask, with the records of the data folder.
func (s *stack) startDNS(context.Context) (err error) {
	path := ""
	if !s.memory {
		path = filepath.Join(s.data, "dns.jsonl")
	}
	if s.names, err = nameserver.Open(path); err != nil {
		return err
	}
	if err := s.names.Listen(s.dnsPort); err != nil {
		return err
	}
	s.atEnd(s.names.Close)
	s.stream.say("dns: at %s", s.names.Address())
	return nil
}

// names serves /_local/dns, by which the records are edited.
type names struct{ *nameserver.Server }

func (n names) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /_local/dns", func(w http.ResponseWriter, _ *http.Request) { answer(w, n.Snapshot()) })
	mux.HandleFunc("PUT /_local/dns", n.setAll)
	mux.HandleFunc("DELETE /_local/dns/queries", func(w http.ResponseWriter, _ *http.Request) { n.Forget(); w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /_local/dns/{name}/queries", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]int{"queries": n.Queries(r.PathValue("name"))})
	})
	mux.HandleFunc("PUT /_local/dns/{name}/failure", n.fail)
	mux.HandleFunc("DELETE /_local/dns/{name}/failure", func(w http.ResponseWriter, r *http.Request) { changed(w, n.Fail(r.PathValue("name"), "")) })
	mux.HandleFunc("GET /_local/dns/{name}/{type}", n.get)
	mux.HandleFunc("PUT /_local/dns/{name}/{type}", n.set)
	mux.HandleFunc("DELETE /_local/dns/{name}/{type}", func(w http.ResponseWriter, r *http.Request) {
		changed(w, n.Remove(r.PathValue("name"), r.PathValue("type")))
	})
}

// get answers the values of a name and type, as set takes them.
func (n names) get(w http.ResponseWriter, r *http.Request) {
	found, any := n.Get(r.PathValue("name"), r.PathValue("type"))
	if !any {
		refuse(w, http.StatusNotFound, "the name has no records of this type")
		return
	}
	answer(w, found.Values)
}

// set takes a list of values in place of what the name had of the type. A value of a TXT record that is itself a list is the
// strings of one record.
func (n names) set(w http.ResponseWriter, r *http.Request) {
	one := nameserver.Records{Name: r.PathValue("name"), Type: r.PathValue("type")}
	if err := json.NewDecoder(r.Body).Decode(&one.Values); err != nil {
		refuse(w, http.StatusBadRequest, `the body must be a list of values, such as ["one", ["of two", " strings"]]: `+err.Error())
		return
	}
	changed(w, n.Set(one))
}

// setAll takes many at once, in the form of the records that GET /_local/dns answers.
func (n names) setAll(w http.ResponseWriter, r *http.Request) {
	var all struct{ Records []nameserver.Records }
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		refuse(w, http.StatusBadRequest, `the body must be {"records": [{"name", "type", "values"}]}: `+err.Error())
		return
	}
	changed(w, n.Set(all.Records...))
}

func (n names) fail(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Kind nameserver.Failure }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || ask.Kind == "" {
		refuse(w, http.StatusBadRequest, `the body must be {"kind": "servfail"} or {"kind": "timeout"}`)
		return
	}
	changed(w, n.Fail(r.PathValue("name"), ask.Kind))
}

// changed answers a change of the records.
func changed(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, nameserver.ErrInvalid):
		refuse(w, http.StatusBadRequest, err.Error())
	case err != nil:
		refuse(w, http.StatusInternalServerError, err.Error())
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
