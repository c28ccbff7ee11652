package queue

import (
	"errors"
	"fmt"
	"regexp"
)

// batchAnswer is the answer of an operation on several messages: each succeeds or fails for itself.
type batchAnswer[E any] struct {
	Successful []E
	Failed     []failedEntry
}

type failedEntry struct {
	Id          string
	SenderFault bool
	Code        string
	Message     string
}

func (b *batchAnswer[E]) fail(id string, err error) {
	var f failure
	if errors.As(err, &f) {
		b.Failed = append(b.Failed, failedEntry{id, true, f.code, f.message})
	} else {
		b.Failed = append(b.Failed, failedEntry{id, false, "InternalFailure", err.Error()})
	}
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// checkBatch refuses what SQS refuses of a batch as a whole.
func checkBatch[E any](entries []E, id func(E) string) error {
	if len(entries) == 0 {
		return failure{"EmptyBatchRequest", "There should be at least one entry in the request."}
	}
	if len(entries) > 10 {
		return failure{"TooManyEntriesInBatchRequest", fmt.Sprintf("Maximum number of entries per request are 10. You have sent %d.", len(entries))}
	}
	seen := map[string]bool{}
	for _, e := range entries {
		switch {
		case !entryID.MatchString(id(e)):
			return failure{"InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."}
		case seen[id(e)]:
			return failure{"BatchEntryIdsNotDistinct", fmt.Sprintf("Id %s repeated.", id(e))}
		}
		seen[id(e)] = true
	}
	return nil
}
