package people

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Password is a user's, hashed.
type Password struct {
	Hash       string `dynamodbav:"hash"`
	SetAt      string `dynamodbav:"setAt"`
	Generation int    `dynamodbav:"generation,omitempty"` // the tree's, when it was set (AUT-2)
}

// SecondFactor is a user's TOTP secret, sealed for that user alone.
type SecondFactor struct {
	Sealed     string `dynamodbav:"sealed"`
	LastStep   int64  `dynamodbav:"lastStep"` // of the code that was used last: none is used twice
	EnrolledAt string `dynamodbav:"enrolledAt"`
	Generation int    `dynamodbav:"generation,omitempty"` // as a password's
}

// RecoveryCodes are the hashes of those that are left; each replaces the second factor once.
type RecoveryCodes struct {
	Hashes     []string `dynamodbav:"hashes,stringset,omitempty"`
	CreatedAt  int64    `dynamodbav:"created,omitempty"`    // Unix seconds
	Generation int      `dynamodbav:"generation,omitempty"` // as a password's
}

// ResetLink is the one link by which a user may set a password without the old one: a newer one voids it, and so does
// whatever ends the user's sessions, such as a change of the password.
type ResetLink struct {
	Hash       string `dynamodbav:"hash"`
	Epoch      int    `dynamodbav:"epoch"`                // the user's, when it was made
	Generation int    `dynamodbav:"generation,omitempty"` // the tree's, when it was made: of another one it is void
	CreatedAt  int64  `dynamodbav:"created,omitempty"`    // Unix seconds
	ExpiresAt  int64  `dynamodbav:"expiresAt"`
}

// PasswordKey is where the user's password is stored.
func PasswordKey(user string) table.Key { return table.CredentialKey(user, "password") }

// SecondFactorKey is where the user's second factor is stored.
func SecondFactorKey(user string) table.Key { return table.CredentialKey(user, "totp") }

// EnrolmentKey is where a second factor is stored that the user did not confirm yet.
func EnrolmentKey(user string) table.Key { return table.CredentialKey(user, "totp-enrolment") }

// RecoveryCodesKey is where the user's recovery codes are stored.
func RecoveryCodesKey(user string) table.Key { return table.CredentialKey(user, "recovery") }

// ResetLinkKey is where the user's link to set a password is stored.
func ResetLinkKey(user string) table.Key { return table.CredentialKey(user, "reset") }

// Credentials are what a user can prove with. What the user does not have is empty.
type Credentials struct {
	Password     Password
	SecondFactor SecondFactor
	Recovery     RecoveryCodes
}

// Wants asks for the user's credentials in a batch of more: its shape is the same for a user who has none, and for one who
// does not exist. What is read is taken through Standing.
func (c *Credentials) Wants(user string) []*table.Wanted {
	return []*table.Wanted{table.Want(PasswordKey(user), &c.Password), table.Want(SecondFactorKey(user), &c.SecondFactor),
		table.Want(RecoveryCodesKey(user), &c.Recovery)}
}

// Standing leaves what still proves something: nothing of another generation of the tree's passwords than state's (AUT-2), and
// after the installation was restored (INS-6) no older password, since its owner may have left since the backup, no older
// recovery code and no code of the app from before, since it may have been used.
func (c *Credentials) Standing(state *tenant.Access, restored restore.Mark) {
	c.of(state.PasswordEpoch)
	if restored.Voids(clock.Parse(c.Password.SetAt)) {
		c.Password = Password{}
	}
	if restored.Voids(time.Unix(c.Recovery.CreatedAt, 0)) {
		c.Recovery.Hashes = nil
	}
	if at := restored.Time(); !at.IsZero() {
		c.SecondFactor.LastStep = max(c.SecondFactor.LastStep, secret.LastTOTPStep(at))
	}
}

