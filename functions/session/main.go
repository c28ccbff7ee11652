package main

import (
	"log"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	social, err := newProviders(services)
	if err != nil {
		log.Fatal(err)
	}
	door := &door{Services: services, server: server, social: social, rates: &access.Rates{Table: services.Table, Clock: services.Clock}}
	door.mount()
	server.Start()
}
