//go:build samlsp_ablation

package samlsp

// switchedOff leaves checks out.
func switchedOff(off ...Check) switches { return switches{off: off} }
