package e2e

import (
	"sync"
)

// used is what functions used in stacks of their own, which some tests need. It is safe for concurrent use.
type used struct {
	mutex sync.Mutex
	uses  []use
}

// ownStacks is of the whole run.
var ownStacks used

func (u *used) add(uses []use) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.uses = append(u.uses, uses...)
}

func (u *used) all() []use {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return u.uses
}
