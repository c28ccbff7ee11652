package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// jobs is this feature, with what it stands on.
type jobs struct {
	*start.Services
	store *blob.Store   // of exports
	rates *access.Rates // of imports
}

const one = "/v1/organizations/{org}/jobs/{job}"

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, j *jobs) {
	httpapi.Read(s, httpapi.Operation{ID: "get-job", Method: http.MethodGet, Path: one, Needs: access.ReadSettings,
		Summary: "Read a job: long work of the organization", Description: "It can be read for 30 days after it is over."}, j.get)
	httpapi.Change(s, httpapi.Operation{ID: "cancel-job", Method: http.MethodPost, Path: one + "/cancel", Needs: access.EditSettings,
		Summary: "Cancel a job", Description: "Nothing more of it is done from then on; what was done stays."}, j.cancel)
	httpapi.Change(s, httpapi.Operation{ID: "begin-export", Method: http.MethodPost, Path: exports("{org}"), Status: http.StatusAccepted,
		Needs: access.ReadSettings, Delicate: true, Summary: "Export users, what a sync changes, or a main organization with all of its tree, into a file",
		Description: "It is made in the background; the answer's Location says where to ask how far it is. It holds no secrets. A whole organization is for those who may edit its policy."}, j.beginExport)
	httpapi.Read(s, httpapi.Operation{ID: "get-export", Method: http.MethodGet, Path: exports("{org}") + "/{export}", Needs: access.ReadSettings,
		Summary: "Read an export", Description: "When it is done, with a link that is valid for ten minutes, for who has signed in within the last 10 minutes. The file is gone after a day."}, j.getExport)
	httpapi.Change(s, httpapi.Operation{ID: "import-users", Method: http.MethodPost, Path: "/v1/organizations/{org}/users/import", Status: http.StatusAccepted,
		Needs: access.EditSettings, Summary: "Invite the people of a file",
		Description: "All rows are checked first; a dry run answers 200 with every faulty one, and without it a file with one is refused as a whole. The people are invited in the background; " +
			"the answer's Location says where to ask how far it is. Who is in the tree already is passed over, so that a file can be sent again. Inviting administrators takes a recent sign-in."}, j.importUsers)
}

// AboutJob is the input that names a job of the organization.
type AboutJob struct {
	httpapi.About
	Job string `path:"job" doc:"The job's id" example:"job_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}
