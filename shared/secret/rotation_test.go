package secret

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rotate(t *testing.T, v *vault) Keys {
	t.Helper()
	known, err := Rotate(t.Context(), v, "arn")
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func TestARotationSealsWithANewKeyAndOpensWithAllOlderOnes(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	running := load(t, v, &now) // an instance that was there before
	sealed := []string{running.Seal("totp", []byte("hello"), nil)}
	mac := running.MAC("device", []byte("d"))
	for range 5 {
		known := rotate(t, v)
		fresh := load(t, v, &now)
		sealed = append(sealed, fresh.Seal("totp", []byte("hello"), nil))
		if !strings.HasPrefix(sealed[len(sealed)-1], known.Current) || len(known.Older) != len(sealed)-1 {
			t.Fatalf("sealed %s with the keys %+v", sealed[len(sealed)-1], known)
		}
		for name, k := range map[string]*Keyring{"a new instance": fresh, "the running one": running} {
			for i, one := range sealed {
				if plain, err := k.Open(t.Context(), "totp", one, nil); err != nil || string(plain) != "hello" {
					t.Errorf("%s opens what key %d sealed: %q, %v", name, i, plain, err)
				}
			}
			if ok, err := k.VerifyMAC(t.Context(), "device", mac, []byte("d")); !ok || err != nil {
				t.Errorf("%s verifies the first key's mark: %t, %v", name, ok, err)
			}
		}
		now = now.Add(searchEvery)
	}
}

func TestARunningInstanceSealsWithTheNewKeyWithinTheHour(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	k := load(t, v, &now)
	old := k.Seal("totp", []byte("hello"), nil)
	known := rotate(t, v)
	reads := v.reads
	if err := k.Load(t.Context()); err != nil || v.reads != reads || k.Aged(old) {
		t.Errorf("at once: %d reads, aged %t, %v", v.reads-reads, k.Aged(old), err)
	}
	now = now.Add(refreshEvery)
	v.down = true
	if err := k.Load(t.Context()); err != nil {
		t.Errorf("while Secrets Manager is down the keys that are there go on: %v", err)
	}
	v.down, now = false, now.Add(refreshEvery)
	if err := k.Load(t.Context()); err != nil || !k.Aged(old) || !strings.HasPrefix(k.Seal("totp", nil, nil), known.Current) {
		t.Errorf("after an hour the old key goes on: %v", err)
	}
}

func TestForgottenKeysOpenNothing(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	first := load(t, v, &now).Seal("totp", []byte("hello"), nil)
	rotate(t, v)
	second := load(t, v, &now).Seal("totp", []byte("hello"), nil)
	known, err := ForgetOlder(t.Context(), v, "arn")
	if err != nil || known.Older != nil {
		t.Fatalf("left are %+v, %v", known, err)
	}
	k := load(t, v, &now)
	if _, err := k.Open(t.Context(), "totp", first, nil); err == nil {
		t.Error("a forgotten key still opens")
	}
	if _, err := k.Open(t.Context(), "totp", second, nil); err != nil {
		t.Error("the current key was forgotten too", err)
	}
}

func TestOfTwoRotationsAtTheSameTimeNoKeyIsLost(t *testing.T) {
	now, v := time.Unix(1e9, 0), newVault()
	before := v.versions[stageCurrent]
	rotate(t, v)
	lost := load(t, v, &now).Seal("totp", []byte("hello"), nil)
	overtaken := v.versions[stageCurrent]
	v.versions = map[string]string{stageCurrent: before} // the second has read before the first wrote
	rotate(t, v)
	v.versions[stagePrevious] = overtaken
	rotate(t, v)
	if _, err := load(t, v, &now).Open(t.Context(), "totp", lost, nil); err != nil {
		t.Error(err)
	}
}

func TestARotationThatCannotReadOrWriteChangesNothing(t *testing.T) {
	v := newVault()
	before := map[string]string{stageCurrent: v.versions[stageCurrent]}
	v.down = true
	if _, err := Rotate(t.Context(), v, "arn"); err == nil {
		t.Error("no error")
	}
	v.down, v.versions[stageCurrent] = false, `{"key": "short"}`
	if _, err := Rotate(t.Context(), v, "arn"); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a secret that is none: %v", err)
	}
	v.versions[stageCurrent] = before[stageCurrent]
	if diff := cmp.Diff(before, v.versions); diff != "" {
		t.Error(diff)
	}
}
