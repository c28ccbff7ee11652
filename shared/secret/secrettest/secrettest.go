// Package secrettest gives a test the installation's keys without Secrets Manager. It is for tests only.
package secrettest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/secret"
)

type vault struct{}

func (vault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(`{"key": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.."}`)}, nil
}

// Keyring gives a keyring of one key, the same in every test.
func Keyring(t testing.TB) *secret.Keyring {
	t.Helper()
	keyring := secret.NewKeyring(vault{}, "secrettest", clock.System)
	if err := keyring.Load(context.Background()); err != nil {
		t.Fatal(err)
	}
	return keyring
}
