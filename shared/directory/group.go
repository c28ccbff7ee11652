package directory

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/table"
)

// Arrived tells whether an IdP has ever brought a group into the tree, be it there or not: what was counted once stays counted, as 0.
func Arrived(ctx context.Context, t *table.Table, root string) (bool, error) {
	counts, err := t.Counts(ctx, root, table.DirectoryCount("", ""))
	for name := range counts {
		if strings.HasSuffix(name, "#"+string(OfGroup)) {
			return true, nil
		}
	}
	return false, err
}
