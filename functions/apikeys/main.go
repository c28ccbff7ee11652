// Command apikeys is the API keys of an organization (LOG-7): making, listing and deleting them. A key has a role of its
// organization, never above that of who makes it, is shown once, and ends some days after that person has left. It refuses
// to change a key: a new one is made instead.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, &keys{services})
	server.Start()
}
