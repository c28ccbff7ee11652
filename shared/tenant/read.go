package tenant

import (
	"context"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Read reads an organization: Missing where there is none of that id. Whether the caller may know of it is package
// access's to say.
func Read(ctx context.Context, t *table.Table, org string) (*Organization, error) {
	if !id.Valid(id.Organization, org) {
		return nil, problem.Missing()
	}
	var o Organization
	found, err := t.Get(ctx, table.OrganizationKey(org), &o)
	if err == nil && !found {
		err = problem.Missing()
	}
	return &o, err
}

// platform names the one platform organization.
type platform struct {
	ID string `dynamodbav:"id"`
}

// ReadPlatform reads the platform organization, nil where there is none yet.
func ReadPlatform(ctx context.Context, t *table.Table) (*Organization, error) {
	var one platform
	if found, err := t.Get(ctx, table.PlatformKey(), &one); err != nil || !found {
		return nil, err
	}
	return Read(ctx, t, one.ID)
}
