package main

import (
	"log"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	client, err := outgoing.New(outgoing.Config{Loopback: services.Config.Loopback, PublicURL: services.Config.PublicURL})
	if err != nil {
		log.Fatal(err)
	}
	door := &door{Services: services, server: server,
		rates: &access.Rates{Table: services.Table, Clock: services.Clock, PublicPerMinute: visitsPerMinute},
		again: &connection.Refresher{Table: services.Table, Client: client, Clock: services.Clock,
			Registry: &connection.Registry{Trail: services.Trail, Outbox: services.Outbox}}}
	door.mount()
	server.Start()
}
