package tenant

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/table"
)

// This file is the Authentication policy of a tree (AUT-1, AUT-2). Every credential carries the generation of passwords that it
// was made in (Access.PasswordEpoch). Turning email and password off begins another one, in the one write of the policy: all
// credentials and sessions of before are void from that moment on, and stay so when it is on again. Deleting them is
// cleaning, done by a job.

// MostBreakGlass is how many break-glass administrators a tree can name.
const MostBreakGlass = 2

// Rules are the Authentication policy as it is to be.
type Rules struct {
	PasswordsOff bool
	SecondFactor Policy
	BreakGlass   []string
}

// SetPolicy has the change put the rules into force; state changes along. Where passwords go off a new generation begins. The
// commit fails with table.ErrChanged where the policy was changed, or the tree closed, since state was read.
func SetPolicy(tx *table.Tx, root string, state *Access, to Rules) {
	edit := state.edit(root).If(state.samePolicy(), table.ErrChanged)
	if to.PasswordsOff && !state.PasswordsOff {
		state.PasswordEpoch++
		edit.Set("passwordEpoch", state.PasswordEpoch)
	}
	state.PasswordsOff, state.SecondFactor, state.BreakGlass = to.PasswordsOff, to.SecondFactor, to.BreakGlass
	state.PolicyVersion++
	edit.Set("policyVersion", state.PolicyVersion).Set("passwordsOff", to.PasswordsOff).Set("secondFactor", to.SecondFactor).SetTexts("breakGlass", to.BreakGlass...)
	tx.Update(edit)
}

func (a *Access) samePolicy() expression.ConditionBuilder {
	version := expression.Name("policyVersion")
	if a.PolicyVersion == 0 {
		return version.AttributeNotExists()
	}
	return version.Equal(expression.Value(a.PolicyVersion))
}

// HoldGeneration has the change fail with table.ErrChanged where another generation of passwords has begun since state was read:
// a credential that is set at that very moment would be void, and be left behind.
func HoldGeneration(tx *table.Tx, root string, state *Access) {
	tx.Require(table.AccessKey(root), expression.Name("passwordEpoch").Equal(expression.Value(state.PasswordEpoch)), table.ErrChanged)
}

// HoldPolicy has the change fail with table.ErrChanged where the policy was changed since state was read.
func HoldPolicy(tx *table.Tx, root string, state *Access) {
	tx.Require(table.AccessKey(root), state.samePolicy(), table.ErrChanged)
}
