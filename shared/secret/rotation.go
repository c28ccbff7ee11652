package secret

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// SecretWriter are the calls of Secrets Manager that changing the installation's keys takes.
type SecretWriter interface {
	SecretReader
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

// Keys tells of the installation's keys by their public names, never by what they are.
type Keys struct {
	Current string   `json:"current"` // under which is sealed and signed
	Older   []string `json:"older"`   // under which is opened and verified
}

// Rotate gives the installation at arn a new key and keeps all others to open and verify with. Instances of functions take the
// new one when they meet something made with it, and within the hour.
func Rotate(ctx context.Context, client SecretWriter, arn string) (Keys, error) {
	return rewrite(ctx, client, arn, func(keys []key) []key {
		return append([]key{newKey(rand.Text() + rand.Text() + rand.Text())}, keys...) // 390 bits
	})
}

// ForgetOlder leaves the installation at arn with its current key alone. What only an older one opens is lost: second factors
// of those who have not used theirs since the rotation, and mails that wait for longer.
func ForgetOlder(ctx context.Context, client SecretWriter, arn string) (Keys, error) {
	return rewrite(ctx, client, arn, func(keys []key) []key { return keys[:1] })
}

// rewrite puts other keys in place of those that are there, the previous version's included: where two rotate at the same time
// one of them finds its key there.
func rewrite(ctx context.Context, client SecretWriter, arn string, change func([]key) []key) (Keys, error) {
	k := NewKeyring(client, arn, nil)
	if err := k.reload(ctx); err != nil {
		return Keys{}, err
	}
	var value stored
	var known Keys
	seen := map[string]bool{}
	for i, one := range change(k.keys) {
		switch {
		case i == 0:
			value.Key, known.Current = string(one.secret), one.id
		case !seen[one.id]:
			value.Older, known.Older = append(value.Older, string(one.secret)), append(known.Older, one.id)
		}
		seen[one.id] = true
	}
	text, err := json.Marshal(value)
	if err != nil {
		return Keys{}, err
	}
	if _, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String(string(text))}); err != nil {
		return Keys{}, fmt.Errorf("write the installation's keys: %w", err)
	}
	return known, nil
}
