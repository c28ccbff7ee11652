// Package rolesync is Sync assigned roles: it compares the role that each user of a tree's SCIM groups has with the one that the
// mappings give, as a plan, and applies the plan user by user (SYN-1 to SYN-7).
//
//	run, err := rolesync.Begin(ctx, t, tx, &rolesync.Run{Root: root, Mode: rolesync.Preview}, services.Work, caller.Behalf(), now)
//
// A run is done by a job in pages. What a page of planning finds is committed with where the next one begins; what applying does
// to a user is one change of the table with the line that says so, so that a run that is cut off, or delivered twice, does nothing
// twice and misses nobody. Who changed in between wins: a plan that was previewed passes such a user over and says so, and a run
// that was not looks again.
//
// The package refuses to decide who has which role: that is directory's. It refuses to run twice at once in a tree, and to take access
// from many without somebody's word.
package rolesync
