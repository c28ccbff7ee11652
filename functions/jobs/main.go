// Command jobs shows the long work of an organization while it is done and for a while after, and cancels it. It refuses to
// begin any: that does the feature which wants it.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, &jobs{services})
	server.Start()
}
