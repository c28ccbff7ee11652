package main

import (
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
)

// Application is what came of a mapping of a group, as the API shows it: of how many of the members.
type Application struct {
	Given   int `json:"given" doc:"Had no role, and got one"`
	Changed int `json:"changed" doc:"Have another role, of whatever organization"`
	Taken   int `json:"taken" doc:"Have no role any more"`
	Left    int `json:"left" doc:"Have a role still that is not what their groups give: that is pending"`
	Kept    int `json:"kept" doc:"Keep it, since nobody else could administer the organization"`
	Refused int `json:"refused" doc:"Of left: to change it takes more rights than those of whoever had the mapping applied"`
}

// applied is what a job that applied a mapping was finished with; nil of any other.
func applied(of *job.Job) (*Application, error) {
	var out directory.Application
	if of.Kind != job.ApplyMapping {
		return nil, nil
	}
	if done, err := of.Result(&out); !done || err != nil {
		return nil, err
	}
	shown := Application(out)
	return &shown, nil
}
