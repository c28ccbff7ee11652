package table

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/tenantry/tenantry/shared/problem"
)

// cursorPurpose is what the keyring's key for cursors is derived for.
const cursorPurpose = "cursor"

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
	return base64.RawURLEncoding.EncodeToString(plain) + "." + base64.RawURLEncoding.EncodeToString(mac)
}

// start reads the cursor of a question.
func (t *Table) start(ctx context.Context, q Question) (Item, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	bad := problem.Invalid("query.cursor", "is not a cursor of this list; leave it out to begin again", nil)
	body, proof, found := strings.Cut(q.Cursor, ".")
	plain, err := base64.RawURLEncoding.DecodeString(body)
	mac, errMAC := base64.RawURLEncoding.DecodeString(proof)
	if !found || err != nil || errMAC != nil {
		return nil, bad
	}
	genuine, err := t.signer.VerifyMAC(ctx, cursorPurpose, mac, q.identity(), plain)
	if err != nil {
		return nil, err
	}
	var at position
	if !genuine || json.Unmarshal(plain, &at) != nil {
		return nil, bad
	}
	item := Item{}
	for name, value := range at {
		item[name] = text(value)
	}
	return item, nil
}
