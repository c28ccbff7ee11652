//go:build samlsp_ablation

package samlsp

import "slices"

// switches has the checks that are left out. This file is in no build that is deployed.
type switches struct{ off []Check }

// on tells whether the check is made.
func (s switches) on(check Check) bool { return !slices.Contains(s.off, check) }
