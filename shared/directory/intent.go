package directory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Intent is that members of a group change who are too many for one transaction. It is written down whole, once all is known to be
// possible, and then done user by user, by whoever comes: the one who wrote it, the next one who changes the group, or the worker after
// a while. So all of it is done, or nothing.
type Intent struct {
	ID         string `dynamodbav:"id"`
	Root       string `dynamodbav:"root"`
	Connection string `dynamodbav:"connection"`
	Group      string `dynamodbav:"group"`
	Request
	// Mappings is the version of the mappings by which the first of the users can have been settled: before there were any, and before
	// intents said so, it is 0.
	Mappings int   `dynamodbav:"mappings"`
	Touched  int64 `dynamodbav:"touched"` // when somebody went on with it last; Unix milliseconds
}

// intended is what an intent changes, apart from it: what is read again and again is short.
type intended struct {
	Joins  []string `dynamodbav:"joins"`
	Leaves []string `dynamodbav:"leaves"`
	// Follows are those who were moved, and are only to be brought in line with the mappings.
	Follows []string `dynamodbav:"follows,omitempty"`
}

func (w *intended) users() []string { return slices.Concat(w.Joins, w.Leaves, w.Follows) }

// watchIntent is when the worker looks whether an intent was done.
const watchIntent = time.Minute

// Intend has the change write the intent down; the commit fails with table.ErrChanged where the group has one already.
func (s *Settler) Intend(tx *table.Tx, in Intent, joins, leaves []string) {
	s.intend(tx, in, intended{Joins: joins, Leaves: leaves})
}

func (s *Settler) intend(tx *table.Tx, in Intent, what intended) {
	in.ID, in.Touched = ulid.Make().String(), s.Clock().UnixMilli()
	tx.Create(table.IntentKey(in.Group), in, table.ErrChanged)
	tx.Put(table.IntentChangesKey(in.Group, in.ID), what)
	timer.Set(tx, timer.Members, in.owner(), s.Clock().Add(watchIntent))
}

func (in *Intent) owner() string { return IntentOwner(in.Connection, in.Group) }

// IntentOwner is what the timer of a group's intent belongs to.
func IntentOwner(connection, group string) string { return connection + "/" + group }

// Drop has the change give up what is intended of a group, which is deleted.
func Drop(tx *table.Tx, connection, group string) {
	tx.Delete(table.IntentKey(group), 0)
	timer.Cancel(tx, timer.Members, IntentOwner(connection, group))
}

// Await is for who finds an intent before a change of the same group: it gives the other one time, goes on with what was abandoned, and
// always has the caller read again, by table.ErrChanged.
func (s *Settler) Await(ctx context.Context, in *Intent) error {
	if s.Clock().Sub(time.UnixMilli(in.Touched)) < abandonedAfter {
		return table.ErrChanged
	}
	if err := s.Finish(ctx, in.Group); err != nil {
		return err
	}
	return table.ErrChanged
}

// Finish does what is intended of a group, if anything is, as far as others have not.
func (s *Settler) Finish(ctx context.Context, group string) error {
	r := &rolling{Settler: s}
	if found, err := s.Table.Get(ctx, table.IntentKey(group), &r.in); err != nil || !found {
		return err
	}
	var what intended
	if found, err := s.Table.Get(ctx, table.IntentChangesKey(group, r.in.ID), &what); err != nil || !found { // somebody else has just finished it
		return err
	}
	return r.over(ctx, what, r.roll(ctx, what))
}

// errOver tells that somebody else has finished the intent.
var errOver = errors.New("the intent is over")

// rolling is an intent that is being done.
type rolling struct {
	*Settler
	in Intent
}

// pageOfIntent is how many users are read at once, and atOnce how many are changed at the same time.
const (
	pageOfIntent = 40
	atOnce       = 8
)

