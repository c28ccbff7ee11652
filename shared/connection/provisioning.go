package connection

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Provisioning is what a connection of a main organization has for an IdP that brings users and groups by SCIM (SSO-6). It goes on
// while sign-ins by the connection are off: who leaves must lose access then too.
type Provisioning struct {
	Endpoint  string      `dynamodbav:"endpoint"`  // the base of all SCIM URLs, as it was when it was switched on: a changed PublicUrl changes it not
	Outsiders bool        `dynamodbav:"outsiders"` // people are taken whose address is in no verified domain of the tree (SCI-8)
	EnabledAt string      `dynamodbav:"enabledAt"`
	EnabledBy audit.Actor `dynamodbav:"enabledBy"`
	// Ending is the job that gives the users back to people, since it was switched off.
	Ending string `dynamodbav:"ending,omitempty"`
}

// Provisions tells whether users and groups may come by SCIM.
func (c *Connection) Provisions() bool { return c.Provisioning != nil && c.Provisioning.Ending == "" }

// MostTokens is how many tokens are valid at once: a rotation has two.
const MostTokens = 2

// Token is a bearer token of the IdP. Its secret is with the IdP only.
type Token struct {
	ID        string      `dynamodbav:"id"`
	Hash      string      `dynamodbav:"hash"`
	Hint      string      `dynamodbav:"hint"`   // its last four characters
	EndsAt    int64       `dynamodbav:"endsAt"` // in Unix seconds; 0: it does not end
	CreatedAt string      `dynamodbav:"createdAt"`
	CreatedBy audit.Actor `dynamodbav:"createdBy"`
	// ConfirmedAt is when an administrator let it go on after a restore; empty: nobody had to.
	ConfirmedAt string `dynamodbav:"confirmedAt,omitempty"`
	// Rest is what another release keeps of it.
	Rest *table.Rest `dynamodbav:"-"`
}

// asToken is a Token as the SDK reads and writes it.
type asToken Token

// UnmarshalDynamoDBAttributeValue reads it with what this release does not know.
func (t *Token) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	t.Rest, err = table.ReadWhole(value, (*asToken)(t))
	return err
}

// MarshalDynamoDBAttributeValue writes it with what this release does not know.
func (t Token) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return table.WriteWhole(asToken(t), t.Rest)
}

// Held tells whether the token waits for an administrator: it was made, and last confirmed, before the installation was restored (INS-6).
func (t *Token) Held(restored restore.Mark) bool {
	return restored.Voids(clock.Parse(t.CreatedAt)) && restored.Voids(clock.Parse(t.ConfirmedAt))
}

// Ended tells whether the token has ended by itself.
func (t *Token) Ended(now time.Time) bool { return t.EndsAt != 0 && now.Unix() >= t.EndsAt }

// TokenUse is when a token was used last, and from which network address.
type TokenUse struct {
	At   string `dynamodbav:"at"`
	From string `dynamodbav:"from"`
}

// MainOnly refuses what is for connections of a main organization: nil for one.
func (c *Connection) MainOnly() error {
	if c.Organization != c.Root {
		return problem.New(problem.Conflict, "main-only", "Users and groups are provisioned for the whole tree: set it up on a connection of the main organization.")
	}
	return nil
}

// provisions refuses what takes provisioning that is on.
func (c *Connection) provisions() error {
	if !c.Provisions() {
		return problem.New(problem.Conflict, "scim-off", "SCIM is not on for this connection. Switch it on first.")
	}
	return nil
}

