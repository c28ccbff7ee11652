package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// restoresPage is how many trees are told in a page: each is a mail to be written and a message to be sent.
const restoresPage = 25

// restores tells of a restore from a backup (INS-6).
type restores struct{ *start.Services }

// tell writes a letter to the administrators of each main organization of the page. The checkpoint is the cursor of the next.
func (r restores) tell(ctx context.Context, p *job.Page) error {
	var mark restore.Mark
	var cursor string
	if _, err := p.Given(&mark); err != nil {
		return err
	}
	if _, err := p.Checkpoint(&cursor); err != nil {
		return err
	}
	list := table.MainOrganizations("", "", "")
	page, err := table.List[tenant.Organization](ctx, r.Table, table.Question{Index: list.Index, PK: list.PK, Limit: restoresPage, Cursor: cursor})
	if err != nil {
		return err
	}
	for _, of := range page.Items {
		r.Outbox.Post(p.Tx, mail.Letter{Kind: mail.Restored, Administrators: of.ID, Data: mail.Data{Organization: of.Name, At: mark.Time()}})
	}
	if page.Next == "" {
		p.Finish(nil, len(page.Items))
		return nil
	}
	p.Next(page.Next, len(page.Items))
	return nil
}
