package export

import (
	"context"
	"strconv"

	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

// changeColumns are those of an export of what a Sync assigned roles changes, in their order (SYN-3).
var changeColumns = []string{"userId", "name", "email", "outcome", "reason", "conflict", "applied", "fromOrganizationId", "fromOrganization", "fromRoleId", "fromRole",
	"toOrganizationId", "toOrganization", "toRoleId", "toRole", "groupId", "group"}

// changes reads what a run changes as rows of text.
type changes struct {
	table *table.Table
	run   string
	names *rolesync.Names
}

func (c *changes) sheet() *sheet {
	return &sheet{title: "Changes", kind: "sync-change", columns: changeColumns, rows: c.rows}
}

// rows reads the next page behind the cursor, and gives the cursor behind it; empty: that was all.
func (c *changes) rows(ctx context.Context, cursor string) (rows [][]string, next string, err error) {
	page, err := table.List[rolesync.Change](ctx, c.table, rolesync.Changed(c.run, table.MaxLimit, cursor, ""))
	if err == nil {
		err = c.names.Learn(ctx, page.Items)
	}
	if err != nil {
		return nil, "", err
	}
	for _, one := range page.Items {
		u := c.names.User(one.User)
		rows = append(rows, []string{one.User, u.Name, u.Email, string(one.Outcome), one.Reason, strconv.FormatBool(one.Conflict), strconv.FormatBool(one.State == rolesync.Applied),
			one.From.Organization, c.names.Of(one.From.Organization), one.From.Role, c.names.Of(one.From.Role),
			one.To.Organization, c.names.Of(one.To.Organization), one.To.Role, c.names.Of(one.To.Role), one.Group(), c.names.Of(one.Group())})
	}
	return rows, page.Next, nil
}
