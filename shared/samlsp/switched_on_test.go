//go:build !samlsp_ablation

package samlsp

// switchedOff has nothing to switch off in this build.
func switchedOff(...Check) switches { return switches{} }
