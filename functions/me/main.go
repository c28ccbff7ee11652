package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/start"
)

func main() {
	server, services := start.Server()
	own := &own{Services: services, rates: &access.Rates{Table: services.Table, Clock: services.Clock}}
	own.mount(server)
	server.Start()
}
