package e2e

import "testing"

// changes are the changing operations, by the id of each, with how to get into a situation where it can be sent.
func changes() map[string]func(testing.TB, *Tree) situation { return nil }
