// Command organization is the settings that every organization has (GEN-1 to GEN-5): the organizations of an installation,
// their names and contacts, the partner of a client, suspension, and suborganizations. It refuses to touch people, roles
// and keys, but for the built-in roles and the first administrator that an organization is made with.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, &organizations{services})
	server.Start()
}
