package domain

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// Registry changes domains and tells of it: in the audit, and to the administrators by mail (PER-7).
type Registry struct {
	Trail  audit.Trail
	Outbox *mail.Outbox
	Policy domainproof.Policy
}

// Act is who changes a domain, when, and how that one is named.
type Act struct {
	Event        audit.Event // who and from where; what and of which domain is filled in
	Organization string      // the name of the domain's organization, for mails
	By           string      // who, for mails; empty where it is the product itself
	At           time.Time
}

// BySystem is the act of the product itself.
func BySystem(organization string, at time.Time) Act {
	return Act{Event: audit.Event{Actor: audit.System("domains")}, Organization: organization, At: at}
}

// Register puts a new domain into the change. The commit fails with domain-registered where the tree has it already.
func (r *Registry) Register(tx *table.Tx, d *Domain, act Act) {
	tx.Create(d.Key(), d, table.ErrChanged)
	tx.Update(table.Touch(table.DomainNameKey(d.Root, d.Name)).Set("organization", d.Organization).Set("domain", d.ID).
		If(expression.AttributeNotExists(expression.Name("domain")), nil).FailWith(registered))
	tx.Count(d.Root, table.DomainsCount(d.Organization), +1, problem.Missing())
	r.record(tx, d, act, "domain.created", nil, map[string]any{"name": d.Name})
}

// registered says that the tree has the domain already, as which one.
func registered(old table.Item) error {
	taken := problem.New(problem.Conflict, "domain-registered", "The domain is registered already, in this organization or in another one of its tree.")
	var standing tenant.Standing
	if err := table.Read(old, &standing); err != nil {
		return err
	}
	taken.Existing = standing.Domain
	return taken
}

// Prove makes a domain verified whose record was found and which no tree holds. The commit fails with table.ErrChanged
// where one does by then.
func (r *Registry) Prove(tx *table.Tx, d *Domain, f domainproof.Finding, act Act) {
	by, required := r.prove(tx, d, f, act)
	tx.Create(table.DomainClaimKey(d.Name), Claim{Root: d.Root, Organization: d.Organization, Domain: d.ID, Connection: by, SSORequired: required}, table.ErrChanged)
}

// TakeOver makes a domain verified whose record was found, in place of the holder that keeps it no more (DOM-5). The
// commit fails with table.ErrChanged where the holder has changed since it was read.
func (r *Registry) TakeOver(tx *table.Tx, d *Domain, holder *Holder, f domainproof.Finding, act Act) {
	if holder.loses() {
		r.lose(tx, &holder.Domain, BySystem(holder.Name, act.At), "domain.lost", Taken, holder.closed())
		timer.Cancel(tx, timer.Domain, holder.Domain.Owner())
	}
	by, required := r.prove(tx, d, f, act)
	claim := table.Touch(table.DomainClaimKey(d.Name)).If(heldBy(holder.Claim.Domain), table.ErrChanged).
		Set("root", d.Root).Set("organization", d.Organization).Set("domain", d.ID)
	if by == "" {
		claim.Remove("connection", "ssoRequired")
	} else {
		claim.Set("connection", by).Set("ssoRequired", required)
	}
	tx.Update(claim)
}

func heldBy(domain string) expression.ConditionBuilder {
	return expression.Name("domain").Equal(expression.Value(domain))
}

// prove makes the domain verified, and leads it to its connection. The claim, which says which one, is the caller's.
func (r *Registry) prove(tx *table.Tx, d *Domain, f domainproof.Finding, act Act) (connection string, ssoRequired bool) {
	state, _ := d.State().After(domainproof.Found, act.At, r.Policy)
	d.VerifiedAt = clock.Format(act.At)
	tx.Update(d.become(state, act).Set("verifiedAt", d.VerifiedAt).Set("lastCheck", d.seen(f, act)))
	tx.Update(d.Led.Same(table.Touch(table.DomainNameKey(d.Root, d.Name)).If(heldBy(d.ID), table.ErrChanged)).Set("verified", true).Set("was", true))
	timer.Set(tx, timer.Domain, d.Owner(), domainproof.Next(domainproof.Found, act.At))
	r.record(tx, d, act, "domain.verified", map[string]any{"verified": false}, map[string]any{"verified": true})
	r.tell(tx, d, act, mail.DomainVerified, mail.Data{})
	return r.connections().Gain(tx, d.Led, d.Organization, d.Name, act.onConnection())
}

// connections changes those that domains lead to.
func (r *Registry) connections() *connection.Registry {
	return &connection.Registry{Trail: r.Trail, Outbox: r.Outbox}
}

// onConnection is the act as it touches a connection.
func (a Act) onConnection() connection.Act {
	return connection.Act{Event: a.Event, Organization: a.Organization, By: a.By, At: a.At}
}

// Note writes down what a look at the record found, and lets follow what follows by the policy: nothing, that the domain is
// at risk or is not any more, a reminder, or that it is lost. That a domain without proof has been proved it leaves to
// Prove. The timer is the caller's to move, or to end where the domain was lost. Without an event it is one write and the
// domain's version stays.
func (r *Registry) Note(tx *table.Tx, d *Domain, f domainproof.Finding, act Act) domainproof.Event {
	state, event := d.State().After(f.Outcome, act.At, r.Policy)
	switch {
	case event == domainproof.Proved || state == d.State():
		same := expression.Name("version").Equal(expression.Value(d.Version))
		tx.Update(table.Touch(d.Key()).If(same, table.ErrChanged).Set("lastCheck", d.seen(f, act)))
		return domainproof.Nothing
	case event == domainproof.Lost:
		tx.DeleteIf(table.DomainClaimKey(d.Name), heldBy(d.ID), table.ErrChanged)
		d.seen(f, act)
		r.lose(tx, d, act, "domain.lost", Missing, nil)
		return event
	}
	tx.Update(d.become(state, act).Set("lastCheck", d.seen(f, act)))
	switch event {
	case domainproof.AtRisk:
		r.record(tx, d, act, "domain.at-risk", nil, map[string]any{"atRiskSince": clock.Format(act.At)})
		r.tellRisk(tx, d, act)
	case domainproof.Reminder:
		r.tellRisk(tx, d, act)
	case domainproof.Recovered:
		r.record(tx, d, act, "domain.recovered", nil, nil)
	}
	return event
}

// Release makes a verified domain one without proof, and frees it for another tree.
func (r *Registry) Release(tx *table.Tx, d *Domain, act Act) {
	tx.DeleteIf(table.DomainClaimKey(d.Name), heldBy(d.ID), table.ErrChanged)
	timer.Cancel(tx, timer.Domain, d.Owner())
	r.lose(tx, d, act, "domain.released", Released, nil)
}

// Remove deletes the domain. What its tree knows of the name stays where it was verified once (DOM-9); standing is what it knew
// when it was read.
func (r *Registry) Remove(tx *table.Tx, d *Domain, standing *tenant.Standing, act Act) {
	tx.Delete(d.Key(), d.Version)
	tx.Count(d.Root, table.DomainsCount(d.Organization), -1, table.ErrChanged)
	name := table.DomainNameKey(d.Root, d.Name)
	if standing.Was || d.Led.Pointed() {
		forget := d.Led.Same(table.Touch(name).If(heldBy(d.ID), table.ErrChanged)).Remove("organization", "domain", "verified")
		if d.Verified {
			tx.DeleteIf(table.DomainClaimKey(d.Name), heldBy(d.ID), table.ErrChanged)
			timer.Cancel(tx, timer.Domain, d.Owner())
			forget.Add("epoch", 1)
			tenant.EndDomain(tx, d.Root, nil)
			r.connections().Lose(tx, d.Led, d.Name, act.onConnection())
		}
		tx.Update(forget)
	} else {
		never := expression.AttributeNotExists(expression.Name("was")).And(expression.AttributeNotExists(expression.Name("connection")))
		tx.DeleteIf(name, heldBy(d.ID).And(never), table.ErrChanged)
	}
	r.record(tx, d, act, "domain.removed", map[string]any{"name": d.Name, "verified": d.Verified}, nil)
	told := mail.Data{}
	if d.Verified {
		told.Why = string(Removed)
	}
	r.tell(tx, d, act, mail.DomainRemoved, told)
}

// lose makes a verified domain one without proof, ends what depends on it by epochs (DOM-6), and tells. The claim and the timer
// are the caller's. closed is how the tree stands where it is closed.
func (r *Registry) lose(tx *table.Tx, d *Domain, act Act, action string, why Reason, closed *tenant.Access) {
	d.VerifiedAt = ""
	edit := d.become(domainproof.State{}, act).Remove("verifiedAt")
	if d.LastCheck != nil {
		edit.Set("lastCheck", d.LastCheck)
	}
	tx.Update(edit)
	tx.Update(d.Led.Same(table.Touch(table.DomainNameKey(d.Root, d.Name)).If(heldBy(d.ID), table.ErrChanged)).Remove("verified").Add("epoch", 1))
	ends := act.onConnection()
	ends.Quiet = closed != nil
	r.connections().Lose(tx, d.Led, d.Name, ends)
	tenant.EndDomain(tx, d.Root, closed)
	r.record(tx, d, act, action, map[string]any{"verified": true}, map[string]any{"verified": false, "why": string(why)})
	if closed == nil { // of which nobody is left to be told
		r.tell(tx, d, act, mail.DomainLost, mail.Data{Why: string(why)})
	}
}

// become begins a versioned change of the domain to another state; the domain changes along in memory.
func (d *Domain) become(s domainproof.State, act Act) *table.Change {
	edit := table.Edit(d.Key(), d.Version).Set("updatedAt", clock.Format(act.At)).Set("updatedBy", act.Event.Actor)
	d.Version++
	d.UpdatedAt, d.UpdatedBy = clock.Format(act.At), act.Event.Actor
	d.Verified, d.AtRiskSince, d.LastMiss, d.Misses, d.Reminded = s.Verified, seconds(s.AtRiskSince), seconds(s.LastMiss), s.Misses, s.Reminded
	return edit.Set("verified", d.Verified).Set("atRiskSince", d.AtRiskSince).Set("lastMiss", d.LastMiss).
		Set("misses", d.Misses).Set("reminded", d.Reminded)
}

// seen keeps a finding as the domain's last check.
func (d *Domain) seen(f domainproof.Finding, act Act) *Check {
	d.LastCheck = &Check{At: clock.Format(act.At), Outcome: f.Outcome, Slip: f.Slip, Hint: f.Hint, Seen: f.Seen}
	return d.LastCheck
}
