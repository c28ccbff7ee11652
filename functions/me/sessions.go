package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// stored is a session with the key that it is stored under.
type stored struct {
	SK string `dynamodbav:"sk"`
	people.Session
}

// sessionsOf asks for the person's sessions, those that ended included.
func sessionsOf(user string) table.Question {
	key := table.SessionKey(user, "")
	return table.Question{PK: key.PK, Prefix: key.SK}
}

// listSessions shows where the person is signed in.
func (o *own) listSessions(ctx context.Context, c *access.Caller, in *httpapi.Page) (*sessionsOutput, error) {
	question := sessionsOf(c.User.ID)
	question.Limit, question.Cursor = in.Limit, in.Cursor
	page, err := table.List[stored](ctx, o.Table, question)
	if err != nil {
		return nil, err
	}
	out := &sessionsOutput{}
	out.Body.Items, out.Body.NextCursor = []OwnSession{}, page.Next
	for _, s := range page.Items {
		stands, err := o.stands(ctx, c, &s.Session)
		if err != nil {
			return nil, err
		}
		if stands {
			out.Body.Items = append(out.Body.Items, shown(c, &s.Session))
		}
	}
	return out, nil
}

// stands tells whether a session would still be let in.
func (o *own) stands(ctx context.Context, c *access.Caller, s *people.Session) (bool, error) {
	if s.Ended(o.Clock(), o.Config.Lifetimes(), c.Portal) {
		return false, nil
	}
	return access.Holds(ctx, o.Table, s, c.User, &c.Access, c.Restored)
}

func shown(c *access.Caller, s *people.Session) OwnSession {
	return OwnSession{ID: s.ID, Current: s.ID == c.Session.ID, Method: string(s.Method), SecondFactor: s.SecondFactor,
		CreatedAt: clock.FormatUnix(s.CreatedAt), LastSeenAt: clock.FormatUnix(s.LastSeen), ExpiresAt: clock.FormatUnix(s.ExpiresAt), Address: s.Address, Agent: s.Agent}
}

// endOthers ends all sessions but the one that asks.
func (o *own) endOthers(ctx context.Context, c *access.Caller, _ *nothing, tx *table.Tx) (*nothing, error) {
	if err := o.again(ctx, c); err != nil {
		return nil, err
	}
	o.Trail.Write(tx, c.Event("sessions.ended", "user", c.User.ID))
	o.goOnAlone(c, tx, c.Session.SecondFactor)
	return nil, nil
}

// endSession ends one of the person's sessions, the one that asks as well.
func (o *own) endSession(ctx context.Context, c *access.Caller, in *sessionPath, tx *table.Tx) (*nothing, error) {
	if !id.Valid(id.Session, in.Session) {
		return nil, problem.Missing()
	}
	all, err := table.All[stored](ctx, o.Table, sessionsOf(c.User.ID))
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.ID == in.Session {
			tx.DeleteExisting(table.Key{PK: table.UserPartition(c.User.ID), SK: s.SK}, problem.Missing())
			o.Trail.Write(tx, c.Event("session.ended", "session", s.ID))
			return nil, nil
		}
	}
	return nil, problem.Missing()
}
