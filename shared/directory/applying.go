package directory

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// This file applies a mapping to the members of its group (MAP-3), as a job of kind job.ApplyMapping.

// applyPage is how many members a page of the job is; their conditions are the users' own, so that a page that is done again does
// nothing again.
const applyPage = 32

// Applying is what such a job is given.
type Applying struct {
	Group    string      `json:"group"`
	Revision int         `json:"revision"` // of the mappings, when the group was mapped so
	Now      bool        `json:"now"`      // also those who have a role, as far as this group gives it or is to give it
	By       audit.Actor `json:"by"`
	Tree     string      `json:"tree,omitempty"` // of By; empty: the one that it is about
}

// Application is what came of it.
type Application struct {
	Given   int `json:"given"`   // had no role
	Changed int `json:"changed"` // have another one, of whatever organization
	Taken   int `json:"taken"`   // have none any more
	Left    int `json:"left"`    // have a role still that is not what the groups give: it is pending
	Kept    int `json:"kept"`    // the last ones who can administer the organization
	Refused int `json:"refused"` // of those left: to change it takes more rights than those of whoever had the mapping applied
}

// applying is a page of such a job.
type applying struct {
	Applying
	rights *Rights // of whom it is done for
}

// applyingAt is where the job stands: its checkpoint.
type applyingAt struct {
	Behind  string      `json:"behind"`
	Outcome Application `json:"outcome"`
}

// Apply does a page of a job of kind job.ApplyMapping.
func (s *Settler) Apply(ctx context.Context, p *job.Page) error {
	var in applying
	var at applyingAt
	if _, err := p.Given(&in.Applying); err != nil {
		return err
	}
	if _, err := p.Checkpoint(&at); err != nil {
		return err
	}
	mappings, err := ReadMappings(ctx, s.Table, p.Root)
	if err != nil {
		return err
	}
	in.Now = in.Now && mappings.At(in.Group, in.Revision) // otherwise it was mapped anew meanwhile, which nobody asked to apply by this
	if in.rights, err = s.Rights(ctx, access.Behalf{Actor: in.By, Tree: in.Tree}, p.Root); err != nil {
		return err
	}
	in.Now = in.Now && in.rights.Stand()
	members, more, err := Members(ctx, s.Table, in.Group, at.Behind, applyPage)
	if err != nil {
		return err
	}
	settled, err := s.settleAll(ctx, p, &in, mappings, members)
	if err != nil {
		return err
	}
	var changed []string
	for i, is := range settled {
		if at.Outcome.add(is); is != nil && is.Changed() {
			changed = append(changed, members[i])
		}
	}
	if err := s.KeepUp(ctx, p.Root, in.By, mappings.Version, changed); err != nil {
		return err
	}
	last := ""
	if more {
		last = members[len(members)-1]
	}
	stale, err := s.countApplied(ctx, p, mappings, &at, last)
	if err != nil {
		return err
	}
	if err := s.KeepUp(ctx, p.Root, in.By, NoVersion, stale); err != nil {
		return err
	}
	if more {
		at.Behind = last
		p.Next(at, len(members))
		return nil
	}
	if in.Now && at.Outcome.Refused == 0 || at.Outcome.Left == 0 {
		mappings.Applied(p.Tx, in.Revision, in.Group)
	}
	p.Finish(at.Outcome, len(members))
	return nil
}

// settleAll settles members, some at the same time.
func (s *Settler) settleAll(ctx context.Context, p *job.Page, in *applying, mappings *Mappings, members []string) ([]*Settled, error) {
	settled := make([]*Settled, len(members))
	return settled, Each(members, atOnce, func(i int, member string) (err error) {
		settled[i], err = s.applyTo(ctx, p, in, mappings, member)
		return err
	})
}

// applyTo settles one member: a role that another group gives, or is to give, stays as it is, and so does one that it takes more rights to
// change than those of whoever has it applied.
func (s *Settler) applyTo(ctx context.Context, p *job.Page, in *applying, mappings *Mappings, member string) (*Settled, error) {
	how := Resettling{Mappings: mappings, By: in.By, Run: p.ID, GiveOnly: !in.Now, With: func(tx *table.Tx, is *Settled) {
		if is.Outcome != Unchanged { // the same role, by another group
			tx.Put(table.AppliedKey(p.ID, member), applied{Outcome: is.Outcome, Mappings: mappings.Version, ExpiresAt: table.Expiry(p.Now.Add(appliedFor))})
		}
	}}
	if !in.Now {
		return s.Resettle(ctx, p.Root, member, how)
	}
	others, refused, failed := false, false, error(nil)
	how.Accept = func(_ *people.User, is *Settled) bool {
		others = is.Changed() && !is.From.None() && !About(in.Group, is.From, is.To)
		may := true
		if !others && !is.From.None() {
			may, failed = in.rights.May(ctx, is.From, is.To)
		}
		refused = !may
		return may && !others
	}
	is, err := s.Resettle(ctx, p.Root, member, how)
	if err = cmp.Or(err, failed); err != nil || !others && !refused {
		return is, err
	}
	how.GiveOnly, how.Accept = true, nil
	is, err = s.Resettle(ctx, p.Root, member, how)
	if is != nil {
		is.Refused = refused && is.Left
	}
	return is, err
}

// About tells whether a change of a role is the group's: it gave the former one, or gives the next.
func About(group string, from, to Assignment) bool { return from.Group == group || to.Group == group }

// applied is what the job did to a user: it stands in the change itself, so that it counts also where the page was cut off after it and
// is done again.
type applied struct {
	Outcome   Outcome `dynamodbav:"outcome"`
	Mappings  int     `dynamodbav:"mappings"` // by which version of them
	ExpiresAt int64   `dynamodbav:"expiresAt"`
}

// appliedFor is how long that is kept: twice as long as a job can be without progress.
const appliedFor = 48 * time.Hour

// countApplied counts what this attempt at a page and those before it that were cut off did, up to the last user of the page; empty for the
// last page. It comes after all users were settled: nobody who is still at an earlier attempt finds anything to do. stale are the users
// whom the job changed by another version of the mappings.
func (s *Settler) countApplied(ctx context.Context, p *job.Page, by *Mappings, at *applyingAt, last string) (stale []string, err error) {
	begin, behind := table.AppliedKey(p.ID, ""), table.Key{}
	if at.Behind != "" {
		behind = table.AppliedKey(p.ID, at.Behind)
	}
	for more := true; more; {
		rows, others, err := s.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: table.MaxLimit}, behind)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if last != "" && row.Key.SK > table.AppliedKey(p.ID, last).SK {
				return stale, nil
			}
			var done applied
			if err := row.Read(&done); err != nil {
				return nil, err
			}
			at.Outcome.count(done.Outcome)
			if done.Mappings != by.Version {
				stale = append(stale, strings.TrimPrefix(row.Key.SK, begin.SK))
			}
			behind = row.Key
		}
		more = others
	}
	return stale, nil
}

// count counts somebody whose role was changed.
func (a *Application) count(outcome Outcome) {
	switch outcome {
	case RoleGiven:
		a.Given++
	case RoleTaken:
		a.Taken++
	case RoleChanged, Moved:
		a.Changed++
	}
}

// add counts somebody whose role stays although the groups say otherwise.
func (a *Application) add(is *Settled) {
	switch {
	case is == nil: // gone, or people manage the user
	case is.Refused:
		a.Left++
		a.Refused++
	case is.Left:
		a.Left++
	case is.Kept:
		a.Kept++
	}
}
