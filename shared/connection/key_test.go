package connection_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

// installed is the installation's secret, with the current key first.
type installed []string

func (i installed) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	long := func(key string) string { return fmt.Sprintf("%q", strings.Repeat(key, 64)) }
	var older []string
	for _, key := range i[1:] {
		older = append(older, long(key))
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(`{"key": ` + long(i[0]) + `, "older": [` + strings.Join(older, ",") + `]}`)}, nil
}

// What an older key of the installation sealed is sealed anew when it is used, so that the older one can be forgotten; what was not used
// until then is lost, and keeps no other key from being used.
func TestOwnKeysAreSealedAnewWhenTheyAreUsed(t *testing.T) {
	t.Parallel()
	rows, used, unused := tabletest.New(t), id.New(id.Connection), id.New(id.Connection)
	vault := func(of string, keys ...string) *connection.Vault {
		keyring := secret.NewKeyring(installed(keys), "arn", clock.System)
		if err := keyring.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		return &connection.Vault{Context: t.Context(), Table: rows, Keyring: keyring, Clock: clock.System, Connection: of}
	}
	fingerprint := func(v *connection.Vault) string {
		t.Helper()
		all, err := v.Signing()
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0].Certificate.Fingerprint
	}
	was := fingerprint(vault(used, "a"))
	fingerprint(vault(unused, "a"))
	for range 3 { // all at once or one by one
		if got := fingerprint(vault(used, "b", "a")); got != was {
			t.Errorf("another key: %s, not %s", got, was)
		}
	}
	stored, err := connection.ReadKeys(t.Context(), rows, used)
	if err != nil || stored.Version != 2 {
		t.Errorf("it was written %d times: %v", stored.Version, err)
	}
	if got := fingerprint(vault(used, "b")); got != was {
		t.Errorf("once the older key is forgotten: %s, not %s", got, was)
	}
	lost := vault(unused, "b")
	if _, err := lost.Signing(); !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("what was not used in between: %v", err)
	}
	made, err := connection.NewKey(lost.Keyring, unused, lost.Clock())
	if err != nil {
		t.Fatal(err)
	}
	tx := table.NewTx()
	if stored, err = connection.ReadKeys(t.Context(), rows, unused); err != nil {
		t.Fatal(err)
	}
	stored.Add(tx, unused, made)
	if err := rows.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	if got := fingerprint(lost); got != made.SHA256 {
		t.Errorf("with another one: %s, not %s", got, made.SHA256)
	}
}
