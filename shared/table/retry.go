package table

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/tenantry/tenantry/shared/problem"
)

// Limits of one logical call: attempts wait a random time below a doubling bound, so that writers who met once do not meet
// again, and never use the caller's last moments, which belong to its answer.
const (
	attempts       = 12
	attemptTimeout = 5 * time.Second
	firstWait      = 20 * time.Millisecond
	longestWait    = 640 * time.Millisecond
	leftForAnswer  = 500 * time.Millisecond
)

// verdict is the answer of a failed condition: the table has spoken, and would say the same again.
type verdict struct{ error }

func (v verdict) Unwrap() error { return v.error }

var errUnprocessed = errors.New("the table left a part of the batch unprocessed")

// retry runs call until it succeeds, fails for good, or the time of ctx is up; then it answers Unavailable.
func (t *Table) retry(ctx context.Context, action string, call func(context.Context) error) error {
	bound := firstWait
	var err error
	for range attempts {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err = call(attempt)
		cancel()
		if answered := (verdict{}); errors.As(err, &answered) {
			return answered.error
		}
		if err == nil || !passing(err) {
			return err
		}
		if !pause(ctx, rand.N(bound)+time.Millisecond) {
			break
		}
		bound = min(2*bound, longestWait)
	}
	busy := problem.New(problem.Unavailable, "busy", "The table did not answer in time. Nothing is lost: repeat the request, with the same Idempotency-Key.")
	busy.RetryAfter = time.Second
	return fmt.Errorf("%s: %w: %w", action, busy, err)
}

// pause waits, and tells whether there is time left for another attempt.
func pause(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait+leftForAnswer {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// passing tells whether a repetition may succeed: throttling, conflicts with other transactions, and everything that is not
// an answer of the service (a cut connection says nothing about whether the call was done, which is why writes carry a token).
func passing(err error) bool {
	if errors.Is(err, errUnprocessed) {
		return true
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		return passingReasons(cancelled)
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		return true
	}
	switch answer.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded",
		"TransactionConflictException", "TransactionInProgressException", "InternalServerError", "InternalFailure",
		"ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout":
		return true
	}
	return false
}

// contended tells whether a transaction met another one.
func contended(err error) bool {
	var cancelled *types.TransactionCanceledException
	return errors.As(err, &cancelled) && passingReasons(cancelled)
}

// passingReasons tells whether a transaction was cancelled for contention only: a failed condition is an answer.
func passingReasons(cancelled *types.TransactionCanceledException) bool {
	contended := false
	for _, reason := range cancelled.CancellationReasons {
		switch code(reason) {
		case "None", "":
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			contended = true
		default:
			return false
		}
	}
	return contended
}

func code(reason types.CancellationReason) string {
	if reason.Code == nil {
		return ""
	}
	return *reason.Code
}
