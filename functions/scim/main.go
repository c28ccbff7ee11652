package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	server.TakeUpTo(scim.LargestGroupBody)
	door := &door{Services: services, server: server, settler: &directory.Settler{Table: services.Table, Trail: services.Trail, Outbox: services.Outbox,
		KeyGrace: services.Config.KeyGrace, Social: services.Config.Social(), Clock: services.Clock},
		rates: &access.Rates{Table: services.Table, Clock: services.Clock, PublicPerMinute: callsPerMinute}}
	door.mount()
	server.Start()
}