// Provision has the change switch SCIM on, or change how it is; publicURL is where the product is reached. It takes an active
// connection of a main organization to switch it on; whoever switches on one that was Sealed unseals it.
func (r *Registry) Provision(tx *table.Tx, c *Connection, outsiders bool, publicURL string, act Act) error {
	switch {
	case c.Provisioning == nil:
	case !c.Provisions():
		return problem.New(problem.Conflict, "scim-ending", "SCIM was just switched off, and its users are still being given back. Switch it on again when that is done.")
	case c.Provisioning.Outsiders == outsiders:
		return nil
	}
	why, before := "changed", c.Provisioning.recorded()
	if c.Provisioning == nil {
		if err := c.MainOnly(); err != nil {
			return err
		}
		if !c.Active {
			return problem.New(problem.Conflict, "connection-inactive", "SCIM is switched on for an active connection. Activate it first.")
		}
		why = "on"
		c.Provisioning = &Provisioning{Endpoint: publicURL + "/scim/v2/" + c.ID, EnabledAt: clock.Format(act.At), EnabledBy: act.Event.Actor}
		c.Tokens, c.TokenUses, c.Sealed = []Token{}, map[string]TokenUse{}, false
	}
	c.Provisioning.Outsiders = outsiders
	edit := c.edit(act)
	if why == "changed" {
		edit.Set("provisioning.outsiders", outsiders)
	} else {
		edit.Set("provisioning", c.Provisioning).Set("tokens", c.Tokens).Set("tokenUses", c.TokenUses).Remove("sealed")
		c.setSyncTimer(tx, act.At)
	}
	tx.Update(edit)
	r.record(tx, c, act, "connection.scim-"+why, before, c.Provisioning.recorded())
	r.tell(tx, c, act, mail.ProvisioningChanged, mail.Data{Why: why})
	return nil
}

// StopProvisioning has the change switch SCIM off: its tokens are refused from the next request on, and a job gives its users back to
// people and forgets what the IdP sent. Where it is off, nothing changes.
func (r *Registry) StopProvisioning(tx *table.Tx, c *Connection, work queue.Sender, act Act) {
	if !c.Provisions() {
		return
	}
	before := c.Provisioning.recorded()
	release := &job.Job{Root: c.Root, Organization: c.Organization, Kind: job.CleanConnection}
	release.Give(Cleaning{Connection: c.ID, Organization: c.Organization, Provisioning: true})
	job.Start(tx, release, work, act.Event.Actor, act.At)
	c.Provisioning.Ending, c.Tokens, c.TokenUses = release.ID, nil, nil
	tx.Update(c.edit(act).Set("provisioning.ending", release.ID).Remove("tokens", "tokenUses"))
	c.setTokenTimer(tx, act.At)
	timer.Cancel(tx, timer.Sync, c.ID)
	r.record(tx, c, act, "connection.scim-off", before, nil)
	r.tell(tx, c, act, mail.ProvisioningChanged, mail.Data{Why: "off"})
}

// Released is the change that notes that the users of a connection whose SCIM was switched off were given back.
func Released(connection, job string) *table.Change {
	ended := expression.Name("provisioning.ending").Equal(expression.Value(job))
	return table.Touch(table.ConnectionKey(connection)).If(ended, table.ErrChanged).Remove("provisioning").Set("sealed", true)
}

// AddToken has the change make a token, and gives it with its secret, which is kept nowhere. One that has ended makes room.
// ends is when it ends, 0 for never.
func (r *Registry) AddToken(tx *table.Tx, c *Connection, ends int64, act Act) (made Token, token string, err error) {
	if err := c.provisions(); err != nil {
		return made, "", err
	}
	kept := slices.DeleteFunc(slices.Clone(c.Tokens), func(one Token) bool { return one.Ended(act.At) })
	if len(kept) >= MostTokens {
		return made, "", problem.New(problem.Conflict, "too-many-tokens", "%d tokens are valid at once. Revoke the one that the IdP does not use any more first.", MostTokens)
	}
	token, hash := secret.New(secret.SCIM, c.ID)
	made = Token{ID: id.New(id.Token), Hash: hash, Hint: token[len(token)-4:], EndsAt: ends, CreatedAt: clock.Format(act.At), CreatedBy: act.Event.Actor}
	r.tokens(tx, c, append(kept, made), act)
	r.record(tx, c, act, "connection.scim-token-made", nil, made.recorded())
	r.tell(tx, c, act, mail.ProvisioningChanged, mail.Data{Why: "token-made", Key: made.Hint})
	return made, token, nil
}

