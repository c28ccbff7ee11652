package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	server.TakeUpTo(6 << 20) // all that Lambda lets through, so that what is too large is refused in SCIM's form
	server.MergeSlashes()
	door := &door{Services: services, server: server, settler: directory.NewSettler(services.Table, services.Trail, services.Outbox, services.Config.KeyGrace, services.Config.Social()),
		notice: lockout.NewNotice(services.Table, services.Trail, services.Outbox, services.Config.Social()),
		rates:  &access.Rates{Table: services.Table, Clock: services.Clock}}
	door.mount()
	server.Start()
}
