// Command domains is the domains of an organization (DOM): registering them, proving that they are the organization's own by a
// record in DNS, removing them. That verified ones are looked at again day by day is functions/worker's. It refuses to take a
// domain from the tree that holds it as long as that one's own record stands.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, newDomains(services))
	server.Start()
}
