// Command branding is an organization's colours, logo and cover image (BRA). A browser posts an image to S3 itself; this function
// signs the form, and later takes the file into use: it reads it, checks and cleans it, and stores it where the CDN serves it.
// It refuses to serve or to convert images, and never decodes one.
package main

import (
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/start/web"
)

func main() {
	server, services := web.Server()
	mount(server, &brands{services, blob.Open(services.AWS, services.Config.Bucket)})
	server.Start()
}
