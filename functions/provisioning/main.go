// Command provisioning is what a main organization does with the groups that its identity providers push by SCIM (MAP): it shows them,
// maps them to roles, and orders the mappings. Groups come and go, and get their members, by functions/scim alone: it refuses to change
// any. Whom a mapping concerns is settled by shared/directory.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	f := newProvisioning(services)
	mount(server, f)
	mountSync(server, f)
	mountSettings(server, f)
	server.Start()
}
