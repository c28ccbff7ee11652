package secret

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

func TestTOTPAcceptsTheNeighbouringStepsOnce(t *testing.T) {
	secret, uri, err := NewTOTP("jo@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(uri); err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != secret || u.Query().Get("issuer") != "Tenantry" {
		t.Fatalf("uri %q, %v", uri, err)
	}
	now := time.Unix(1_800_000_015, 0)
	for away, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		code, err := totp.GenerateCode(secret, now.Add(time.Duration(away)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		step, ok := VerifyTOTP(secret, code[:3]+" "+code[3:], now, 0)
		if ok != want {
			t.Errorf("%d steps away: %t", away, ok)
		}
		if _, again := VerifyTOTP(secret, code, now, step); ok && again {
			t.Errorf("%d steps away: accepted twice", away)
		}
	}
}

func TestAnEarlierCodeIsRefusedAfterALaterOne(t *testing.T) {
	secret, _, _ := NewTOTP("jo@acme.example")
	now := time.Unix(1_800_000_000, 0)
	earlier, _ := totp.GenerateCode(secret, now.Add(-30*time.Second))
	if _, ok := VerifyTOTP(secret, earlier, now, now.Unix()/30); ok {
		t.Fatal("accepted")
	}
}

func TestWhatIsNoCodeIsRefused(t *testing.T) {
	secret, _, _ := NewTOTP("jo@acme.example")
	for _, code := range []string{"", "12345", "1234567", "abcdef", "١٢٣٤٥٦", strings.Repeat("1", 1<<16)} {
		if _, ok := VerifyTOTP(secret, code, time.Unix(1_800_000_000, 0), 0); ok {
			t.Errorf("%.10q accepted", code)
		}
	}
	if _, ok := VerifyTOTP("not base32!", "123456", time.Unix(1_800_000_000, 0), 0); ok {
		t.Error("a broken secret accepts a code")
	}
}

func TestRecoveryCodesAreReadHoweverTheyAreTyped(t *testing.T) {
	codes, hashes := NewRecoveryCodes()
	if len(codes) != 10 || len(hashes) != 10 {
		t.Fatalf("%d codes, %d hashes", len(codes), len(hashes))
	}
	seen := map[string]bool{}
	for i, code := range codes {
		if !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$`).MatchString(code) || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
		typed := strings.NewReplacer("-", " ", "0", "O", "1", "l").Replace(strings.ToUpper(code))
		for _, form := range []string{code, typed, strings.ReplaceAll(code, "-", "")} {
			if HashRecoveryCode(form) != hashes[i] {
				t.Errorf("%q typed as %q has another hash", code, form)
			}
		}
	}
	if HashRecoveryCode(codes[0]) == hashes[1] {
		t.Error("two codes have one hash")
	}
}
