// Package promises holds template.yaml to what the product promises its operators: every function is logged, watched, deployed
// in steps and taken back; every queue has dead letters; the table can be restored; what asks for no sign-in is throttled. It
// has tests only. Each promise is a function that tells how a template breaks it, and is itself tried on broken templates.
//
// It reads the template as it is written, with nothing resolved: what holds under one set of parameters only is no promise.
package promises
