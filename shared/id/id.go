// Package id makes and checks the product's identifiers: a ULID behind a prefix that names the kind of thing, such as
// org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW. Ids sort by the time they were made. They are no secrets and grant nothing.
package id

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// Kind is the prefix of an id.
type Kind string

// The kinds of things that have ids.
const (
	Organization Kind = "org"
	User         Kind = "usr"
	Role         Kind = "rol"
	APIKey       Kind = "key"
	Session      Kind = "ses"
	Event        Kind = "evt"
	Domain       Kind = "dom"
	Mail         Kind = "mai"
	Request      Kind = "req"
	Job          Kind = "job"
	Upload       Kind = "upl"
	Connection   Kind = "con"
	Test         Kind = "tst"
	Group        Kind = "grp" // that an IdP brought by SCIM
	Run          Kind = "run" // a Sync assigned roles
	Token        Kind = "tok" // a SCIM token of a connection
)

// New makes an id of the kind. Ids made in one process in the same millisecond differ by 80 random bits.
func New(kind Kind) string {
	return string(kind) + "_" + ulid.MustNew(ulid.Now(), rand.Reader).String()
}

// NewAt makes an id of the kind as New does, of something that was at that time.
func NewAt(kind Kind, at time.Time) string {
	return string(kind) + "_" + ulid.MustNew(ulid.Timestamp(at), rand.Reader).String()
}

// From sorts below all ids of the kind that were made from that millisecond on, and above those of before. It is none itself.
func From(kind Kind, at time.Time) string {
	var bound ulid.ULID
	_ = bound.SetTime(uint64(min(max(at.UnixMilli(), 0), int64(ulid.MaxTime())))) // which errs beyond that
	return string(kind) + "_" + bound.String()[:timeLength]
}

// timeLength is how many characters of a ULID are its time.
const timeLength = 10

// Valid tells whether value is an id of the kind in its canonical form: anything else cannot exist and is answered as such
// before the table is asked.
func Valid(kind Kind, value string) bool {
	rest, found := strings.CutPrefix(value, string(kind)+"_")
	if !found {
		return false
	}
	parsed, err := ulid.ParseStrict(rest)
	return err == nil && parsed.String() == rest
}
