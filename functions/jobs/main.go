// Command jobs shows the long work of an organization while it is done and for a while after, and cancels it. Of all kinds it
// begins two itself, those that carry files: exports, and imports of users; the others are begun by the feature that wants them.
// It refuses a file that has one faulty row, and reads no more of one than it is told to.
package main

import (
	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	mount(server, &jobs{services, blob.Open(services.AWS, services.Config.Bucket), &access.Rates{Table: services.Table, Clock: services.Clock}})
	server.Start()
}
