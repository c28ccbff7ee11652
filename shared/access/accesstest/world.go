// Package accesstest gives a test an installation in a table of its own: trees with their people, who are signed in or have
// API keys, and a clock that the test moves. It is for tests only.
//
//	w := accesstest.New(t)
//	acme := w.Tree(tenant.Client)
//	ana := w.Person(acme.Administrator)
//	caller, err := w.Gate.Identify(ctx, access.Request{Token: ana.Token, Organization: acme.ID})
package accesstest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// World is the installation. The time stands still until it is moved.
type World struct {
	Table *table.Table
	Gate  *access.Gate
	t     testing.TB
	now   time.Time
}

// Lifetimes are those of the World's sessions.
func Lifetimes() people.Lifetimes {
	return people.Lifetimes{Idle: time.Hour, Administrator: 8 * time.Hour, Member: 24 * time.Hour}
}

// KeyGrace is how long the World's keys live on after their maker has left.
const KeyGrace = 7 * 24 * time.Hour

// New makes an empty installation for the test.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{t: t, now: time.Now().UTC().Truncate(time.Second)}
	w.Table = tabletest.NewAt(t, w.Clock)
	w.Gate = &access.Gate{Table: w.Table, Lifetimes: Lifetimes(), KeyGrace: KeyGrace, Clock: w.Clock}
	return w
}

// Clock tells the World's time.
func (w *World) Clock() time.Time { return w.now }

// Asleep is a queue that nobody reads.
type Asleep struct{}

// Send takes the messages, and nothing comes of them.
func (Asleep) Send(context.Context, ...queue.Message) error { return nil }

// Outbox takes letters, which stay in the table.
func (w *World) Outbox() *mail.Outbox {
	return mail.NewOutbox(w.Table, secrettest.Keyring(w.t), Asleep{}, w.Clock, slog.New(slog.DiscardHandler))
}

// Move lets time pass.
func (w *World) Move(d time.Duration) { w.now = w.now.Add(d) }

// Commit makes a change that do puts together, and fails the test where it cannot be made.
func (w *World) Commit(do func(tx *table.Tx)) {
	w.t.Helper()
	tx := table.NewTx()
	do(tx)
	if err := w.Table.Commit(w.t.Context(), tx); err != nil {
		w.t.Fatalf("prepare the test: %v", err)
	}
}

// Restore marks the installation as restored now.
func (w *World) Restore() {
	w.t.Helper()
	w.Commit(func(tx *table.Tx) { restore.Set(tx, w.now) })
}

// Organization is an organization with its built-in roles.
type Organization struct {
	*tenant.Organization
	Administrator, User *people.Role
}

// maker is who made what a test begins with.
func maker() audit.Actor { return audit.System("test") }

// Tree makes a main organization. There can be one platform.
func (w *World) Tree(kind tenant.Type) *Organization {
	w.t.Helper()
	made := &Organization{Organization: &tenant.Organization{Type: kind, Name: "Acme " + Unique(), Email: "hello@acme.example"}}
	w.Commit(func(tx *table.Tx) {
		tenant.Create(tx, made.Organization, maker(), w.now)
		made.Administrator, made.User = people.NewRoles(tx, made.ID, maker(), w.now)
	})
	return made
}

// ClientOf makes a client of the partner, which may do there what access says.
func (w *World) ClientOf(partner *Organization, access tenant.PartnerAccess) *Organization {
	w.t.Helper()
	made := &Organization{Organization: &tenant.Organization{Type: tenant.Client, Name: "Client " + Unique(), Partner: partner.ID, PartnerAccess: access}}
	w.Commit(func(tx *table.Tx) {
		tenant.Create(tx, made.Organization, maker(), w.now)
		made.Administrator, made.User = people.NewRoles(tx, made.ID, maker(), w.now)
	})
	return made
}

// Under makes a suborganization.
func (w *World) Under(above *Organization) *Organization {
	w.t.Helper()
	made := &Organization{Organization: &tenant.Organization{Name: "Sub " + Unique()}}
	w.Commit(func(tx *table.Tx) {
		tenant.CreateUnder(tx, above.Organization, made.Organization, maker(), w.now)
		made.Administrator, made.User = people.NewRoles(tx, made.ID, maker(), w.now)
	})
	return made
}

// Person is somebody who is signed in by password and second factor.
type Person struct {
	*people.User
	Session *people.Session
	Token   string // of the session
	hash    string
}

// Person makes an active user with the role, who has just signed in.
func (w *World) Person(role *people.Role) *Person {
	w.t.Helper()
	p := &Person{}
	root := w.rootOf(role)
	w.Commit(func(tx *table.Tx) {
		p.User, _ = people.Invite(tx, root, role, people.Person{Name: "Pat " + Unique(), Email: Unique() + "@acme.example"}, maker(), w.now)
	})
	w.Change(p, func(tx *table.Tx, edit *table.Change) { people.Activate(tx, edit, p.User, nil, w.now) })
	w.SignIn(p)
	return p
}

func (w *World) rootOf(role *people.Role) string {
	w.t.Helper()
	of, err := tenant.Read(w.t.Context(), w.Table, role.Organization)
	if err != nil {
		w.t.Fatal(err)
	}
	return of.Root
}

// Change edits the person.
func (w *World) Change(p *Person, do func(tx *table.Tx, edit *table.Change)) {
	w.t.Helper()
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(p.User, maker(), w.now)
		do(tx, edit)
		tx.Update(edit)
	})
}

// SignIn gives the person a new session.
func (w *World) SignIn(p *Person) {
	w.t.Helper()
	p.Token, p.hash = secret.New(secret.Session, p.Root, p.ID)
	p.Session = &people.Session{ID: id.New(id.Session), User: p.ID, Method: people.ByPassword, SecondFactor: true, UserEpoch: p.Epoch,
		CreatedAt: w.now.Unix(), AuthenticatedAt: w.now.Unix(), LastSeen: w.now.Unix(), ExpiresAt: w.now.Add(48 * time.Hour).Unix()}
	w.Keep(p)
}

// Keep stores the person's session as the test changed it.
func (w *World) Keep(p *Person) {
	w.t.Helper()
	w.Commit(func(tx *table.Tx) { tx.Put(table.SessionKey(p.ID, p.hash), p.Session) })
}

// Key makes an API key with the role, made by the person with the delicate scope and in a session with a second factor,
// unless change says otherwise, and gives its token.
func (w *World) Key(by *Person, role *people.Role, change func(*people.APIKey)) string {
	w.t.Helper()
	key := &people.APIKey{ID: id.New(id.APIKey), Root: by.Root, Organization: role.Organization, Name: "Test", Role: role.ID, Portal: role.Portal,
		Delicate: true, SecondFactor: true, Maker: by.ID, Stamp: audit.Made(maker(), clock.Format(w.now))}
	token, hash := secret.New(secret.Key, by.Root, by.ID, key.ID)
	key.Hash = hash
	if change != nil {
		change(key)
	}
	w.Commit(func(tx *table.Tx) { tx.Put(key.Key(), key) })
	return token
}

// Unique is a text that no other test has.
func Unique() string { return strings.ToLower(ulid.Make().String()[10:]) }
