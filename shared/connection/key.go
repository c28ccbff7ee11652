package connection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// Keys are our own keys of a connection: with which requests are signed, and what IdPs encrypt for. The first signs; all open.
type Keys struct {
	Keys    []OwnKey `dynamodbav:"keys"`
	Version int      `dynamodbav:"version,omitempty"`
}

// OwnKey is one of them. Two at once are a rotation: the IdP reads both from our metadata, then the older is taken away.
type OwnKey struct {
	SHA256      string `dynamodbav:"sha256"` // of the certificate: its id
	Certificate []byte `dynamodbav:"certificate"`
	Sealed      string `dynamodbav:"sealed"` // the private part, for the connection alone
	MadeAt      string `dynamodbav:"madeAt"`
}

// ReadKeys reads a connection's own keys; there may be none yet.
func ReadKeys(ctx context.Context, t *table.Table, connection string) (*Keys, error) {
	stored := &Keys{}
	_, err := t.Get(ctx, table.ConnectionKeysKey(connection), stored)
	return stored, err
}

// Has tells whether there is the key of that id.
func (k *Keys) Has(sha256 string) bool {
	return slices.ContainsFunc(k.Keys, func(one OwnKey) bool { return one.SHA256 == sha256 })
}

// Add has the change add a key behind those there are. The commit fails with table.ErrChanged where others changed them meanwhile.
func (k *Keys) Add(tx *table.Tx, connection string, made OwnKey) {
	k.write(tx, connection, append(slices.Clone(k.Keys), made))
}

// Remove has the change remove a key.
func (k *Keys) Remove(tx *table.Tx, connection, sha256 string) {
	k.write(tx, connection, slices.DeleteFunc(slices.Clone(k.Keys), func(one OwnKey) bool { return one.SHA256 == sha256 }))
}

func (k *Keys) write(tx *table.Tx, connection string, keys []OwnKey) {
	edit := k.edit(connection)
	k.Keys = keys
	tx.Update(edit.Set("keys", keys))
}

// edit begins a change of the keys as they were read: it fails with table.ErrChanged where others changed them meanwhile.
func (k *Keys) edit(connection string) *table.Change {
	same := expression.Name("version").Equal(expression.Value(k.Version))
	if k.Version == 0 {
		same = expression.Name("version").AttributeNotExists()
	}
	k.Version++
	return table.Touch(table.ConnectionKeysKey(connection)).If(same, table.ErrChanged).Set("version", k.Version)
}

// keyPurpose is what the private parts are sealed for.
const keyPurpose = "saml-key"

// NewKey makes a key of the connection.
func NewKey(keyring *secret.Keyring, connection string, now time.Time) (OwnKey, error) {
	made, err := samlsp.NewKey(connection, now)
	if err != nil {
		return OwnKey{}, err
	}
	private, certificate, err := made.Marshal()
	if err != nil {
		return OwnKey{}, err
	}
	return OwnKey{SHA256: made.Certificate.Fingerprint, Certificate: certificate, Sealed: keyring.Seal(keyPurpose, private, []byte(connection)),
		MadeAt: clock.Format(now)}, nil
}

// Vault gives the keys of one connection when they are needed, and makes the first one then: most connections need none. What an older
// key of the installation sealed is sealed anew then, and what a forgotten one did is left out.
type Vault struct {
	Context    context.Context // of the request that needs them
	Table      *table.Table
	Keyring    *secret.Keyring
	Clock      clock.Clock
	Connection string
}

// Signing gives the keys for signing.
func (v *Vault) Signing() ([]samlsp.Key, error) { return v.all(true) }

// Decryption gives the keys for decryption. Where there is none nothing can have been encrypted for us.
func (v *Vault) Decryption() ([]samlsp.Key, error) { return v.all(false) }

func (v *Vault) all(needed bool) ([]samlsp.Key, error) {
	stored, err := ReadKeys(v.Context, v.Table, v.Connection)
	if err != nil {
		return nil, err
	}
	if len(stored.Keys) == 0 && needed {
		if stored, err = v.first(stored); err != nil {
			return nil, err
		}
	}
	all, aged, err := v.open(stored)
	if err == nil {
		v.renew(stored, aged)
	}
	return all, err
}

// open opens the keys. aged are the private parts that an older key of the installation sealed, by their places.
func (v *Vault) open(stored *Keys) (all []samlsp.Key, aged map[int][]byte, err error) {
	aged = map[int][]byte{}
	var lost error
	for i, one := range stored.Keys {
		private, err := v.Keyring.Open(v.Context, keyPurpose, one.Sealed, []byte(v.Connection))
		if errors.Is(err, secret.ErrUnknownKey) {
			lost = fmt.Errorf("the key of the connection %s: %w", v.Connection, err)
			slog.ErrorContext(v.Context, "a connection's own key is sealed with a forgotten key: it needs another one", "event", "connection-key.unreadable",
				"connection", v.Connection, "key", one.SHA256)
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("the key of the connection %s: %w", v.Connection, err)
		}
		key, err := samlsp.ParseKey(private, one.Certificate)
		if err != nil {
			return nil, nil, err
		}
		if all = append(all, key); v.Keyring.Aged(one.Sealed) {
			aged[i] = private
		}
	}
	if len(all) > 0 {
		lost = nil
	}
	return all, aged, lost
}

// renew seals anew what an older key of the installation sealed, so that it can be forgotten. Whoever needs the keys does not wait for
// it to succeed: the next one does it where others changed the keys meanwhile, or the table is busy.
func (v *Vault) renew(stored *Keys, aged map[int][]byte) {
	if len(aged) == 0 {
		return
	}
	edit := stored.edit(v.Connection)
	for i, private := range aged {
		edit.Set(fmt.Sprintf("keys[%d].sealed", i), v.Keyring.Seal(keyPurpose, private, []byte(v.Connection)))
	}
	tx := table.NewTx()
	tx.Update(edit)
	if err := v.Table.Commit(v.Context, tx); err != nil && !errors.Is(err, table.ErrChanged) {
		slog.WarnContext(v.Context, "a connection's own keys were not sealed anew", "event", "connection-key.not-renewed", "connection", v.Connection, "error", err)
	}
}

// first makes the first key, or reads what somebody else made meanwhile.
func (v *Vault) first(stored *Keys) (*Keys, error) {
	made, err := NewKey(v.Keyring, v.Connection, v.Clock())
	if err != nil {
		return nil, err
	}
	tx := table.NewTx()
	stored.Add(tx, v.Connection, made)
	if err := v.Table.Commit(v.Context, tx); errors.Is(err, table.ErrChanged) {
		return ReadKeys(v.Context, v.Table, v.Connection)
	} else if err != nil {
		return nil, err
	}
	return stored, nil
}
