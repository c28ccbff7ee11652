// Command install is what only those do who operate an installation: it makes the first platform administrator, is the way
// back when the last one is gone (INS-1), has nobody and nothing come back by a restore (INS-6), and changes the installation's
// key. It has no route: who may invoke it is decided by IAM alone.
//
//	{"action": "administrator", "email": "ada@example.com"}
//	{"action": "after-restore"}
//	{"action": "rotate-key"}
//	{"action": "forget-keys"}
//
// The first answers a link, valid for a day and once, to set a password and a second factor. It refuses an address that
// signs in somewhere else, and changes nothing of a user who is there already until the link is used, but for the role.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/start"
)

// input is the payload of an invocation.
type input struct {
	Action string `json:"action"`
	Email  string `json:"email"` // of an administrator
}

// The actions.
const (
	administrator = "administrator"
	afterRestore  = "after-restore"
	rotateKey     = "rotate-key"
	forgetKeys    = "forget-keys"
)

type installer struct{ *start.Services }

// run does the action and answers what the operator goes on with. It errs for an unknown action.
func (i installer) run(ctx context.Context, in input) (any, error) {
	switch in.Action {
	case administrator:
		return i.administrator(ctx, in.Email)
	case afterRestore:
		return i.afterRestore(ctx)
	case rotateKey:
		return secret.Rotate(ctx, i.vault(), i.Config.SecretARN)
	case forgetKeys:
		return secret.ForgetOlder(ctx, i.vault(), i.Config.SecretARN)
	}
	return nil, fmt.Errorf("unknown action %q: it is %q, %q, %q or %q", in.Action, administrator, afterRestore, rotateKey, forgetKeys)
}

func (i installer) vault() *secretsmanager.Client { return secretsmanager.NewFromConfig(i.AWS) }

func installed() audit.Actor { return audit.System("install") }
