package main

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/problem"
)

// place is where a page of groups goes on: among those of a connection, behind what the cursor of its list says, or among the mappings,
// behind that of a group.
type place struct {
	in     string // the connection
	mapped bool
	behind string
	over   bool
}

// sealed is the cursor that says the place; empty where the list is over.
func (p place) sealed() string {
	if p.over {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(p.in + "/" + p.behind))
}

// open is the place that a cursor says. What it names must be of this tree: its connections and its mappings are.
func (w *walk) open(cursor string) (place, error) {
	if cursor == "" {
		if len(w.sources) == 0 {
			return place{mapped: true}, nil
		}
		return place{in: w.sources[0].ID}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	in, behind, found := strings.Cut(string(text), "/")
	at := place{in: in, behind: behind, mapped: in == ""}
	ours := at.mapped && (behind == "" || w.mappings.Of(behind) >= 0) ||
		slices.ContainsFunc(w.sources, func(one connection.Connection) bool { return one.ID == in })
	if err != nil || !found || !ours {
		return at, problem.Invalid("query.cursor", "is not a cursor of this list; leave it out to begin again", nil)
	}
	return at, nil
}
