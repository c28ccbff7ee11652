// Command portal answers what concerns the product as a whole and nobody signs in for: whether it is well, and what its API
// is. It refuses to know any feature.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, services.Table)
	server.Start()
}
