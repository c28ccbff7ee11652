package idp

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"
)

//go:embed pages.html directory.html
var pagesFiles embed.FS

// page is what the templates show.
type page struct {
	Title     string
	View      View
	Views     []View
	Waiting   string // the id of the request that waits
	Asks      string // who asks
	Force     bool
	Form      Form
	Sentence  string
	Providers []string
}

// Handler serves what browsers see: the list of directories, a directory's page and metadata, and the way of a sign-in.
func (p *IdP) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		show(w, http.StatusOK, "directories", page{Title: "Demonstration IdP", Views: p.List()})
	})
	mux.HandleFunc("GET /{directory}", p.showDirectory)
	mux.HandleFunc("GET /{directory}/metadata", p.showMetadata)
	mux.HandleFunc("GET /{directory}/sso", p.ask)
	mux.HandleFunc("POST /{directory}/sso", p.ask)
	mux.HandleFunc("POST /{directory}/answer", p.choose)
	mux.HandleFunc("POST /{directory}/people", p.changePerson)
	mux.HandleFunc("POST /{directory}/groups", p.changeGroup)
	mux.HandleFunc("POST /{directory}/provisioning", p.provision)
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /{directory}/sso") // requests come from other sites
	return protection.Handler(mux)
}

func (p *IdP) showDirectory(w http.ResponseWriter, r *http.Request) {
	view, err := p.Get(r.PathValue("directory"))
	if err != nil {
		fail(w, err)
		return
	}
	show(w, http.StatusOK, "directory", page{Title: view.Name, View: view})
}

func (p *IdP) showMetadata(w http.ResponseWriter, r *http.Request) {
	metadata, err := p.Metadata(r.PathValue("directory"))
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(metadata)
}

// ask receives a request and shows who may be chosen. A request that must not ask is answered at once.
func (p *IdP) ask(w http.ResponseWriter, r *http.Request) {
	asked := Asked{Query: r.URL.RawQuery}
	if r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, 2*largestRequest)
		if err := r.ParseForm(); err != nil {
			fail(w, errors.Join(err, ErrInvalid))
			return
		}
		asked = Asked{Form: r.PostForm}
	}
	waiting, err := p.receive(r.Context(), r.PathValue("directory"), asked)
	if err != nil {
		fail(w, err)
		return
	}
	if waiting.request.passive {
		p.post(w, waiting, "")
		return
	}
	view, err := p.Get(waiting.directory)
	if err != nil {
		fail(w, err)
		return
	}
	show(w, http.StatusOK, "choose", page{Title: "Sign in", View: view, Waiting: p.wait(waiting), Asks: waiting.provider.EntityID, Force: waiting.request.force})
}

// wait keeps a request until somebody is chosen, and gives what names it.
func (p *IdP) wait(one pending) (id string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for id, other := range p.waiting {
		if len(p.waiting) >= mostWaiting || one.at.Sub(other.at) > chosenWithin {
			delete(p.waiting, id)
		}
	}
	id = newID()
	p.waiting[id] = one
	return id
}

// choose answers the request that waits, or signs in to a service provider where none does.
func (p *IdP) choose(w http.ResponseWriter, r *http.Request) {
	name, person := r.PathValue("directory"), r.PostFormValue("person")
	if to := r.PostFormValue("serviceProvider"); to != "" {
		form, err := p.Begin(r.Context(), name, to, person, "")
		send(w, form, err)
		return
	}
	p.mutex.Lock()
	waiting, known := p.waiting[r.PostFormValue("request")]
	delete(p.waiting, r.PostFormValue("request"))
	p.mutex.Unlock()
	if !known || waiting.directory != name || p.config.Now().Sub(waiting.at) > chosenWithin {
		fail(w, errors.Join(errors.New("the request was answered, or is too old: go back to where you came from and sign in again"), ErrNotFound))
		return
	}
	p.post(w, waiting, person)
}

func (p *IdP) post(w http.ResponseWriter, waiting pending, person string) {
	form, err := p.answer(waiting, person)
	send(w, form, err)
}

// send has the browser post the form at once.
func send(w http.ResponseWriter, form Form, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	show(w, http.StatusOK, "post", page{Title: "Signing in", Form: form})
}

// fail shows why nobody is signed in.
func fail(w http.ResponseWriter, err error) {
	show(w, Status(err), "failed", page{Title: "Not signed in", Sentence: err.Error()})
}

// Status is the HTTP status of an error.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrInvalid):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// functions are what the templates call.
var functions = template.FuncMap{
	"day":     func(t time.Time) string { return t.Format("2006-01-02") },
	"has":     slices.Contains[[]string],
	"ways":    Ways,
	"wayName": Way.Name,
	"nobody":  func() Person { return Person{} },
	"nothing": func() Group { return Group{} },
	"in":      func(v View, one any) map[string]any { return map[string]any{"View": v, "One": one} },
}

func show(w http.ResponseWriter, status int, name string, content page) {
	all, err := template.New("pages").Funcs(functions).ParseFS(pagesFiles, "*.html")
	var text bytes.Buffer
	if err == nil {
		err = all.ExecuteTemplate(&text, name, content)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = text.WriteTo(w)
}
