package secret

import (
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	totpStep   = 30         // seconds, the length that every authenticator app knows
	totpIssuer = "Tenantry" // the name under which authenticator apps list the second factor
)

// NewTOTP makes a second factor (RFC 6238, six digits, 160 bits): the secret in base32 for those who type it, and the
// otpauth URI of the QR code, in which authenticator apps find issuer and account. It errs where account is empty.
func NewTOTP(account string) (secretBase32, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: account, Period: totpStep, SecretSize: 20})
	if err != nil {
		return "", "", fmt.Errorf("make a second factor: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// VerifyTOTP checks a code as a person types it. It accepts the time step of now and its two neighbours, for clocks that
// differ, but only one after lastStep, the step of the code used last (0 where there was none), so that a code is used once
// (RFC 6238, section 5.2). step is to be stored as the next lastStep, on condition that nobody stored one since.
func VerifyTOTP(secretBase32, code string, now time.Time, lastStep int64) (step int64, ok bool) {
	code = strings.ReplaceAll(code, " ", "")
	current := now.Unix() / totpStep
	for step := current - 1; step <= current+1; step++ {
		match, err := hotp.ValidateCustom(code, uint64(step), secretBase32, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && match && step > lastStep {
			return step, true
		}
	}
	return 0, false
}

// LastTOTPStep is the last time step whose code VerifyTOTP could have accepted at that time: none up to it is new any more.
func LastTOTPStep(at time.Time) int64 { return at.Unix()/totpStep + 1 }
