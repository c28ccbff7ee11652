package oidc

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/tenantry/tenantry/shared/clock"
)

// How long keys are used, and how often they are asked for. Providers change them without notice and publish the new ones
// ahead; Microsoft advises to look once a day, and at once for an unknown one.
// https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
const (
	freshKeys   = time.Hour       // after it they are read again
	longestKeys = 24 * time.Hour  // how long they are used when that fails
	pauseKeys   = time.Minute     // between two readings for keys that nobody knows
	retryKeys   = 5 * time.Second // after one that failed
	mostKeys    = 100
	largestKeys = 512 << 10
	shortestKey = 2048 // bits (RFC 7518, section 3.3)
)

var errUnknownKey = errors.New("the provider has no such key")

// key is one key of a provider. Microsoft says of each for which issuer it signs; empty is any of the provider.
type key struct {
	jose.JSONWebKey
	issuer string
}

// signs tells whether the key is one for the issuer: without, the key of personal accounts would sign for every tenant.
// https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
func (k *key) signs(issuer, tenant string) bool {
	return k.issuer == "" || strings.ReplaceAll(k.issuer, tenantPlace, tenant) == issuer
}

// keys are the keys of a provider, read when they are needed. An instance reads them at most once a minute, however many
// tokens name a key that does not exist.
type keys struct {
	address string
	client  *http.Client
	clock   clock.Clock

	mu   sync.Mutex // held while reading: whoever comes meanwhile wants the same
	all  map[string]*key
	read time.Time // when all came
	next time.Time // when they may be read again
}

// find gives the key of the id, and errUnknownKey where the provider has none. It errs where the keys cannot be read.
func (k *keys) find(ctx context.Context, id string) (*key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock()
	found, known := k.all[id]
	if known && now.Sub(k.read) < freshKeys {
		return found, nil
	}
	var failure error
	if !now.Before(k.next) {
		failure = k.fetch(ctx, now)
	}
	found, known = k.all[id]
	switch {
	case now.Sub(k.read) >= longestKeys:
		return nil, errors.Join(errors.New("the provider's keys cannot be read"), failure)
	case !known && failure != nil:
		return nil, failure
	case !known:
		return nil, errUnknownKey
	}
	return found, nil
}

// fetch reads the keys. Those that are there stay where that fails.
func (k *keys) fetch(ctx context.Context, now time.Time) error {
	k.next = now.Add(retryKeys)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.address, http.NoBody)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	answer, err := k.client.Do(request)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, largestKeys))
	switch {
	case err != nil:
		return fmt.Errorf("read the keys: %w", err)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("read the keys: status %d", answer.StatusCode)
	}
	all, err := parseKeys(raw)
	if err != nil {
		return err
	}
	k.all, k.read, k.next = all, now, now.Add(pauseKeys)
	return nil
}

// parseKeys reads a JWK set (RFC 7517). What is not for signatures by RSA is passed over, as are keys without an id or too
// short. A set without a single key is none.
func parseKeys(raw []byte) (map[string]*key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	all := map[string]*key{}
	for _, one := range set.Keys[:min(len(set.Keys), mostKeys)] {
		var meant struct {
			Type   string `json:"kty"`
			Use    string `json:"use"`
			Issuer string `json:"issuer"`
		}
		parsed := key{}
		if json.Unmarshal(one, &meant) != nil || meant.Type != "RSA" || meant.Use == "enc" || parsed.UnmarshalJSON(one) != nil {
			continue
		}
		if parsed.issuer = meant.Issuer; parsed.usable() {
			all[parsed.KeyID] = &parsed
		}
	}
	if len(all) == 0 {
		return nil, errors.New("read the keys: none that signs")
	}
	return all, nil
}

// usable tells whether tokens may be signed with it.
func (k *key) usable() bool {
	public, isRSA := k.Key.(*rsa.PublicKey)
	return isRSA && public.N.BitLen() >= shortestKey && k.KeyID != "" && (k.Algorithm == "" || k.Algorithm == string(jose.RS256))
}
