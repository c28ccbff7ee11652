package wire

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokenMemory is how long DynamoDB knows a ClientRequestToken:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const tokenMemory = 10 * time.Minute

// overlap knows which items are being changed, and refuses what AWS refuses and emulators do one after the other:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
//
// A transaction holds its items from its arrival until it is done, and for the hold at least. Another transaction or a
// single write that comes then is refused; so is a transaction that meets a single write under way. Single writes never
// conflict among themselves, and plain reads with nothing. It is safe for concurrent use.
type overlap struct {
	hold time.Duration
	now  func() time.Time

	mu      sync.Mutex
	taken   map[itemKey]*holding // by the transaction that holds the item
	writing map[itemKey]int      // single writes under way
	running map[string]bool      // tokens of transactions under way
	done    map[string]time.Time // tokens of transactions done, and when
	swept   time.Time
}

func newOverlap(hold time.Duration, now func() time.Time) *overlap {
	return &overlap{hold: hold, now: now, taken: map[itemKey]*holding{}, writing: map[itemKey]int{},
		running: map[string]bool{}, done: map[string]time.Time{}}
}

// holding is a call's grip on items.
type holding struct {
	overlap     *overlap
	transaction bool
	token       string
	keys        []itemKey
	arrived     time.Time
	left        bool
}

// conflicts says why a call is refused: the positions of the items that others hold, or that its own token is in use.
type conflicts struct {
	items      []int
	inProgress bool
}

// enter takes the items of a call, all or none. The holding, which may be nil, is to be left when the call is done.
func (o *overlap) enter(c *call) (*holding, *conflicts) {
	transaction := strings.HasPrefix(c.action, "Transact")
	if o.hold == 0 || !transaction && !changes(c.dynamo) {
		return nil, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sweep()
	h := &holding{overlap: o, transaction: transaction, token: c.dynamo.input.ClientRequestToken, arrived: o.now()}
	if h.token != "" && o.running[h.token] {
		return nil, &conflicts{inProgress: true}
	}
	if _, repeated := o.done[h.token]; h.token != "" && repeated {
		return nil, nil // answered from memory, nothing is written
	}
	var found conflicts
	for position, e := range c.dynamo.elements {
		key, ok := keyOf(e.table, e.key)
		if !ok {
			continue // DynamoDB will refuse it
		}
		h.keys = append(h.keys, key)
		if o.held(key) || transaction && o.writing[key] > 0 {
			found.items = append(found.items, position)
		}
	}
	if found.items != nil {
		return nil, &found
	}
	if c.action == "TransactGetItems" {
		return nil, nil // a reader is in nobody's way
	}
	h.take()
	return h, nil
}

func changes(named *dynamoCall) bool {
	for _, e := range named.elements {
		if e.writes {
			return true
		}
	}
	return false
}

func (o *overlap) held(key itemKey) bool {
	h := o.taken[key]
	return h != nil && !h.over(o.now())
}

// over tells whether the transaction has let go.
func (h *holding) over(now time.Time) bool {
	return h.left && !now.Before(h.arrived.Add(h.overlap.hold))
}

func (h *holding) take() {
	for _, key := range h.keys {
		if h.transaction {
			h.overlap.taken[key] = h
		} else {
			h.overlap.writing[key]++
		}
	}
	if h.token != "" {
		h.overlap.running[h.token] = true
	}
}

// leave says that the call is done, and whether it succeeded.
func (h *holding) leave(succeeded bool) {
	if h == nil {
		return
	}
	o := h.overlap
	o.mu.Lock()
	defer o.mu.Unlock()
	h.left = true
	delete(o.running, h.token)
	if h.token != "" && succeeded {
		o.done[h.token] = o.now()
	}
	if h.transaction {
		return
	}
	for _, key := range h.keys {
		if o.writing[key]--; o.writing[key] == 0 {
			delete(o.writing, key)
		}
	}
}

// sweep forgets what is over, once in a while.
func (o *overlap) sweep() {
	now := o.now()
	if now.Sub(o.swept) < time.Second {
		return
	}
	o.swept = now
	for key, h := range o.taken {
		if h.over(now) {
			delete(o.taken, key)
		}
	}
	for token, at := range o.done {
		if now.Sub(at) >= tokenMemory {
			delete(o.done, token)
		}
	}
}

// conflict is the refusal of a call that met another one.
func (d *dynamoDB) conflict(c *call, found *conflicts) answer {
	switch {
	case found.inProgress:
		return d.refuse(refusal{http.StatusBadRequest, "TransactionInProgressException", "The transaction with the given request token is already in progress."})
	case strings.HasPrefix(c.action, "Transact"):
		return cancelled(len(c.dynamo.elements), found.items)
	case c.action == "BatchWriteItem":
		// A batch is no unit: what could not be written comes back.
		return jsonAnswer("1.0", http.StatusOK, map[string]any{"UnprocessedItems": c.dynamo.input.RequestItems})
	}
	return d.refuse(refusal{http.StatusBadRequest, "TransactionConflictException", "Transaction is ongoing for the item"})
}

// cancelled is the cancellation of a transaction of count items with a conflict at each of the positions.
func cancelled(count int, positions []int) answer {
	type reason struct {
		Code    string
		Message string `json:",omitempty"`
	}
	reasons, codes := make([]reason, count), make([]string, count)
	for i := range reasons {
		reasons[i], codes[i] = reason{Code: "None"}, "None"
	}
	for _, i := range positions {
		if i < count {
			reasons[i], codes[i] = reason{"TransactionConflict", "Transaction is ongoing for the item"}, "TransactionConflict"
		}
	}
	return jsonAnswer("1.0", http.StatusBadRequest, map[string]any{
		"__type":              dynamoType("TransactionCanceledException"),
		"Message":             "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]",
		"CancellationReasons": reasons,
	})
}