// of leaves what is of the generation.
func (c *Credentials) of(generation int) {
	if c.Password.Generation != generation {
		c.Password = Password{}
	}
	if c.SecondFactor.Generation != generation {
		c.SecondFactor = SecondFactor{}
	}
	if c.Recovery.Generation != generation {
		c.Recovery = RecoveryCodes{}
	}
}

// ReadCredentials reads the credentials of a user whose tree is in that state, but for what is void.
func ReadCredentials(ctx context.Context, t *table.Table, user string, state *tenant.Access, restored restore.Mark) (*Credentials, error) {
	c := &Credentials{}
	if err := t.GetMany(ctx, c.Wants(user)...); err != nil {
		return nil, err
	}
	c.Standing(state, restored)
	return c, nil
}

// Enrolled tells whether the user has a second factor.
func (c *Credentials) Enrolled() bool { return c.SecondFactor.Sealed != "" }

// VerifyPassword tells whether the password is the user's. It costs the same where the user has none.
func (c *Credentials) VerifyPassword(passwords *secret.Passwords, password string) (bool, error) {
	if c.Password.Hash == "" {
		passwords.VerifyNobody(password)
		return false, nil
	}
	return passwords.Verify(password, c.Password.Hash)
}

// SetPassword has the change set the user's password, in the generation of state. Where another one begins meanwhile, the commit
// fails with table.ErrChanged, as it does in Enrol and RenewRecoveryCodes: no credential outlives the end of its generation.
func SetPassword(tx *table.Tx, passwords *secret.Passwords, u *User, state *tenant.Access, password string, now time.Time) error {
	hash, err := passwords.Hash(password)
	if err != nil {
		return err
	}
	tenant.HoldGeneration(tx, u.Root, state)
	tx.Put(PasswordKey(u.ID), Password{Hash: hash, SetAt: clock.Format(now), Generation: state.PasswordEpoch})
	return nil
}

// codePurpose is what secrets of second factors are sealed for.
const codePurpose = "totp"

// SealSecondFactor seals the TOTP secret for the user alone.
func SealSecondFactor(keyring *secret.Keyring, user, secretBase32 string) string {
	return keyring.Seal(codePurpose, []byte(secretBase32), []byte(user))
}

// VerifyEnrolment checks a code against a sealed secret that is not in use yet, and gives the time step to go on from.
func VerifyEnrolment(ctx context.Context, keyring *secret.Keyring, user, sealed, code string, now time.Time) (step int64, ok bool, err error) {
	plain, err := keyring.Open(ctx, codePurpose, sealed, []byte(user))
	if err != nil {
		return 0, false, err
	}
	step, ok = secret.VerifyTOTP(string(plain), code, now, 0)
	return step, ok, nil
}

// Enrol has the change put the second factor into use, step being that of the code which confirmed it, with new recovery
// codes, which are returned to be shown once.
func Enrol(tx *table.Tx, u *User, state *tenant.Access, sealed string, step int64, now time.Time) (codes []string) {
	tx.Put(SecondFactorKey(u.ID), SecondFactor{Sealed: sealed, LastStep: step, EnrolledAt: clock.Format(now), Generation: state.PasswordEpoch})
	return RenewRecoveryCodes(tx, u, state, now)
}

// RenewRecoveryCodes has the change replace the user's recovery codes, and returns the new ones to be shown once.
func RenewRecoveryCodes(tx *table.Tx, u *User, state *tenant.Access, now time.Time) (codes []string) {
	codes, hashes := secret.NewRecoveryCodes()
	tenant.HoldGeneration(tx, u.Root, state)
	tx.Put(RecoveryCodesKey(u.ID), RecoveryCodes{Hashes: hashes, CreatedAt: now.Unix(), Generation: state.PasswordEpoch})
	return codes
}

