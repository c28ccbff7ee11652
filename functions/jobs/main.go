// Command jobs shows the long work of an organization while it is done and for a while after, and cancels it. Of all kinds it
// begins one itself, exports; the others are begun by the feature that wants them.
package main

import (
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	mount(server, &jobs{services, blob.Open(services.AWS, services.Config.Bucket)})
	server.Start()
}
