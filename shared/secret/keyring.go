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

// Keyring holds the installation's keys: the current one, under which everything new is sealed and signed, and the one
// before it, so that the secret can be rotated while what is in use stays readable. It may be used by several goroutines.
type Keyring struct {
	client SecretReader
	arn    string
	now    func() time.Time

	mu       sync.Mutex
	current  key
	previous *key
	reloaded time.Time
}

// key is one version of the installation's secret and the short public name that stands in front of what it made.
type key struct {
	id     string
	secret []byte
}

const (
	keyIDLength = 8
	minKey      = 32
	reloadEvery = time.Minute
)

// Labels of Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
)

var errUnknownKey = errors.New("made with a key that this installation does not have")

// NewKeyring is the keyring of the secret arn, {"key": "<at least 32 characters>"}, which is read by Load.
func NewKeyring(client SecretReader, arn string, now func() time.Time) *Keyring {
	return &Keyring{client: client, arn: arn, now: now}
}

// Load reads the installation's current key unless it has been read. Nothing can be sealed or signed before. The previous
// key is read when something made with it turns up, and both again, at most once a minute, for a key not known yet.
func (k *Keyring) Load(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.secret != nil {
		return nil
	}
	current, err := k.read(ctx, stageCurrent)
	if err != nil {
		return err
	}
	k.current = *current
	return nil
}

// find answers the key of an id, reloading where it is unknown.
func (k *Keyring) find(ctx context.Context, id string) (key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok := k.held(id); ok {
		return found, nil
	}
	if now := k.now(); k.reloaded.IsZero() || now.Sub(k.reloaded) >= reloadEvery {
		k.reloaded = now
		if err := k.reload(ctx); err != nil {
			return key{}, err
		}
	}
	if found, ok := k.held(id); ok {
		return found, nil
	}
	return key{}, errUnknownKey
}

func (k *Keyring) held(id string) (key, bool) {
	switch {
	case id == k.current.id:
		return k.current, true
	case k.previous != nil && id == k.previous.id:
		return *k.previous, true
	}
	return key{}, false
}

func (k *Keyring) reload(ctx context.Context) error {
	current, err := k.read(ctx, stageCurrent)
	if err != nil {
		return err
	}
	previous, err := k.read(ctx, stagePrevious)
	var absent *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &absent) {
		return err
	}
	k.current, k.previous = *current, previous
	return nil
}

func (k *Keyring) read(ctx context.Context, stage string) (*key, error) {
	out, err := k.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &k.arn, VersionStage: &stage})
	if err != nil {
		return nil, fmt.Errorf("read the installation's key (%s): %w", stage, err)
	}
	var value struct {
		Key string `json:"key"`
	}
	// The parser's error is left out: it may quote the secret.
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &value) != nil || len(value.Key) < minKey {
		return nil, fmt.Errorf("the installation's secret (%s) is not {\"key\": \"<at least %d characters>\"}", stage, minKey)
	}
	secret := []byte(value.Key)
	return &key{id: hex.EncodeToString(subkey(secret, "id", keyIDLength/2)), secret: secret}, nil
}

func (k *Keyring) newest() key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current.secret == nil {
		panic("secret: a key is used before Load")
	}
	return k.current
}

// subkey derives a key for one purpose (RFC 5869), so that what is made for one purpose proves nothing for another.
func subkey(secret []byte, purpose string, length int) []byte {
	derived, err := hkdf.Key(sha256.New, secret, nil, "tenantry/"+purpose, length)
	if err != nil {
		panic(err) // only for lengths above 8160 bytes
	}
	return derived
}
