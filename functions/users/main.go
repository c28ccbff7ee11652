// Command users is the people of a tree (USR): who is a member of which organization with which role, from the invitation to
// the deletion, and where they are signed in. Nobody gives a role above their own or changes somebody who has more rights,
// and everything is looked up in the tree of the URL's organization. It refuses to touch addresses and credentials: those
// are their owners'.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, &users{services})
	server.Start()
}