// Keep has the change take the credentials, which were valid, into the generation that state begins, as break-glass administrators
// keep theirs. Where one was changed or removed meanwhile, the commit fails with table.ErrChanged.
func (c *Credentials) Keep(tx *table.Tx, user string, state *tenant.Access) {
	renew := func(key table.Key, present bool, mark string, value any) {
		if present {
			tx.Update(table.Touch(key).If(expression.Name(mark).Equal(expression.Value(value)), table.ErrChanged).Set("generation", state.PasswordEpoch))
		}
	}
	renew(PasswordKey(user), c.Password.Hash != "", "hash", c.Password.Hash)
	renew(SecondFactorKey(user), c.Enrolled(), "sealed", c.SecondFactor.Sealed)
	renew(RecoveryCodesKey(user), len(c.Recovery.Hashes) > 0, "created", c.Recovery.CreatedAt)
}

// Discard has the change remove the user's password with the link to set one, and the second factor with all that belongs to it.
func Discard(tx *table.Tx, user string) {
	RemovePassword(tx, user)
	RemoveSecondFactor(tx, user)
}

// RemovePassword has the change remove the user's password, and the link to set one.
func RemovePassword(tx *table.Tx, user string) {
	tx.Delete(PasswordKey(user), 0)
	tx.Delete(ResetLinkKey(user), 0)
}

// RemoveSecondFactor has the change take the user's second factor away, the recovery codes and what was not confirmed
// included.
func RemoveSecondFactor(tx *table.Tx, user string) {
	tx.Delete(SecondFactorKey(user), 0)
	tx.Delete(RecoveryCodesKey(user), 0)
	tx.Delete(EnrolmentKey(user), 0)
}

// UseCode tells whether the code, of the authenticator app or for recovery, proves the user's second factor, and has the
// change use it up: where another request used the same code first, the commit fails with used. What an older key of the
// installation seals is sealed anew, and what a forgotten one does proves nothing.
func (c *Credentials) UseCode(ctx context.Context, tx *table.Tx, keyring *secret.Keyring, user, code string, now time.Time, used error) (ok bool, err error) {
	if !c.Enrolled() {
		return false, nil
	}
	if len(strings.ReplaceAll(code, " ", "")) > 6 {
		return c.useRecoveryCode(tx, user, code, used), nil
	}
	plain, err := keyring.Open(ctx, codePurpose, c.SecondFactor.Sealed, []byte(user))
	if errors.Is(err, secret.ErrUnknownKey) {
		slog.ErrorContext(ctx, "a second factor is sealed with a forgotten key: it has to be reset", "event", "second-factor.unreadable", "user", user)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, ok := secret.VerifyTOTP(string(plain), code, now, c.SecondFactor.LastStep)
	if ok {
		unused := expression.Name("lastStep").LessThan(expression.Value(step)).And(expression.Name("sealed").Equal(expression.Value(c.SecondFactor.Sealed)))
		use := table.Touch(SecondFactorKey(user)).If(unused, used).Set("lastStep", step)
		if keyring.Aged(c.SecondFactor.Sealed) {
			use.Set("sealed", SealSecondFactor(keyring, user, string(plain)))
		}
		tx.Update(use)
	}
	return ok, nil
}

func (c *Credentials) useRecoveryCode(tx *table.Tx, user, code string, used error) bool {
	hash := secret.HashRecoveryCode(code)
	for _, left := range c.Recovery.Hashes {
		if secret.Equal(left, hash) {
			tx.Update(table.Touch(RecoveryCodesKey(user)).If(expression.Name("hashes").Contains(hash), used).Exclude("hashes", hash))
			return true
		}
	}
	return false
}

// WrongCode is the answer to a second-factor code that proves nothing, whatever is wrong with it.
func WrongCode() error {
	return problem.New(problem.Forbidden, "wrong-code", "The code is wrong, or was used already. Wait for the next one of your authenticator app.")
}

// WrongPassword is the answer to somebody signed in who gives a wrong password of their own.
func WrongPassword() error {
	return problem.New(problem.Forbidden, "wrong-password", "That is not your password.")
}
