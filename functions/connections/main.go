// Command connections is the SSO connections of an organization (SSO): the wizard that sets one up, whose state is kept here, what
// changes later, switching on and off, removing. Reading metadata again and telling of certificates that end is
// functions/worker's, signing in by a connection functions/saml's. It refuses to put anything into force that no test has
// passed with.
package main

import (
	"log"

	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	feature, err := newConnections(services)
	if err != nil {
		log.Fatal(err)
	}
	mount(server, feature)
	mountTests(server, feature)
	mountKeys(server, feature)
	mountProvisioning(server, feature)
	server.Start()
}
