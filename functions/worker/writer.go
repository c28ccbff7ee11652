package main

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"sync"
	"text/template"
	"time"
	"unicode"

	"github.com/tenantry/tenantry/shared/mail"
)

// letters holds a file for each kind of letter and language: the subject, an empty line, paragraphs. The HTML is made of the
// same paragraphs by frame.html, so that a letter is written once.
//
//go:embed letters
var letters embed.FS

const (
	english = "en" // for everyone whose language has no letters
	spanish = "es"
)

// written is a mail in words.
type written struct{ Subject, Text, HTML string }

// writer puts letters into words.
type writer struct {
	publicURL string
	parsed    func() (*parsed, error) // once, when the first letter is written: most invocations' start need not wait for it
}

// parsed are the letters as templates.
type parsed struct {
	texts map[string]*template.Template // by language; each holds a template for each kind
	frame *htmltemplate.Template
}

// newWriter gives a writer whose links begin with publicURL.
func newWriter(publicURL string) *writer {
	return &writer{publicURL: publicURL, parsed: sync.OnceValues(parseLetters)}
}

// parseLetters reads all letters. It errs where one is not a template.
func parseLetters() (*parsed, error) {
	p := &parsed{texts: map[string]*template.Template{}}
	for _, language := range []string{english, spanish} {
		texts, err := template.ParseFS(letters, "letters/"+language+"/*.txt")
		if err != nil {
			return nil, fmt.Errorf("read the letters in %s: %w", language, err)
		}
		unexpected := texts.Lookup("unexpected.txt")
		if _, err := texts.AddParseTree("unexpected", unexpected.Tree); err != nil {
			return nil, fmt.Errorf("read the letters in %s: %w", language, err)
		}
		p.texts[language] = texts
	}
	var err error
	if p.frame, err = htmltemplate.ParseFS(letters, "letters/frame.html"); err != nil {
		return nil, fmt.Errorf("read the frame of letters: %w", err)
	}
	return p, nil
}

// words are what letters are filled with, ready to be shown.
type words struct {
	Organization, By, Person, Key, Partner, Access, Domain, Record, Connection, Still, Reason, Why, At, ExpiresAt, Link, PublicURL string
	Count                                                                                                                          int
}

type paragraph struct {
	Text string
	Link bool
}

// write puts the letter into words, in the language or else in English. It errs for a kind that has no letter.
func (w *writer) write(letter mail.Letter, language string) (written, error) {
	language = spoken(language)
	p, err := w.parsed()
	if err != nil {
		return written{}, err
	}
	text := p.texts[language].Lookup(string(letter.Kind) + ".txt")
	if text == nil {
		return written{}, fmt.Errorf("there is no letter for mails of kind %q", letter.Kind)
	}
	fill := w.words(letter)
	var out strings.Builder
	if err := text.Execute(&out, fill); err != nil {
		return written{}, fmt.Errorf("write a letter of kind %q: %w", letter.Kind, err)
	}
	subject, body, _ := strings.Cut(out.String(), "\n\n")
	html, err := p.html(language, subject, body, fill)
	if err != nil {
		return written{}, fmt.Errorf("write a letter of kind %q: %w", letter.Kind, err)
	}
	return written{Subject: subject, Text: body, HTML: html}, nil
}

func (p *parsed) html(language, subject, body string, fill words) (string, error) {
	var paragraphs []paragraph
	for _, text := range strings.Split(strings.TrimSpace(body), "\n\n") {
		paragraphs = append(paragraphs, paragraph{Text: text, Link: text == fill.Link || text == fill.PublicURL})
	}
	var out strings.Builder
	err := p.frame.Execute(&out, struct {
		Language, Subject string
		Paragraphs        []paragraph
	}{language, subject, paragraphs})
	return out.String(), err
}

func (w *writer) words(letter mail.Letter) words {
	d := letter.Data
	return words{
		Organization: line(d.Organization), By: line(d.By), Person: line(d.Person), Key: line(d.Key), Partner: line(d.Partner),
		Access: d.Access, Domain: line(d.Domain), Record: line(d.Record), Connection: line(d.Connection), Still: line(d.Still), Reason: line(d.Reason), Why: d.Why, At: moment(d.At), ExpiresAt: moment(d.ExpiresAt), Link: w.link(letter), PublicURL: w.publicURL, Count: d.Count,
	}
}

// link puts the token into the fragment, which browsers keep to themselves: it stands in no server's log and in no Referer.
func (w *writer) link(letter mail.Letter) string {
	switch letter.Kind {
	case mail.Invitation, mail.SetUp:
		return w.publicURL + "/invitation#" + letter.Data.Token
	case mail.Recovery:
		return w.publicURL + "/recovery#" + letter.Data.Token
	case mail.AddressConfirmation:
		return w.publicURL + "/address#" + letter.Data.Token
	case mail.PasswordReset:
		return w.publicURL + "/password-reset#" + letter.Data.Token
	}
	return ""
}

// spoken is the language of the letters for a person's language, a BCP 47 tag.
func spoken(language string) string {
	if primary, _, _ := strings.Cut(strings.ToLower(language), "-"); primary == spanish {
		return spanish
	}
	return english
}

// line keeps what people typed on one line, so that a name cannot write paragraphs or headers of a mail.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// moment is a time in a form that every language reads.
func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }
