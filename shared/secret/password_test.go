package secret

import (
	"slices"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"
	"github.com/tenantry/tenantry/shared/problem"
)

func TestPasswordIsVerifiedInEveryUnicodeForm(t *testing.T) {
	var p Passwords
	hash, err := p.Hash("contraseña más larga")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"contraseña más larga":             true,
		"contrasen\u0303a ma\u0301s larga": true,
		"contrasena mas larga":             false,
	} {
		if got, err := p.Verify(password, hash); got != want || err != nil {
			t.Errorf("%q: %t, %v", password, got, err)
		}
	}
	if p.Runs() != 4 {
		t.Errorf("%d runs counted, want 4", p.Runs())
	}
}

func TestNobodyCostsAsMuchAsAnAccount(t *testing.T) {
	params, _, key, err := argon2id.DecodeHash(nobody)
	if err != nil || *params != *cost() || len(key) != int(cost().KeyLength) {
		t.Fatalf("nobody's hash has %+v, %v; want %+v", params, err, cost())
	}
	var p Passwords
	p.VerifyNobody("whatever")
	if p.Runs() != 1 {
		t.Errorf("%d runs counted, want 1", p.Runs())
	}
}

func TestABrokenHashIsAnErrorAndNotAWrongPassword(t *testing.T) {
	var p Passwords
	if ok, err := p.Verify("x", "not a hash"); ok || err == nil {
		t.Fatalf("%t, %v", ok, err)
	}
}

func TestCheckPassword(t *testing.T) {
	about := []string{"Jo.Martinez@acme.example", "José Martínez"}
	cases := []struct {
		name, password string
		secondFactor   bool
		refused        string // a word of the message, empty for an accepted one
	}{
		{"14 characters", "kelp drum ox 7", false, "at least 15"},
		{"15 characters", "kelp drum oxy 7", false, ""},
		{"7 with a second factor", "k3lp-dr", true, "at least 8"},
		{"8 with a second factor", "k3lp-drm", true, ""},
		{"15 code points in more bytes", "ñandúes águilas", false, ""},
		{"14 code points in two forms", "n\u0303andu\u0301es aguila", false, "at least 15"},
		{"128", strings.Repeat("kelp dru", 15) + "m ox-7 z", false, ""},
		{"129", strings.Repeat("kelp dru", 15) + "m ox-7 zz", false, "at most 128"},
		{"common", "Password1", true, "tried first"},
		{"common with digits around", "password!2024!2024", false, "tried first"},
		{"common twice", "sunshinesunshine", false, "tried first"},
		{"one character", "aaaaaaaaaaaaaaaa", false, "tried first"},
		{"short piece again and again", "abcabcabcabcabcabc", false, "tried first"},
		{"neighbours up", "abcdefghijklmnop", false, "tried first"},
		{"neighbours down", "98765432", true, "tried first"},
		{"the address", "jo.martinez@acme.example", false, "your name"},
		{"the name and a year", "Martínez-Martínez 2026", false, "your name"},
		{"the product", "tenantry-tenantry-1", false, "your name"},
		{"the name inside of more", "Martínez sails to green islands", false, ""},
		{"a line break", "kelp drum\noxen 77", false, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := CheckPassword(c.password, c.secondFactor, about...)
			if (err == nil) != (c.refused == "") {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				return
			}
			field := problem.As(err).Fields[0]
			if field.Location != "body.password" || !strings.Contains(field.Message, c.refused) || field.Value != nil {
				t.Fatalf("field %+v", field)
			}
		})
	}
}

func TestTheListOfCommonPasswords(t *testing.T) {
	lines := strings.Split(strings.Trim(common, "\n"), "\n")
	if len(lines) < 10_000 || !slices.IsSorted(lines) {
		t.Errorf("%d lines, sorted %t", len(lines), slices.IsSorted(lines))
	}
	for _, line := range lines {
		if len(line) < minBeside || line != strings.ToLower(normalize(line)) || !listed(line) {
			t.Errorf("%q is short, not folded or not found", line)
		}
	}
}
