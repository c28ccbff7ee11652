package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/tenantry/tenantry/infra/local/idp"
)

// startIdP opens the demonstration IdP and answers at its address. It is 127.0.0.1 where the product is localhost: another site.
func (s *stack) startIdP(context.Context) (err error) {
	file := ""
	if !s.memory {
		file = filepath.Join(s.data, "idp.json")
	}
	s.idp, err = idp.Open(idp.Config{Origin: "http://" + s.beside.Addr().String(), File: file, Now: time.Now, Product: s.publicURL, Reach: s.url,
		Log: func(sentence string) { s.stream.say("%s", sentence) }})
	if err != nil {
		return err
	}
	s.serve(s.beside, ownHostOnly("127.0.0.1", s.idp.Handler()))
	s.stream.say("idp: at %s", s.idp.Origin())
	return nil
}

// idpControls serves /_local/idp, by which directories are edited, misbehave, and sign people in without a browser.
type idpControls struct{ *idp.IdP }

// shownDirectories is how many directories the overview has at most; GET /_local/idp has all.
const shownDirectories = 20

func (c idpControls) some() []idp.View {
	all := c.List()
	return all[:min(len(all), shownDirectories)]
}

func (c idpControls) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /_local/idp", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"url": c.Origin(), "directories": c.List(), "misbehaviours": idp.Kinds()})
	})
	const one = "/_local/idp/{directory}"
	mux.HandleFunc("GET "+one, func(w http.ResponseWriter, r *http.Request) { tell(w)(c.Get(r.PathValue("directory"))) })
	mux.HandleFunc("PUT "+one, c.put)
	mux.HandleFunc("DELETE "+one, func(w http.ResponseWriter, r *http.Request) { done(w, c.Remove(r.PathValue("directory"))) })
	mux.HandleFunc("POST "+one+"/certificates", c.addKey)
	mux.HandleFunc("PUT "+one+"/certificates/{fingerprint}/signing", func(w http.ResponseWriter, r *http.Request) {
		done(w, c.Sign(r.PathValue("directory"), r.PathValue("fingerprint")))
	})
	mux.HandleFunc("DELETE "+one+"/certificates/{fingerprint}", func(w http.ResponseWriter, r *http.Request) {
		done(w, c.RemoveKey(r.PathValue("directory"), r.PathValue("fingerprint")))
	})
	mux.HandleFunc("POST "+one+"/service-providers", c.register)
	mux.HandleFunc("PUT "+one+"/misbehaviours", c.misbehave)
	mux.HandleFunc("DELETE "+one+"/misbehaviours", func(w http.ResponseWriter, r *http.Request) { done(w, c.Misbehave(r.PathValue("directory"))) })
	mux.HandleFunc("POST "+one+"/answers", c.answer)
	mux.HandleFunc("POST "+one+"/pushes", func(w http.ResponseWriter, r *http.Request) { tell(w)(c.Push(r.Context(), r.PathValue("directory"))) })
}

// put makes a directory or changes one: {"settings", "people", "groups", "provisioning"}, each in place of what was there.
func (c idpControls) put(w http.ResponseWriter, r *http.Request) {
	var change idp.Change
	if takes(w, r, &change, `{"settings", "people": [{"email", "firstName", ...}], "groups": [{"name", "members"}], "provisioning": {"endpoint", "token", "way"}}`) {
		tell(w)(c.Put(r.PathValue("directory"), change))
	}
}

// addKey makes a further key: {"days": 30} is how long its certificate is valid, the usual time where it is left out.
func (c idpControls) addKey(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Days int }
	if takes(w, r, &ask, `empty or {"days": 30}`) {
		key, err := c.AddKey(r.PathValue("directory"), time.Duration(ask.Days)*24*time.Hour)
		tell(w)(key.Shown(), err)
	}
}

// register takes the metadata of a service provider, as XML.
func (c idpControls) register(w http.ResponseWriter, r *http.Request) {
	metadata, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	tell(w)(c.Register(r.PathValue("directory"), metadata))
}

// misbehave sets what the next answers have wrong: [{"kind", "times", "value"}].
func (c idpControls) misbehave(w http.ResponseWriter, r *http.Request) {
	var all []idp.Misbehaviour
	if takes(w, r, &all, `a list of {"kind", "times", "value"}`) {
		done(w, c.Misbehave(r.PathValue("directory"), all...))
	}
}

// answer signs somebody in as the page does, and gives the form that the browser would post. {"person", "url"} is the address that
// the service provider redirects to, {"person", "fields"} the form that it has posted, {"person", "serviceProvider", "relayState"} a
// sign-in that begins here.
func (c idpControls) answer(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Person, URL, ServiceProvider, RelayState string
		Fields                                   map[string]string
	}
	if !takes(w, r, &ask, `{"person", and one of "url", "fields", "serviceProvider"}`) {
		return
	}
	name := r.PathValue("directory")
	if ask.ServiceProvider != "" {
		tell(w)(c.Begin(r.Context(), name, ask.ServiceProvider, ask.Person, ask.RelayState))
		return
	}
	if ask.Fields != nil {
		fields := url.Values{}
		for field, value := range ask.Fields {
			fields.Set(field, value)
		}
		tell(w)(c.Answer(r.Context(), name, idp.Asked{Form: fields}, ask.Person))
		return
	}
	at, err := url.Parse(ask.URL)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	tell(w)(c.Answer(r.Context(), name, idp.Asked{Query: at.RawQuery}, ask.Person))
}

// takes reads the body, which may be empty; form says how it must be.
func takes(w http.ResponseWriter, r *http.Request, into any, form string) bool {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		refuse(w, http.StatusBadRequest, "the body must be "+form+": "+err.Error())
		return false
	}
	return true
}

// tell answers a value, or why there is none.
func tell(w http.ResponseWriter) func(value any, err error) {
	return func(value any, err error) {
		if err != nil {
			refuse(w, idp.Status(err), err.Error())
			return
		}
		answer(w, value)
	}
}

// done answers a change.
func done(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, idp.Status(err), err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
