package secret

import (
	"fmt"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// Passwords hashes and verifies passwords with argon2id and counts how often it did. The zero value is ready; it may be
// used by several goroutines.
type Passwords struct {
	runs atomic.Int64
}

// nobody is the hash of no password, 48 random bytes in the form and with the cost of cost.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$BssKLvBe/ViiS7zgMaRB5Q$pvNIFmbes9DanPdfxFZPftH5YIwIVP2jErp639Cb94c"

// cost is what OWASP recommends as the least: 19 MiB, two passes, one lane
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
func cost() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}

// Hash makes the text under which a password is stored. Whether the password is good enough is CheckPassword's to say.
func (p *Passwords) Hash(password string) (string, error) {
	p.runs.Add(1)
	hash, err := argon2id.CreateHash(normalize(password), cost())
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// Verify tells whether hash was made of the password. It errs only where hash is no hash of Hash.
func (p *Passwords) Verify(password, hash string) (bool, error) {
	p.runs.Add(1)
	match, err := argon2id.ComparePasswordAndHash(normalize(password), hash)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	return match, nil
}

// VerifyNobody takes as long as Verify and tells nothing: it is called where there is no account or no password, so that
// the time of the answer does not tell so (LOG-1).
func (p *Passwords) VerifyNobody(password string) {
	p.runs.Add(1)
	_, _ = argon2id.ComparePasswordAndHash(normalize(password), nobody)
}

// Runs is how many times argon2id ran so far. The difference over a request stands in its log line and must not depend on
// whether an account exists.
func (p *Passwords) Runs() int64 { return p.runs.Load() }

// normalize makes one password of all the ways in which keyboards and systems write the same characters
// (NIST SP 800-63B-4, section 3.1.1.2).
func normalize(password string) string { return norm.NFKC.String(password) }
