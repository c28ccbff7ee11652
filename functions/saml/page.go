package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

// Pages are for people in a browser that is on its way. They load nothing, run nothing but the one script that sends a form, and
// show what an IdP sent as text only.

// posting sends the form of formPage. Its hash lets it run, and nothing else.
const posting = `document.forms[0].submit()`

var policy = func() string {
	sum := sha256.Sum256([]byte(posting))
	return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; frame-ancestors 'none'"
}()

const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Signing in</title>` +
	`<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}small{color:#555}</style></head><body>`

// formPage has the browser post a request to the IdP.
var formPage = template.Must(template.New("form").Parse(head + `<form method="post" action="{{.Action}}">` +
	`<input type="hidden" name="SAMLRequest" value="{{.SAMLRequest}}">{{with .RelayState}}<input type="hidden" name="RelayState" value="{{.}}">{{end}}` +
	`<noscript><p>Your browser runs no scripts: go on by the button.</p></noscript><button>Go on</button></form><script>` + posting + `</script></body></html>`))

// sentencePage says one thing.
var sentencePage = template.Must(template.New("sentence").Parse(head + `<h1>{{.Title}}</h1><p id="sentence">{{.Sentence}}</p>` +
	`{{with .Back}}<p><a href="{{.}}">Back</a></p>{{end}}<small>{{with .Code}}<code id="code">{{.}}</code> · {{end}}<code id="request">{{.Request}}</code></small></body></html>`))

// said is what sentencePage says. Code is that of the sentence, not of what went wrong.
type said struct{ Title, Sentence, Code, Request, Back string }

// show answers with a page.
func show(w http.ResponseWriter, status int, page *template.Template, value any) error {
	var text bytes.Buffer
	if err := page.Execute(&text, value); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, err := text.WriteTo(w)
	return err
}
