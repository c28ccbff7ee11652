// Command authentication is the Authentication tab (AUT): who of a tree signs in by email and password, who needs a second
// factor, how each person signs in, and what administrators do about the credentials of others. A new policy holds from the
// moment it is stored; that what has become void is removed is functions/worker's.
//
// It refuses a change after which no administrator could sign in (PER-5), and touches nobody who has more rights than the
// caller (PER-2). It never shows or sets a password: that is its owner's.
package main

import "github.com/tenantry/tenantry/shared/start/web"

func main() {
	server, services := web.Server()
	mount(server, &authentication{services})
	server.Start()
}