// RevokeToken has the change revoke a token: Missing where there is none of that id.
func (r *Registry) RevokeToken(tx *table.Tx, c *Connection, token string, act Act) error {
	at, err := c.tokenAt(token)
	if err != nil {
		return err
	}
	revoked := c.Tokens[at]
	r.tokens(tx, c, slices.Delete(slices.Clone(c.Tokens), at, at+1), act)
	r.record(tx, c, act, "connection.scim-token-revoked", revoked.recorded(), nil)
	r.tell(tx, c, act, mail.ProvisioningChanged, mail.Data{Why: "token-revoked", Key: revoked.Hint})
	return nil
}

// ConfirmToken has the change let a token go on that the restore holds, and gives it: Missing where there is none of that id. One that is not
// held stays as it is.
func (r *Registry) ConfirmToken(tx *table.Tx, c *Connection, token string, restored restore.Mark, act Act) (confirmed Token, err error) {
	at, err := c.tokenAt(token)
	if err != nil {
		return confirmed, err
	}
	all := slices.Clone(c.Tokens)
	if !all[at].Held(restored) {
		return all[at], nil
	}
	all[at].ConfirmedAt = clock.Format(act.At)
	r.tokens(tx, c, all, act)
	r.record(tx, c, act, "connection.scim-token-confirmed", nil, all[at].recorded())
	r.tell(tx, c, act, mail.ProvisioningChanged, mail.Data{Why: "token-confirmed", Key: all[at].Hint})
	return all[at], nil
}

// tokenAt is the place of a token: Missing where there is none of that id.
func (c *Connection) tokenAt(token string) (int, error) {
	at := slices.IndexFunc(c.Tokens, func(one Token) bool { return one.ID == token })
	if at < 0 {
		return at, problem.Missing()
	}
	return at, nil
}

// tokens writes which tokens there are from now on.
func (r *Registry) tokens(tx *table.Tx, c *Connection, all []Token, act Act) {
	c.Tokens = all
	edit := c.edit(act).Set("tokens", all)
	for used := range c.TokenUses {
		if !slices.ContainsFunc(all, func(one Token) bool { return one.ID == used }) {
			edit.Remove("tokenUses." + used)
			delete(c.TokenUses, used)
		}
	}
	tx.Update(edit)
	c.setTokenTimer(tx, act.At)
}

// Token is the one of that hash that counts at that time, nil for none. hash is what secret.Parse gives.
func (c *Connection) Token(hash string, now time.Time) *Token {
	for i := range c.Tokens {
		if one := &c.Tokens[i]; secret.Equal(one.Hash, hash) && !one.Ended(now) {
			return one
		}
	}
	return nil
}

// UseToken is the note that the token was used from an address. It is applied outside of transactions, every five minutes at most
// (TokenUseDue), and touches no version.
func (c *Connection) UseToken(token, from string, now time.Time) *table.Change {
	return table.Touch(c.Key()).If(thereIs("tokenUses"), table.ErrChanged).Set("tokenUses."+token, TokenUse{At: clock.Format(now), From: from})
}

// TokenUseDue tells whether the use of a token is to be noted.
func (c *Connection) TokenUseDue(token string, now time.Time) bool {
	return now.Sub(clock.Parse(c.TokenUses[token].At)) > useEvery
}

// recorded is what the audit keeps of it.
func (p *Provisioning) recorded() map[string]any {
	if p == nil {
		return nil
	}
	return map[string]any{"outsiders": p.Outsiders}
}

func (t *Token) recorded() map[string]any {
	return map[string]any{"token": t.ID, "hint": t.Hint, "endsAt": t.EndsAt}
}
