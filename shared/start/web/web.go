// Package web is how a function that answers HTTP starts: services, and a server on them. It stands apart from package start
// so that functions that are woken otherwise do not link HTTP, Huma and the rest of it.
package web

import (
	"log"
	"log/slog"
	"os"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// The rates of PER-8. An address may be a whole company behind one router; a tree is all of its people and keys together.
const (
	publicPerMinute = 600
	callerPerMinute = 1_200
	treePerMinute   = 12_000
)

// Server gives a function's server, still without operations, and the services behind it; it ends the process where they
// cannot be opened. A function that is only asked to describe its API (-openapi) needs no environment: its services are
// empty then, and no operation of it is called.
//
//	server, services := web.Server()
//	organizations{services}.mount(server)
//	server.Start()
func Server() (*httpapi.Server, *start.Services) {
	if slices.Contains(os.Args[1:], "-openapi") {
		return httpapi.New(httpapi.Config{PublicURL: "https://localhost"}), &start.Services{}
	}
	services, err := start.Open(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	slog.SetDefault(services.Log)
	return NewServer(services), services
}

// NewServer is a server on services that are open.
func NewServer(s *start.Services) *httpapi.Server {
	return httpapi.New(httpapi.Config{
		PublicURL: s.Config.PublicURL,
		CDNSecret: s.Config.CDNSecret, OtherCDNSecret: s.Config.OtherCDNSecret,
		Table: s.Table,
		Gate: &access.Gate{Table: s.Table, KeyGrace: s.Config.KeyGrace, Clock: s.Clock,
			Lifetimes: s.Config.Lifetimes()},
		Rates: &access.Rates{Table: s.Table, Clock: s.Clock,
			PublicPerMinute: publicPerMinute, CallerPerMinute: callerPerMinute, TreePerMinute: treePerMinute},
		Trail: s.Trail,
		Clock: s.Clock,
		Ready: s.Ready,
	})
}
