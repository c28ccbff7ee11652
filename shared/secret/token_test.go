package secret

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTokenNamesItsKindAndParts(t *testing.T) {
	token, hash := New(Session, "org_1", "usr_2")
	if !regexp.MustCompile(`^tnt_ses_org_1\.usr_2\.[0-9A-Za-z]{49}$`).MatchString(token) {
		t.Fatalf("token is %q", token)
	}
	parts, again, err := Parse(Session, token)
	if err != nil || !slices.Equal(parts, []string{"org_1", "usr_2"}) || again != hash {
		t.Fatalf("parsed parts %q, same hash %t, error %v", parts, again == hash, err)
	}
	if strings.Contains(hash, token) || len(hash) != 43 {
		t.Fatalf("hash is %q", hash)
	}
}

func TestTokenWithoutParts(t *testing.T) {
	token, hash := New(Invitation)
	parts, again, err := Parse(Invitation, token)
	if err != nil || len(parts) != 0 || again != hash {
		t.Fatalf("parts %q, same hash %t, error %v", parts, again == hash, err)
	}
}

func TestTokensDiffer(t *testing.T) {
	one, hashOne := New(Key)
	two, hashTwo := New(Key)
	if one == two || hashOne == hashTwo {
		t.Fatal("two tokens are the same")
	}
}

func TestEveryMistypedCharacterIsNoticed(t *testing.T) {
	token, _ := New(Key, "key_1")
	for i := len("tnt_key_"); i < len(token); i++ {
		typo := []byte(token)
		typo[i] = '0'
		if token[i] == '0' {
			typo[i] = '1'
		}
		if _, _, err := Parse(Key, string(typo)); !errors.Is(err, ErrMistyped) {
			t.Fatalf("character %d replaced: error %v, want ErrMistyped", i, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	key, _ := New(Key, "key_1")
	cases := map[string]struct {
		token string
		want  error
	}{
		"nothing":                  {"", ErrNotToken},
		"another kind":             {strings.Replace(key, "_key_", "_ses_", 1), ErrNotToken},
		"only the prefix":          {"tnt_key_", ErrNotToken},
		"an empty part":            {strings.Replace(key, "key_1.", ".", 1), ErrNotToken},
		"a character of no token":  {key[:len(key)-1] + "/", ErrNotToken},
		"a character of two bytes": {key[:len(key)-2] + "é", ErrNotToken},
		"a token with more behind": {key + "0", ErrMistyped},
		"a token cut off":          {key[:len(key)-1], ErrMistyped},
		"far too much":             {"tnt_key_" + strings.Repeat("a.", 1<<20) + key, ErrNotToken},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, hash, err := Parse(Key, c.token)
			if !errors.Is(err, c.want) || hash != "" {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if len(c.token) > 8 && strings.Contains(err.Error(), c.token[8:]) {
				t.Fatal("the error repeats the token")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	token, _ := New(Session, "a", "b")
	f.Add(token)
	f.Add("tnt_ses_..")
	f.Fuzz(func(t *testing.T, text string) {
		if parts, hash, err := Parse(Session, text); (err == nil) != (hash != "") || err != nil && parts != nil {
			t.Fatalf("parts %q, hash %q, error %v", parts, hash, err)
		}
	})
}

func ExampleNew() {
	token, hash := New(Session, "org_1", "usr_2") // the token goes to its owner, the hash into the table
	parts, again, err := Parse(Session, token)
	_ = err == nil && again == hash && parts[1] == "usr_2"
}