func (r *rolling) roll(ctx context.Context, what intended) error {
	for _, half := range []struct {
		users []string
		joins bool
	}{{what.Joins, true}, {what.Leaves, false}} {
		for page := range slices.Chunk(half.users, pageOfIntent) {
			if err := r.page(ctx, page, Member{Group: r.in.Group, Joins: half.joins}); err != nil {
				return err
			}
		}
	}
	if err := r.follow(ctx, &r.in, what.users(), r.alive); err != nil {
		return err
	}
	tx := table.NewTx()
	tx.DeleteIf(table.IntentKey(r.in.Group), r.same(), errOver)
	tx.Delete(table.IntentChangesKey(r.in.Group, r.in.ID), 0)
	timer.Cancel(tx, timer.Members, r.in.owner())
	return r.Table.Commit(ctx, tx)
}

func (r *rolling) same() expression.ConditionBuilder {
	return expression.Name("id").Equal(expression.Value(r.in.ID))
}

// alive has everybody know that somebody goes on, and fails with errOver where the intent is done. It comes between reading a user and
// changing that one: whoever finishes the intent in between has changed the user before, and so the change fails. Thus nobody who comes
// late does again what was changed back since.
func (r *rolling) alive(ctx context.Context) error {
	_, err := r.Table.Apply(ctx, table.Touch(table.IntentKey(r.in.Group)).If(r.same(), errOver).Set("touched", r.Clock().UnixMilli()))
	return err
}

// page changes some users, several at the same time.
func (r *rolling) page(ctx context.Context, ids []string, m Member) error {
	users, mappings, err := r.read(ctx, ids)
	if err != nil {
		return err
	}
	return Each(users, atOnce, func(_ int, u people.User) error {
		err := r.one(ctx, &u, m, mappings)
		if met(err) {
			err = r.again(ctx, u.ID, m)
		}
		return err
	})
}

// read reads users, and then the mappings that they are settled by: whoever brought them in line before did so by these, or older ones.
func (r *rolling) read(ctx context.Context, ids []string) ([]people.User, *Mappings, error) {
	users, mappings, err := readSettled(ctx, r.Table, r.in.Root, ids)
	if err == nil {
		err = r.alive(ctx)
	}
	return users, mappings, err
}

func readSettled(ctx context.Context, t *table.Table, root string, ids []string) ([]people.User, *Mappings, error) {
	users, err := people.ReadUsers(ctx, t, root, ids)
	if err != nil {
		return nil, nil, err
	}
	mappings, err := ReadMappings(ctx, t, root)
	return users, mappings, err
}

// met tells whether a change came to nothing because of others: they changed the same, or they were so many that the table was busy. What is
// intended is tried again then as long as there is time, since whoever asked for it expects it done.
func met(err error) bool {
	e := problem.As(err)
	return errors.Is(err, table.ErrChanged) || e != nil && e.Code == problem.Unavailable
}

// one changes one user as read. Who is gone, or of another connection, is passed over.
func (r *rolling) one(ctx context.Context, u *people.User, m Member, mappings *Mappings) error {
	if u.Connection != r.in.Connection || !m.Needed(u) {
		return nil
	}
	tx := table.NewTx()
	if err := r.Move(ctx, tx, r.in.Request, u, m, mappings, errGone); err != nil {
		return err
	}
	return r.Table.Commit(ctx, tx)
}

func (r *rolling) again(ctx context.Context, user string, m Member) error {
	return Again(ctx, func() error {
		users, mappings, err := r.read(ctx, []string{user})
		if err == nil {
			err = r.one(ctx, &users[0], m, mappings)
		}
		if met(err) {
			return table.ErrChanged
		}
		return err
	})
}

// Each does something for each of a list, with its place, for so many at the same time, and waits for all. The errors are given, in the
// order of the list.
func Each[T any](all []T, atOnce int, do func(int, T) error) error {
	var working sync.WaitGroup
	errs, places := make([]error, len(all)), make(chan struct{}, atOnce)
	for i, one := range all {
		places <- struct{}{}
		working.Go(func() {
			errs[i] = do(i, one)
			<-places
		})
	}
	working.Wait()
	return errors.Join(errs...)
}
