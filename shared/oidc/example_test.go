package oidc_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/oidc"
)

func Example() {
	google, err := oidc.New(oidc.Google("id", "secret"), "https://settings.example.com/v1/session/oidc/google/callback", &http.Client{}, clock.System)
	if err != nil {
		panic(err)
	}
	attempt, address := google.Begin(oidc.Wish{}) // the attempt goes into a sealed cookie, the browser to the address
	to, _ := url.Parse(address)
	fmt.Println(to.Host, to.Query().Get("state") == attempt.State)

	_, err = google.Finish(context.Background(), attempt, url.Values{"code": {"stolen"}, "state": {"of somebody else"}})
	fmt.Println(oidc.As(err).Code)
	// Output:
	// accounts.google.com true
	// not-begun-here
}
