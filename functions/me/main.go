package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	own := &own{Services: services, rates: &access.Rates{Table: services.Table, Clock: services.Clock}}
	own.mount(server)
	server.Start()
}
