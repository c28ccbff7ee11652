package table

import (
	"encoding/base64"
	"encoding/json"

	"github.com/tenantry/tenantry/shared/problem"
)

// cursorPurpose is what the keyring's key for cursors is derived for.
const cursorPurpose = "cursor"

// macSize is how many bytes of the MAC a cursor carries.
const macSize = 16

// position is where a page ended: the values of the key of the last item, the index's too.
type position map[string]string

// cursor makes the opaque text for where a page ended. It is bound to the question by a MAC: a client cannot forge one, and
// one of another question, organization or tree is refused. It holds only keys of items that the caller was shown.
func (t *Table) cursor(q Question, last Item) string {
	if len(last) == 0 {
		return ""
	}
	at := position{}
	for name, value := range last {
		at[name] = textOf(value)
	}
	plain, _ := json.Marshal(at) // a map of texts always marshals
	mac := t.signer.MAC(cursorPurpose, q.identity(), plain)
	return base64.RawURLEncoding.EncodeToString(append(mac[:macSize:macSize], plain...))
}

// start reads the cursor of a question.
func (t *Table) start(q Question) (Item, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	bad := problem.Invalid("query.cursor", "is not a cursor of this list; leave it out to begin again", nil)
	raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(raw) <= macSize {
		return nil, bad
	}
	if !t.signer.VerifyMAC(cursorPurpose, raw[:macSize], q.identity(), raw[macSize:]) {
		return nil, bad
	}
	var at position
	if err := json.Unmarshal(raw[macSize:], &at); err != nil {
		return nil, bad
	}
	item := Item{}
	for name, value := range at {
		item[name] = text(value)
	}
	return item, nil
}
