package httpapi

import (
	"context"
	"net/http"
	"slices"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// refusals are the problems by which package access refuses what a caller may not do.
var refusals = [...]string{"forbidden", "reauthentication-required", "second-factor-required", "recovery-only"}

// recorded writes down that a change was refused to a caller who knows of the organization (ADT-1), and gives the refusal back,
// or the error of the table where it could not be written. Who is not to know of the organization leaves nothing in it.
func (s *Server) recorded(ctx context.Context, o Operation, refused error) error {
	call, e := CallOf(ctx), problem.As(refused)
	if call.Caller == nil || o.Method == http.MethodGet || e == nil || !slices.Contains(refusals[:], e.Slug) {
		return refused
	}
	event := call.Caller.Event("change.refused", "operation", o.ID)
	event.After = map[string]any{"why": e.Slug}
	tx := table.NewTx()
	s.config.Trail.Write(tx, event)
	if err := s.config.Table.Commit(ctx, tx); err != nil {
		return err
	}
	return refused
}
