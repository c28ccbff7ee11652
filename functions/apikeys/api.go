package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// keys is this feature, with what it stands on.
type keys struct{ *start.Services }

const (
	all = "/v1/organizations/{org}/api-keys"
	one = all + "/{key}"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, k *keys) {
	httpapi.Read(s, httpapi.Operation{ID: "list-api-keys", Method: http.MethodGet, Path: all, Needs: access.ReadSettings,
		Summary: "List the API keys of the organization", Description: "The oldest first. Keys that have ended stay until they are deleted."}, k.list)
	httpapi.Change(s, httpapi.Operation{ID: "make-api-key", Method: http.MethodPost, Path: all, Status: http.StatusCreated,
		Needs: access.EditSettings, Delicate: true, Summary: "Make an API key",
		Description: "The secret is in this answer only. All administrators are told. The key ends some days after the person who made it has left."}, k.make)
	httpapi.Change(s, httpapi.Operation{ID: "confirm-api-key", Method: http.MethodPost, Path: one + "/confirm", Needs: access.EditSettings,
		Delicate: true, PersonOnly: true, Summary: "Let a key go on that a restore holds",
		Description: "After the installation was restored from a backup its keys are held, so that none works again that had been deleted since. All administrators are told of each that is confirmed."}, k.confirm)
	httpapi.Change(s, httpapi.Operation{ID: "delete-api-key", Method: http.MethodDelete, Path: one, Status: http.StatusNoContent,
		Needs: access.EditSettings, Delicate: true, Summary: "Delete an API key", Description: "It is refused from the next request on."}, k.remove)
}

// AboutKey is the input that names a key of the organization.
type AboutKey struct {
	httpapi.About
	Key string `path:"key" doc:"The key's id" example:"key_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Nothing is the answer without a body.
type Nothing struct{}
