package job

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// PageWrites is how many items a page can write beside its job: what a transaction takes, less the job and its timer.
const PageWrites = table.MaxWrites - 2

// Step does one page of a job: it reads where the page begins (Page.Checkpoint), puts what changes into Page.Tx, and says where
// the next one begins (Page.Next) or that there is none (Page.Finish, Page.Vanish). It may run more than once for the same
// page, so what it does outside of Page.Tx must bear to be done again. A problem.Error that is not Unavailable ends the job
// as failed; any other error has the page tried again later.
type Step func(ctx context.Context, p *Page) error

// Page is a page of a job that a Step does.
type Page struct {
	Job
	Now time.Time
	Tx  *table.Tx // committed together with the progress of the job, once

	said bool // where to go on, or that it is over
	over bool
	gone bool // over, with nothing left of the job
}

// Checkpoint reads where the page begins, as the page before said it, into value; false for the first page.
func (p *Page) Checkpoint(value any) (bool, error) { return decode(p.AtJSON, value) }

// Next says where the next page begins, and how much of the work this one did.
func (p *Page) Next(checkpoint any, done int) {
	p.AtJSON, p.said = encode(checkpoint), true
	p.Done += done
}

// Expect says how much there is to do, as soon as it is known.
func (p *Page) Expect(total int) { p.Total = total }

// Finish says that this was the last page, how much it did, and what came out: a value that encodes as JSON, or nil.
func (p *Page) Finish(result any, done int) {
	p.said, p.over = true, true
	p.Done += done
	if result != nil {
		p.ResultJSON = encode(result)
	}
}

// Vanish says that this was the last page, and that nothing of the job itself may be left either.
func (p *Page) Vanish() { p.said, p.over, p.gone = true, true, true }

// settle puts the progress of the job into the page's change.
func (p *Page) settle() {
	switch {
	case p.gone:
		p.Tx.DeleteIf(p.Key(), p.here(), table.ErrChanged)
		timer.Cancel(p.Tx, timer.Job, owner(p.Root, p.ID))
		p.Status = Succeeded
	case p.over:
		p.end(p.Tx, Succeeded, p.Now)
	default:
		p.Tx.Update(p.advance(Running, p.Now).Set("checkpoint", p.AtJSON))
	}
}
