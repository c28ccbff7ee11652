//go:build !samlsp_ablation

package samlsp

// switches is empty: every check is on. Only a build with the tag samlsp_ablation has switches, for the test that shows what
// would be accepted without each check.
type switches struct{}

// on tells whether the check is made, which it always is.
func (switches) on(Check) bool { return true }
