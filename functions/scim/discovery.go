package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/scim"
)

// cursorLasts is how long a cursor holds (RFC 9865).
const cursorLasts = time.Hour

// discover answers what describes the server (RFC 7644 section 4).
func (d *door) discover(idp *caller, r *http.Request, what, name string) (*reply, error) {
	if r.Method != http.MethodGet {
		return nil, methods(http.MethodGet)
	}
	if r.URL.Query().Has("filter") {
		return nil, scim.Refused(http.StatusForbidden, "What describes the server is not filtered.")
	}
	var all []scim.Object
	switch what {
	case "", "ServiceProviderConfig":
		if name != "" {
			return nil, scim.Refused(http.StatusNotFound, "There is one ServiceProviderConfig.")
		}
		return &reply{status: http.StatusOK, body: scim.ServiceProviderConfig(idp.base, scim.Features{Sort: true, BulkOperations: scim.MostBulkOperations, CursorTimeout: cursorLasts})}, nil
	case "Schemas":
		all = scim.Schemas(idp.base)
	default:
		all = scim.ResourceTypes(idp.base)
	}
	if name == "" {
		return &reply{status: http.StatusOK, body: scim.List{Total: len(all), Start: 1, Resources: all}}, nil
	}
	one := scim.Described(all, strings.TrimSpace(name))
	if one == nil {
		return nil, scim.Refused(http.StatusNotFound, "There is no %s of that name: ask for the list.", what)
	}
	return &reply{status: http.StatusOK, body: one}, nil
}
