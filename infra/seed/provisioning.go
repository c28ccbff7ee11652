package main

import (
	"context"
	"net/http"
	"strings"
)

// provisioning switches SCIM on at a connection, and gives the directory of the demonstration IdP the server and a token. Nobody is
// brought: that is for whoever watches. The tokens of an earlier run, whose secrets nobody has any more, are revoked.
func (w *world) provisioning(ctx context.Context, key, org, connection, directory string) (*scim, error) {
	path := "/v1/organizations/" + org + "/sso-connections/" + connection + "/scim"
	made := &scim{}
	if _, err := w.call(ctx, bearer(key), http.MethodPut, path, map[string]bool{"acceptOutsiders": false}, made); err != nil {
		return nil, err
	}
	if _, below, found := strings.Cut(made.Endpoint, "/scim/"); found {
		made.Endpoint = w.base + "/scim/" + below // the connection remembers the address of the run that switched it on
	}
	var earlier struct{ Items []struct{ ID string } }
	if _, err := w.call(ctx, bearer(key), http.MethodGet, path+"/tokens", nil, &earlier); err != nil {
		return nil, err
	}
	for _, one := range earlier.Items {
		if _, err := w.call(ctx, bearer(key), http.MethodDelete, path+"/tokens/"+one.ID, nil, nil); err != nil {
			return nil, err
		}
	}
	if _, err := w.call(ctx, bearer(key), http.MethodPost, path+"/tokens", map[string]string{}, made); err != nil {
		return nil, err
	}
	to := map[string]any{"provisioning": map[string]string{"endpoint": made.Endpoint, "token": made.Token, "way": "entra"}}
	_, err := w.send(ctx, http.MethodPut, w.local+"/idp/"+directory, to, nil, nil)
	return made, err
}
