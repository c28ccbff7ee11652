package secret

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// vault plays Secrets Manager: the versions of one secret by their label.
type vault struct {
	versions map[string]string
	reads    int
	down     bool
}

func (v *vault) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.reads++
	value, found := v.versions[*in.VersionStage]
	switch {
	case v.down:
		return nil, errors.New("no answer")
	case !found:
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &value}, nil
}

func (v *vault) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	if v.down {
		return nil, errors.New("no answer")
	}
	v.versions[stagePrevious], v.versions[stageCurrent] = v.versions[stageCurrent], *in.SecretString
	return &secretsmanager.PutSecretValueOutput{}, nil
}

// replace puts a key in place as somebody does by hand, without the older ones.
func (v *vault) replace(next string) {
	v.versions[stagePrevious], v.versions[stageCurrent] = v.versions[stageCurrent], fmt.Sprintf(`{"key": %q}`, next)
}

func newVault() *vault {
	return &vault{versions: map[string]string{stageCurrent: fmt.Sprintf(`{"key": %q}`, strings.Repeat("first", 12))}}
}

func load(t *testing.T, v *vault, now *time.Time) *Keyring {
	t.Helper()
	k := NewKeyring(v, "arn", func() time.Time { return *now })
	if err := k.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealedOpensForItsPurposeAndBoundOnly(t *testing.T) {
	now := time.Unix(1e9, 0)
	k := load(t, newVault(), &now)
	sealed := k.Seal("mail", []byte("hello"), []byte("item 1"))
	plain, err := k.Open(t.Context(), "mail", sealed, []byte("item 1"))
	if err != nil || string(plain) != "hello" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	if sealed == k.Seal("mail", []byte("hello"), []byte("item 1")) {
		t.Error("sealing twice gives the same text")
	}
	refused := map[string][3]string{
		"another purpose": {"totp", sealed, "item 1"},
		"another bound":   {"mail", sealed, "item 2"},
		"a changed text":  {"mail", sealed[:len(sealed)-2] + "AA", "item 1"},
		"not base64":      {"mail", sealed + "!", "item 1"},
		"a part":          {"mail", sealed[:20], "item 1"},
		"nothing":         {"mail", "", "item 1"},
	}
	for name, c := range refused {
		if plain, err := k.Open(t.Context(), c[0], c[1], []byte(c[2])); err == nil {
			t.Errorf("%s: opened %q", name, plain)
		}
	}
}

func TestAKeyReplacedByHandKeepsThePreviousOneReadable(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	old := load(t, v, &now)
	sealed, mac := old.Seal("mail", []byte("hello"), nil), old.MAC("cursor", []byte("c"))
	v.replace(strings.Repeat("second", 11))

	fresh := load(t, v, &now)
	if plain, err := fresh.Open(t.Context(), "mail", sealed, nil); err != nil || string(plain) != "hello" {
		t.Errorf("with the previous key: %q, %v", plain, err)
	}
	if ok, err := fresh.VerifyMAC(t.Context(), "cursor", mac, []byte("c")); !ok || err != nil {
		t.Errorf("signed with the previous key: %t, %v", ok, err)
	}
	if plain, err := old.Open(t.Context(), "mail", fresh.Seal("mail", []byte("new"), nil), nil); err != nil || string(plain) != "new" {
		t.Errorf("an instance started before the rotation: %q, %v", plain, err)
	}

	v.replace(strings.Repeat("third", 12))
	if _, err := load(t, v, &now).Open(t.Context(), "mail", sealed, nil); err == nil {
		t.Error("a key replaced twice still opens")
	}
}

func TestUnknownKeysReloadAtMostEveryTenSeconds(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	k := load(t, v, &now)
	stranger := "deadbeef" + strings.Repeat("A", 60)
	ask := func() { _, _ = k.Open(t.Context(), "mail", stranger, nil) }
	ask()
	reads := v.reads
	for range 100 {
		ask()
	}
	if v.reads != reads {
		t.Errorf("%d reads at once", v.reads-reads)
	}
	now = now.Add(10 * time.Second)
	ask()
	if v.reads == reads {
		t.Error("not reloaded after ten seconds")
	}
}

func TestAFailedReloadKeepsTheKeys(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	k := load(t, v, &now)
	sealed := k.Seal("mail", []byte("hello"), nil)
	v.down = true
	if ok, err := k.VerifyMAC(t.Context(), "cursor", []byte("deadbeef"+strings.Repeat("x", 32))); ok || err == nil {
		t.Errorf("unknown key while Secrets Manager is down: %t, %v; want an error", ok, err)
	}
	if _, err := k.Open(t.Context(), "mail", sealed, nil); err != nil {
		t.Errorf("the known key: %v", err)
	}
}

func TestMACKeepsPurposesAndBordersApart(t *testing.T) {
	now := time.Unix(1e9, 0)
	k := load(t, newVault(), &now)
	mac := k.MAC("cursor", []byte("ab"), []byte("c"))
	cases := map[string]struct {
		purpose string
		mac     []byte
		data    []string
		want    bool
	}{
		"the same":        {"cursor", mac, []string{"ab", "c"}, true},
		"another purpose": {"link", mac, []string{"ab", "c"}, false},
		"another border":  {"cursor", mac, []string{"a", "bc"}, false},
		"other data":      {"cursor", mac, []string{"ab", "d"}, false},
		"cut off":         {"cursor", mac[:39], []string{"ab", "c"}, false},
		"nothing":         {"cursor", nil, []string{"ab", "c"}, false},
	}
	for name, c := range cases {
		var data [][]byte
		for _, d := range c.data {
			data = append(data, []byte(d))
		}
		if ok, err := k.VerifyMAC(t.Context(), c.purpose, c.mac, data...); ok != c.want || err != nil {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
}

func TestKeyringRefusesAKeyTooShort(t *testing.T) {
	v := &vault{versions: map[string]string{stageCurrent: `{"key": "short-and-secret"}`}}
	err := NewKeyring(v, "arn", nil).Load(t.Context())
	if err == nil || strings.Contains(err.Error(), "short-and-secret") {
		t.Fatalf("error %v; want one that does not quote the key", err)
	}
}
