package wire

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Use says that a function used a permission, or was denied it. Statement is the index of the statement that decided
// among the function's, -1 where none speaks of the action. Where several allow it, the first one counts, so that a
// redundant statement shows as unused. Key is the value of the statement's condition that a partition key met: a call whose keys
// meet several counts once for each, and one without such a key has an empty one.
type Use struct {
	Function  string `json:"function"`
	Action    string `json:"action"`
	Resource  string `json:"resource"`
	Statement int    `json:"statement"`
	Key       string `json:"key,omitempty"`
	Allowed   bool   `json:"allowed"`
	Count     int    `json:"count"`
}

// usage counts uses. It is safe for concurrent use.
type usage struct {
	mu     sync.Mutex
	counts map[Use]int
}

func newUsage() *usage { return &usage{counts: map[Use]int{}} }

// note counts a use. Identities are kept by domain and objects by their first folder, as there may be any number of them.
func (u *usage) note(use Use) {
	if strings.HasPrefix(use.Resource, bucketARN("")) {
		if bucket, key, found := strings.Cut(use.Resource, "/"); found {
			folder, _, _ := strings.Cut(key, "/")
			use.Resource = bucket + "/" + folder + "/*"
		}
	}
	if head, address, found := strings.Cut(use.Resource, ":identity/"); found {
		use.Resource = head + ":identity/" + address[strings.LastIndex(address, "@")+1:]
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counts[use]++
}

// list returns the uses in order of function, statement, action and resource.
func (u *usage) list() []Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	uses := make([]Use, 0, len(u.counts))
	for use, count := range u.counts {
		use.Count = count
		uses = append(uses, use)
	}
	slices.SortFunc(uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Statement, b.Statement),
			cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Key, b.Key))
	})
	return uses
}
