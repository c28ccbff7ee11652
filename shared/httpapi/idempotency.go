package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// rememberFor is how long an answer can be asked for again with its Idempotency-Key.
const rememberFor = 24 * time.Hour

// longAnswer is from which size on an answer is kept packed.
const longAnswer = 100 << 10

// errRepeated says that the same key was committed by another request since it was looked up.
var errRepeated = errors.New("the Idempotency-Key was used in between")

// Forgetful is an output with a secret in it, which is never kept: a replay answers the resource without it.
type Forgetful interface {
	// Forget removes the secrets.
	Forget()
}

// repeat is a request that can be repeated.
type repeat struct {
	key         table.Key
	fingerprint string
	expires     int64
}

// remembered is the answer that was given, bound to its request.
type remembered struct {
	Fingerprint string `dynamodbav:"fingerprint"`
	Answer      string `dynamodbav:"answer,omitempty"`
	Packed      []byte `dynamodbav:"packed,omitempty"` // the answer, of one that is long, by gzip: an item has 400 KB at most
	ExpiresAt   int64  `dynamodbav:"expiresAt"`
}

func idempotencyParameter() *huma.Param {
	longest := 255
	return &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MaxLength: &longest},
		Description: "Makes the request safe to repeat for a day: any text of the caller's, a new one for each new request. The answer is given again, but for secrets."}
}

// repeatOf is the repetition that the request asks for, nil without an Idempotency-Key or without a caller to bind it to.
func (s *Server) repeatOf(ctx context.Context) (*repeat, error) {
	call := CallOf(ctx)
	key := call.request.Header.Get("Idempotency-Key")
	if key == "" || call.Caller == nil {
		return nil, nil
	}
	if len(key) > 255 {
		return nil, problem.Invalid("header.Idempotency-Key", "has at most 255 characters", nil)
	}
	sum := sha256.Sum256([]byte(key))
	return &repeat{key: table.IdempotencyKey(call.Caller.ID(), base64.RawURLEncoding.EncodeToString(sum[:])),
		fingerprint: call.fingerprint(), expires: table.Expiry(s.config.Clock().Add(rememberFor))}, nil
}

// replay gives the answer that the same request got before, nil where it was not made yet.
func replay[O any](ctx context.Context, s *Server, r *repeat) (*O, error) {
	kept, err := s.kept(ctx, r)
	if kept == nil || err != nil {
		return nil, err
	}
	out := new(O)
	answer, err := kept.answer()
	if err == nil {
		err = json.Unmarshal(answer, out)
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer kept for an Idempotency-Key: %w", err)
	}
	return out, nil
}

// kept is what was kept for the repetition, nil where the request was not made yet. Another request's key is refused.
func (s *Server) kept(ctx context.Context, r *repeat) (*remembered, error) {
	if r == nil {
		return nil, nil
	}
	var kept remembered
	found, err := s.config.Table.Get(ctx, r.key, &kept)
	if err != nil || !found {
		return nil, err
	}
	if kept.Fingerprint != r.fingerprint {
		return nil, problem.New(problem.Conflict, "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new one.")
	}
	return &kept, nil
}

// remember puts the answer into the change itself.
func (r *repeat) remember(tx *table.Tx, out any) error {
	answer, err := withoutSecrets(out)
	if err != nil {
		return fmt.Errorf("keep the answer for an Idempotency-Key: %w", err)
	}
	kept := remembered{Fingerprint: r.fingerprint, Answer: string(answer), ExpiresAt: r.expires}
	if len(answer) > longAnswer {
		kept.Answer, kept.Packed = "", packed(answer)
	}
	tx.Create(r.key, kept, errRepeated)
	return nil
}

// packed is an answer as it is kept where it is long.
func packed(answer []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(answer) // into memory
	_ = w.Close()
	return out.Bytes()
}

// answer is the answer as it was kept.
func (r *remembered) answer() ([]byte, error) {
	if len(r.Packed) == 0 {
		return []byte(r.Answer), nil
	}
	text, err := gzip.NewReader(bytes.NewReader(r.Packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(text)
}

// withoutSecrets is the answer as it is kept. A copy forgets, down to its last part, so that the answer itself does not.
func withoutSecrets(out any) ([]byte, error) {
	answer, err := json.Marshal(out)
	if _, forgets := out.(Forgetful); err != nil || !forgets {
		return answer, err
	}
	kept := reflect.New(reflect.TypeOf(out).Elem()).Interface()
	if err := json.Unmarshal(answer, kept); err != nil {
		return nil, err
	}
	kept.(Forgetful).Forget()
	return json.Marshal(kept)
}
