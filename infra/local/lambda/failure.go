package lambda

import (
	"encoding/json"
	"fmt"
	"time"
)

// failure is why the platform, not the function's own code, ended an invocation or a start.
type failure struct {
	kind    string // Lambda's errorType
	message string
}

func (f *failure) Error() string { return f.kind + ": " + f.message }

// payload is the failure in Lambda's form.
func (f *failure) payload(requestID string) []byte {
	b, _ := json.Marshal(map[string]string{ // two strings always encode
		"errorType":    f.kind,
		"errorMessage": fmt.Sprintf("RequestId: %s Error: %s", requestID, f.message),
	})
	return b
}

func timedOut(after time.Duration) *failure {
	return &failure{"Sandbox.Timedout", fmt.Sprintf("Task timed out after %.2f seconds", after.Seconds())}
}

func outOfMemory(limitMB int) *failure {
	return &failure{"Runtime.OutOfMemory", fmt.Sprintf("Runtime exited: memory: more than %d MB used", limitMB)}
}

func tooLarge() *failure {
	return &failure{"Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponse)}
}

func exited(reason string) *failure {
	return &failure{"Runtime.ExitError", reason}
}
