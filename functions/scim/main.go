package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	door := &door{Services: services, server: server,
		rates: &access.Rates{Table: services.Table, Clock: services.Clock, PublicPerMinute: callsPerMinute}}
	door.mount()
	server.Start()
}
