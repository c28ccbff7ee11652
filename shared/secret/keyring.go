package secret

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// SecretReader is the call of Secrets Manager that a Keyring needs.
type SecretReader interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Keyring holds the installation's keys: the current one, under which everything new is sealed and signed, and the older ones,
// so that the secret can be rotated (Rotate) while what is in use stays readable. It may be used by several goroutines.
type Keyring struct {
	client SecretReader
	arn    string
	now    func() time.Time

	mu     sync.Mutex
	keys   []key     // the current one first; none before Load
	read   time.Time // when they were read, or were to be read
	search time.Time // when they were last read for a key that is not among them
}

// key is one version of the installation's secret and the short public name that stands in front of what it made.
type key struct {
	id     string
	secret []byte
}

const (
	keyIDLength = 8
	minKey      = 32

	// refreshEvery is how long an instance goes on sealing with a key that is not the current one any more.
	refreshEvery = time.Hour

	// searchEvery bounds the calls that made-up keys cause. Where somebody sends such, a key may be unknown here for so long.
	searchEvery = 10 * time.Second
)

// Labels of Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
)

// ErrUnknownKey is the error for what was made with a key that is not the installation's, or was forgotten.
var ErrUnknownKey = errors.New("made with a key that this installation does not have")

// NewKeyring is the keyring of the secret arn, which is read by Load: {"key": "<at least 32 characters>", "older": [...]}, the
// latter being the keys before it, the youngest first; there may be none.
func NewKeyring(client SecretReader, arn string, now func() time.Time) *Keyring {
	return &Keyring{client: client, arn: arn, now: now}
}

// Load reads the installation's keys unless they have been read within the hour. Nothing can be sealed or signed before. It
// errs only where no key was ever read: those that are there go on. For a key not known yet they are read again, at most
// every ten seconds.
func (k *Keyring) Load(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys != nil {
		if now := k.now(); now.Sub(k.read) >= refreshEvery {
			k.read = now
			_ = k.reload(ctx)
		}
		return nil
	}
	keys, err := k.stage(ctx, stageCurrent)
	if err == nil {
		k.keys, k.read = keys, k.now()
	}
	return err
}

// find answers the key of an id, reloading where it is unknown.
func (k *Keyring) find(ctx context.Context, id string) (key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok := k.held(id); ok {
		return found, nil
	}
	if now := k.now(); k.search.IsZero() || now.Sub(k.search) >= searchEvery {
		k.search = now
		if err := k.reload(ctx); err != nil {
			return key{}, err
		}
	}
	if found, ok := k.held(id); ok {
		return found, nil
	}
	return key{}, ErrUnknownKey
}

func (k *Keyring) held(id string) (key, bool) {
	for _, one := range k.keys {
		if one.id == id {
			return one, true
		}
	}
	return key{}, false
}

// reload reads the keys anew, and the one that was current before: somebody may have put a new secret in place by hand.
func (k *Keyring) reload(ctx context.Context) error {
	keys, err := k.stage(ctx, stageCurrent)
	if err != nil {
		return err
	}
	previous, err := k.stage(ctx, stagePrevious)
	var absent *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &absent) {
		return err
	}
	k.keys = append(keys, previous[:min(1, len(previous))]...) // those before it were forgotten, or stand in the current one
	return nil
}

// stored is the secret as Secrets Manager has it.
type stored struct {
	Key   string   `json:"key"`
	Older []string `json:"older,omitempty"`
}

// stage reads the keys of a version, the one to seal with first.
func (k *Keyring) stage(ctx context.Context, stage string) ([]key, error) {
	out, err := k.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &k.arn, VersionStage: &stage})
	if err != nil {
		return nil, fmt.Errorf("read the installation's key (%s): %w", stage, err)
	}
	var value stored
	// The parser's error is left out: it may quote the secret.
	malformed := json.Unmarshal([]byte(aws.ToString(out.SecretString)), &value) != nil
	var keys []key
	for _, one := range append([]string{value.Key}, value.Older...) {
		malformed = malformed || len(one) < minKey
		keys = append(keys, newKey(one))
	}
	if malformed {
		return nil, fmt.Errorf("the installation's secret (%s) is not {\"key\": \"<at least %d characters>\"}", stage, minKey)
	}
	return keys, nil
}

func newKey(text string) key {
	secret := []byte(text)
	return key{id: hex.EncodeToString(subkey(secret, "id", keyIDLength/2)), secret: secret}
}

func (k *Keyring) newest() key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		panic("secret: a key is used before Load")
	}
	return k.keys[0]
}

// subkey derives a key for one purpose (RFC 5869), so that what is made for one purpose proves nothing for another.
func subkey(secret []byte, purpose string, length int) []byte {
	derived, err := hkdf.Key(sha256.New, secret, nil, "tenantry/"+purpose, length)
	if err != nil {
		panic(err) // only for lengths above 8160 bytes
	}
	return derived
}
