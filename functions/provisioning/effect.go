package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

const (
	// mostWithin is how many members are seen to within the request (MAP-3).
	mostWithin = 100

	// mostExamined is how many members are looked at to tell how many a mapping concerns.
	mostExamined = 1_000
)

// effect is what a mapping, as it is to be, does to the members of its group.
type effect struct {
	members  int
	affected int  // have another role by it
	later    int  // of these, those who have a role already
	refused  bool // of these, there are some whose role the caller may not change
	atMost   bool // the numbers are upper bounds
	long     bool // it is not done within the request
	applied  bool // nothing is pending when it is done
	job      string
}

// effect resolves the members with the mappings as they are to be; now tells that they are to be applied at once.
func (f *provisioning) effect(ctx context.Context, c *access.Caller, s *subject, now bool) (*effect, error) {
	ids, more, err := directory.Members(ctx, f.Table, s.group.ID, "", mostExamined)
	if err != nil {
		return nil, err
	}
	if more {
		tally, err := directory.ReadTally(ctx, f.Table, s.group.Root, s.group.ID)
		return &effect{members: tally.Members, affected: tally.Members, later: tally.Members, atMost: true, long: true}, err
	}
	users, err := people.ReadUsers(ctx, f.Table, s.group.Root, ids)
	if err != nil {
		return nil, err
	}
	if err := people.Outside(ctx, f.Table, people.Each(users)...); err != nil {
		return nil, err
	}
	var rights *directory.Rights
	if now {
		if rights, err = f.settler.Rights(ctx, c.Behalf(), s.group.Root); err != nil {
			return nil, err
		}
	}
	e, all := &effect{members: len(ids), long: len(ids) > mostWithin}, s.mappings.All()
	for i := range users {
		standing := directory.StandingOf(&users[i])
		if err := e.count(ctx, s.group.ID, standing.Present, directory.Resolve(standing, all).Assigned, rights); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// count counts a member of the group by the present role and the one that is assigned; rights are the caller's, nil where nothing is to be
// applied at once.
func (e *effect) count(ctx context.Context, group string, present, assigned directory.Assignment, rights *directory.Rights) error {
	if assigned == present {
		return nil
	}
	if directory.Compare(present, assigned) != directory.Unchanged {
		e.affected++
	}
	if present.None() {
		return nil
	}
	e.later++
	if rights == nil || !directory.About(group, present, assigned) {
		return nil
	}
	may, err := rights.May(ctx, present, assigned)
	e.refused = e.refused || !may
	return err
}

// administrators says what it means that the members get an administrator's role.
func (e *effect) administrators(role *people.Role, of *tenant.Organization, now bool) []string {
	who := problem.Amount{N: e.affected, One: "user gets", Many: "users get"}.String()
	if e.atMost {
		who = "Up to " + who
	}
	when := "those without a role at once, the others with the next sync"
	if now {
		when = "at once"
	}
	return []string{fmt.Sprintf("%s the role %q, and so the administration of %s: %s.", who, role.Name, of.Name, when),
		"From then on, whoever the identity provider puts into the group gets it too, at once."}
}

// apply has the change begin the job that goes through the members: it is done by the time of the answer where they are few.
func (f *provisioning) apply(tx *table.Tx, c *access.Caller, s *subject, e *effect, now bool) {
	begun := &job.Job{Root: c.Organization.Root, Organization: c.Organization.ID, Kind: job.ApplyMapping, Total: e.members}
	begun.Give(directory.Applying{Group: s.group.ID, Revision: s.mappings.List[s.mappings.Of(s.group.ID)].Revision, Now: now, By: c.Actor, Tree: c.Root})
	if e.applied = now && !e.refused || e.later == 0; e.long {
		job.Start(tx, begun, f.Work, c.Actor, f.Clock())
	} else {
		f.runner.Start(tx, begun, c.Actor, f.Clock())
	}
	e.job = begun.ID
}
