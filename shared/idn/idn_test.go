package idn_test

import (
	"testing"

	"golang.org/x/net/idna"

	"github.com/tenantry/tenantry/shared/idn"
)

// FuzzToASCII asks that a name once written stays what it is, whichever way it is read again.
func FuzzToASCII(f *testing.F) {
	for _, seed := range []string{"acme.com", "BÜCHER.example.", "xn--bcher-kva.example", "אב.example", "Tℶ.T", "faß.de", "。", "xn--", "a\u200cb.c", "a_b"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, written string, strict bool) {
		rule := idna.StrictDomainName(strict)
		name, err := idn.ToASCII(written, rule)
		if err != nil {
			return
		}
		if again, err := idn.ToASCII(name, rule); err != nil || again != name {
			t.Fatalf("%q became %q, and that %q, %v", written, name, again, err)
		}
		shown, err := idn.ToUnicode(name, rule)
		if back, backErr := idn.ToASCII(shown, rule); err != nil || backErr != nil || back != name {
			t.Fatalf("%q became %q, shown as %q (%v), and that %q, %v", written, name, shown, err, back, backErr)
		}
	})
}

func TestANameThatIsMappedToTwoDirectionsIsRefused(t *testing.T) {
	t.Parallel()
	if name, err := idn.ToASCII("Tℶ.example"); err == nil {
		t.Errorf("it became %s", name)
	}
	if name, err := idn.ToASCII("ℶ.example"); err != nil || name != "xn--5db.example" {
		t.Errorf("one direction alone became %s, %v", name, err)
	}
}

func TestANameThatSomeReadAsAnAddressEndsInANumber(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"1.2.3.4": true, "0x7f.1": true, "acme.0xff": true, "acme.0177": true, "0.0.0b00": true, "7": true,
		"acme.com": false, "1und1.example": false, "1.2.3.example": false, "acme.xn--p1ai": false, "": false, "acme.": false,
	} {
		if got := idn.EndsInNumber(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
