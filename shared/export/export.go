// Package export writes what a tree holds into a file of the bucket: all of it as JSON Lines, one object a line, with its type; its
// users, and what a Sync assigned roles changes, as a table too, as CSV or an Excel workbook. It is a kind of job, so that a tree of any size is written with a bounded memory and goes on where it was cut off.
//
//	begun := &job.Job{Root: root, Organization: root, Kind: job.Export, Cancellable: true}
//	begun.Give(export.Input{What: export.Organization, Format: export.JSONLines})
//
// The package refuses to write anything that it does not name: what stands in a file is listed attribute by attribute
// (kind.go), and hashes, sealed secrets and tokens are in no list. A file shows the tree while it was being read, not at one moment.
package export

import (
	"time"

	"github.com/tenantry/tenantry/shared/blob"
)

// Input is what a job is begun with.
type Input struct {
	What   string `json:"what"`
	Format string `json:"format"`
	Run    string `json:"run,omitempty"` // with SyncChanges
}

// What can be exported, and how.
const (
	Organization = "organization" // everything of a tree, as JSON Lines
	Users        = "users"        // those of a main organization's tree, or of one suborganization
	SyncChanges  = "sync-changes" // what a Sync assigned roles changes, user by user
	JSONLines    = "jsonl"
	CSV          = "csv"
	Excel        = "xlsx"
)

// types are the media types of the formats.
var types = map[string]string{JSONLines: "application/jsonl", CSV: "text/csv; charset=utf-8; header=present",
	Excel: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// Result is what a job is finished with.
type Result struct {
	Key   string `json:"key"` // in the bucket
	Lines int    `json:"lines"`
}

// Lasts is how long the file of an export can be had (ADT-3). Then a timer has it removed; the bucket's lifecycle, which counts
// whole days only, is the backstop.
const Lasts = 24 * time.Hour

// File is the key of the file of an organization's export, which has the id of its job.
func File(org, export string) string { return blob.Exports + org + "/" + export }

// removedAfter is when a file is removed: when the last link to it has ended.
const removedAfter = Lasts + 15*time.Minute
