package domainname_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/domainname"
)

func TestDOM2_NamesHaveOneForm(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"acme.com":                           "acme.com",
		" ACME.Com ":                         "acme.com",
		"acme.com.":                          "acme.com",
		"mail.acme.co.uk":                    "mail.acme.co.uk",
		"acme.github.io":                     "acme.github.io",
		"bücher.example":                     "xn--bcher-kva.example",
		"BÜCHER.example":                     "xn--bcher-kva.example",
		"xn--bcher-kva.example":              "xn--bcher-kva.example",
		"XN--BCHER-KVA.EXAMPLE.":             "xn--bcher-kva.example",
		"bu\u0308cher.example":               "xn--bcher-kva.example", // u and a combining diaeresis
		"bücher。example":                     "xn--bcher-kva.example", // the ideographic full stop
		"ａｃｍｅ.com":                           "acme.com",              // full width
		"faß.de":                             "xn--fa-hia.de",         // not fass.de: the transitional mapping is off
		"straße.straße.example":              "xn--strae-oqa.xn--strae-oqa.example",
		"1und1.example":                      "1und1.example",
		"3com.example":                       "3com.example",
		"a--b.example":                       "a--b.example",
		long(253):                            long(253),
		strings.ToUpper(long(253)):           long(253),
		long(253) + ".":                      long(253),
		strings.Repeat("a", 63) + ".example": strings.Repeat("a", 63) + ".example",
	} {
		if got, err := domainname.Parse(written); err != nil || got != want {
			t.Errorf("%q became %q, %v; not %q", written, got, err, want)
		}
	}
}

// long is a name of n characters.
func long(n int) string {
	name := strings.Repeat("a.", n/2) + "example"
	return strings.Repeat("b", n%2) + name[len(name)-n+n%2:]
}

func TestDOM2_WhatIsNoOnesOwnIsRefusedWithItsOwnSentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says    string
		written []string
	}{
		{"must not be empty", []string{"", "  "}},
		{"IP address", []string{"10.0.0.1", "10.0.0.1.", "::1", "[2001:db8::1]", "2001:db8::1", "１０.0.0.1", "1.2.3", "0x7f.1", "acme.127", "acme.0xff", "0.0.0b00"}},
		{"single word", []string{"acme", "localhost", "acme."}},
		{"public suffix", []string{"co.uk", "CO.UK.", "com.br", "foo.ck", "公司.cn"}},
		{"customers have their names under it", []string{"github.io", "GitHub.io", "blogspot.com", "s3.amazonaws.com"}},
		{"mail for everybody", []string{"gmail.com", "GMAIL.com.", "googlemail.com", "outlook.es", "proton.me", "gmx.es", "web.de", "yahoo.co.uk", "qq.com"}},
		{"253 characters", []string{long(254), strings.Repeat("ü.", 120) + "example"}},
		{"63 characters", []string{strings.Repeat("a", 64) + ".example", strings.Repeat("ü", 60) + ".example"}},
		{"two dots", []string{"acme..com", ".acme.com", "acme.com..", "."}},
		{"hyphen", []string{"-acme.com", "acme-.com", "acme.-com"}},
		{"underscore", []string{"a_b.example", "_dmarc.acme.com"}},
		{"_tenantry-challenge", []string{"_tenantry-challenge.acme.com", "_Tenantry-Challenge.acme.com"}},
		{"without https://", []string{"https://acme.com", "acme.com/", "acme.com:443", "http:"}},
		{"@", []string{"ana@acme.com"}},
		{"without *", []string{"*.acme.com"}},
		{"space", []string{"ac me.com", "acme .com"}},
		{"no letter, digit or hyphen", []string{"acme!.com", "a,b.com", "\x00.com", "a\\b.com"}},
		{"internationalised", []string{"xn--a.example", "a\u200db.example", "אa.example", "Tℶ.example", "\u0301a.example", "ab--c.example"}},
	} {
		for _, written := range c.written {
			got, err := domainname.Parse(written)
			var refusal domainname.Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q: %q, %v; it should say %q", written, got, err, c.says)
			}
		}
	}
}

func TestDOM2_NamesAreShownInUnicode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"xn--bcher-kva.example": "bücher.example", "acme.com": "acme.com", "xn--a.example": "xn--a.example"} {
		if got := domainname.Shown(name); got != want {
			t.Errorf("%s is shown as %s, not %s", name, got, want)
		}
	}
}

func TestTheDomainOfAnAddressComparesWithNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ana@ACME.com": "acme.com", "ana@bücher.example": "xn--bcher-kva.example", "ana@xn--bcher-kva.example": "xn--bcher-kva.example",
		`"a@b"@acme.com`: "acme.com", "ana@acme.com.": "acme.com", "ana@A_b.example": "a_b.example", "ana": "", "": "",
	} {
		if got := domainname.Of(address); got != want {
			t.Errorf("%s is of %q, not %q", address, got, want)
		}
	}
}

func TestRegistrable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.b.acme.co.uk": "acme.co.uk", "acme.com": "acme.com", "co.uk": "co.uk", "www.acme.example": "acme.example"} {
		if got := domainname.Registrable(name); got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"acme.com", "BÜCHER.example.", "xn--bcher-kva.example", "10.0.0.1", "a..b", "faß.de", "。", "xn--", "a\u200cb.c", "[::]", "0x1.2", "Tℶ.T"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		name, err := domainname.Parse(written)
		if err != nil {
			if err.Error() == "" || name != "" {
				t.Fatalf("%q: %q and %q", written, name, err)
			}
			return
		}
		if again, err := domainname.Parse(name); err != nil || again != name {
			t.Fatalf("%q became %q, and that %q, %v", written, name, again, err)
		}
		if back, err := domainname.Parse(domainname.Shown(name)); err != nil || back != name {
			t.Fatalf("%q became %q, shown as %q, and that %q, %v", written, name, domainname.Shown(name), back, err)
		}
		if of := domainname.Of("somebody@" + name); of != name {
			t.Fatalf("an address of %q is of %q", name, of)
		}
		if len(name) > domainname.Longest || strings.ToLower(name) != name || !strings.Contains(name, ".") {
			t.Fatalf("%q became %q", written, name)
		}
	})
}

func ExampleParse() {
	name, err := domainname.Parse("BÜCHER.example.")
	fmt.Println(name, err, domainname.Shown(name))
	_, err = domainname.Parse("co.uk")
	fmt.Println("the name", err)
	// Output:
	// xn--bcher-kva.example <nil> bücher.example
	// the name is a public suffix: others have their domains under it. Register your own, such as acme.co.uk
}
