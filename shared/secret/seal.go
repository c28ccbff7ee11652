package secret

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Seal encrypts plain under the current key (AES-256-GCM) for a purpose, such as "mail". bound is what it belongs to, such
// as its item's id: it is not part of the result, but Open needs the same, so that a sealed value cannot be moved
// elsewhere. The result is text of about 4/3 of the length and 48 more.
func (k *Keyring) Seal(purpose string, plain, bound []byte) string {
	key := k.newest()
	sealed := sealer(key, purpose).Seal(nil, nil, plain, bound)
	return key.id + base64.RawURLEncoding.EncodeToString(sealed)
}

// Aged tells whether sealed was made with another key than the current one: whoever changes what it stands in seals it anew,
// so that older keys can be forgotten some day.
func (k *Keyring) Aged(sealed string) bool { return !strings.HasPrefix(sealed, k.newest().id) }

// Open decrypts what Seal made for the same purpose and bound. It fails for anything else, and for a key that the
// installation no longer has.
func (k *Keyring) Open(ctx context.Context, purpose, sealed string, bound []byte) ([]byte, error) {
	if len(sealed) < keyIDLength {
		return nil, fmt.Errorf("open what was sealed for %s: too short", purpose)
	}
	key, err := k.find(ctx, sealed[:keyIDLength])
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s: %w", purpose, err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed[keyIDLength:])
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s: not base64", purpose)
	}
	plain, err := sealer(key, purpose).Open(nil, nil, raw, bound)
	if err != nil {
		return nil, fmt.Errorf("open what was sealed for %s: changed, or bound to something else", purpose)
	}
	return plain, nil
}

// MAC signs data for a purpose, such as "cursor", with the current key: 40 bytes, the first eight of which name the key.
// Several data are signed with their borders.
func (k *Keyring) MAC(purpose string, data ...[]byte) []byte {
	key := k.newest()
	return append([]byte(key.id)[:keyIDLength:keyIDLength], sign(key, purpose, data)...)
}

// VerifyMAC tells whether mac is what MAC made, with the current or an older key, of the same purpose and data. It
// errs only where the keys could not be read.
func (k *Keyring) VerifyMAC(ctx context.Context, purpose string, mac []byte, data ...[]byte) (bool, error) {
	if len(mac) != keyIDLength+sha256.Size {
		return false, nil
	}
	key, err := k.find(ctx, string(mac[:keyIDLength]))
	if errors.Is(err, ErrUnknownKey) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("verify what was signed for %s: %w", purpose, err)
	}
	return hmac.Equal(mac[keyIDLength:], sign(key, purpose, data)), nil
}

func sealer(key key, purpose string) cipher.AEAD {
	block, err := aes.NewCipher(subkey(key.secret, "seal/"+purpose, 32))
	if err != nil {
		panic(err) // only for keys of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for ciphers other than AES
	}
	return aead
}

func sign(key key, purpose string, data [][]byte) []byte {
	mac := hmac.New(sha256.New, subkey(key.secret, "mac/"+purpose, 32))
	for _, part := range data {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write(part)
	}
	return mac.Sum(nil)
}
