package e2e

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
)

// This file breaks every changing operation at every call that it makes to a service, in every way that a call can fail, and
// looks at what is left: the old state or the new one, counts right, and a repetition with the same Idempotency-Key ends
// in the new one. What the operations are is in changes_test.go.

// faultKinds are the ways in which a call fails; the stack's trace package says what each is.
var faultKinds = []string{"throttle", "conflict", "timeout-before", "timeout-after", "kill", "kill-after"}

// situation is one changing request, ready to be sent, and how its outcome is seen.
type situation struct {
	By      Person
	Method  string
	Path    string
	Body    any
	Headers []string
	// New and Old tell whether the state is that after, or that before, the change. Exactly one of them holds at any time.
	New, Old func(t testing.TB) bool
	// Once says that a repetition is refused although the state is the new one: it used up a token, and there is nobody to
	// bind an Idempotency-Key to.
	Once bool
}

// send sends the situation's request, with the faults in it where there are some.
func (s situation) send(t testing.TB, key, faults string) Answer {
	t.Helper()
	headers := append(slices.Clone(s.Headers), "Idempotency-Key", key)
	if faults != "" {
		headers = append(headers, "X-Local-Fault", faults)
	}
	if s.By.Cookie != "" {
		headers = append(headers, "Cookie", s.By.Cookie)
	}
	return stack.Do(t, s.Method, s.Path, s.Body, headers...)
}

// alone are the operations whose outcome is seen by what all tests share, the queues: they are broken while nothing else runs.
var alone = []string{"request-password-reset"}

func TestFaultsWholeAlone(t *testing.T) {
	for _, operation := range alone {
		t.Run(operation, func(t *testing.T) { breakEveryCall(t, changes()[operation]) })
	}
}

func TestFaultsWhole(t *testing.T) {
	t.Parallel()
	for operation, prepare := range changes() {
		if slices.Contains(alone, operation) {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			breakEveryCall(t, prepare)
		})
	}
}

// breakEveryCall breaks each call of an operation in every way. With FAULTS=some, which is for those who wait for the result,
// each call is broken in two ways, others at the next call.
func breakEveryCall(t *testing.T, prepare func(testing.TB, *Tree) situation) {
	tree := newTree(t)
	calls := healthy(t, tree, prepare)
	for n := 1; n <= calls; n++ {
		for i, kind := range faultKinds {
			if os.Getenv("FAULTS") == "some" && i%3 != n%3 {
				continue
			}
			t.Run(fmt.Sprintf("%s at call %d of %d", kind, n, calls), func(t *testing.T) {
				broken(t, prepare(t, tree), fmt.Sprintf("%s@%d", kind, n))
			})
		}
	}
	inOrder(t, tree.Org)
}

// healthy sends the request with no fault and gives the number of calls that it makes.
func healthy(t *testing.T, tree *Tree, prepare func(testing.TB, *Tree) situation) int {
	t.Helper()
	s := prepare(t, tree)
	if !s.Old(t) || s.New(t) {
		t.Fatalf("before the change: old %v, new %v", s.Old(t), s.New(t))
	}
	answer := s.send(t, unique(), "")
	if answer.Status >= 300 || !s.New(t) || s.Old(t) {
		t.Fatalf("without a fault: %d %s; new %v, old %v", answer.Status, answer.Body, s.New(t), s.Old(t))
	}
	calls, err := strconv.Atoi(answer.Header.Get("X-Local-Calls"))
	if err != nil || calls == 0 {
		t.Fatalf("the stack counted %q calls", answer.Header.Get("X-Local-Calls"))
	}
	return calls
}

// broken sends the request with a fault, looks at what is left, and repeats it.
func broken(t *testing.T, s situation, fault string) {
	t.Helper()
	key := unique()
	answer := s.send(t, key, fault)
	isNew, isOld := s.New(t), s.Old(t)
	switch {
	case isNew == isOld:
		t.Fatalf("neither or both: new %v, old %v after %d %s", isNew, isOld, answer.Status, answer.Body)
	case answer.Status < 300 && !isNew:
		t.Fatalf("answered %d and changed nothing", answer.Status)
	case answer.Status >= 300 && answer.Status != 502 && answer.Status != 503:
		t.Fatalf("answered %d %s", answer.Status, answer.Body)
	}
	again := s.send(t, key, "")
	if again.Status >= 300 && !(s.Once && isNew) {
		t.Errorf("repeated after %d (new: %v): %d %s", answer.Status, isNew, again.Status, again.Body)
	}
	if !s.New(t) || s.Old(t) {
		t.Errorf("after the repetition: new %v, old %v", s.New(t), s.Old(t))
	}
}
