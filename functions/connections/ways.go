package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
)

// WayIn is an administrator of the main organization who can sign in, and how.
type WayIn struct {
	ID    string          `json:"id" doc:"Who"`
	Name  string          `json:"name" doc:"The name"`
	Email string          `json:"email" doc:"The address"`
	Ways  []people.Method `json:"ways" doc:"How: password, saml"`
}

// keep says who could sign in once the connection of is as after says, nil where it is not active any more, and refuses what would
// leave the main organization without an administrator who can (PER-5).
func (f *connections) keep(ctx context.Context, of, after *connection.Connection, reach *connection.Reach) ([]connection.WayIn, error) {
	all, state, err := connection.Administrators(ctx, f.Table, of.Root)
	if err != nil {
		return nil, err
	}
	var leads []string
	if after != nil {
		leads = reach.Verified(after, after.Domains)
	}
	still := connection.Still(all, state, of, after, leads)
	if len(still) == 0 && len(all) > 0 {
		return nil, lockout.Nobody()
	}
	return still, nil
}

func shownWays(still []connection.WayIn) []WayIn {
	shown := []WayIn{}
	for _, way := range still {
		shown = append(shown, WayIn{way.ID, way.Name, way.Email, way.Ways})
	}
	return shown
}
