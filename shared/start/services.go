// Package start is what every function does before its first request: it reads the configuration and opens what the
// functions share. It knows no feature, and links nothing that only some functions need, such as S3 or SES: those build
// their clients from Services.AWS.
//
//	services, err := start.Open(ctx, os.Getenv)
package start

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// Services is what functions share. All of it may be used by several goroutines.
type Services struct {
	Config    Config
	AWS       aws.Config // for the clients that only one function needs
	Table     *table.Table
	Keyring   *secret.Keyring
	Queue     *queue.Queue
	Passwords *secret.Passwords
	Trail     audit.Trail
	Outbox    *mail.Outbox
	Clock     clock.Clock
	Log       *slog.Logger
}

// Open reads the configuration from the environment and opens the services. It errs, naming what, where a variable is
// missing or wrong or the installation's key cannot be read; a function then must not start.
func Open(ctx context.Context, getenv func(string) string) (*Services, error) {
	own, err := ReadConfig(getenv)
	if err != nil {
		return nil, err
	}
	cloud, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	keyring, err := secret.LoadKeyring(ctx, secretsmanager.NewFromConfig(cloud), own.SecretARN, clock.System)
	if err != nil {
		return nil, err
	}
	opened := table.Open(cloud, own.Table, keyring, clock.System)
	work, log := queue.New(cloud, own.QueueURL), Logger(os.Stdout)
	return &Services{
		Config:    own,
		AWS:       cloud,
		Table:     opened,
		Keyring:   keyring,
		Queue:     work,
		Passwords: &secret.Passwords{},
		Trail:     audit.Trail{Keep: own.AuditRetention, Clock: clock.System},
		Outbox:    mail.NewOutbox(opened, keyring, work, clock.System, log),
		Clock:     clock.System,
		Log:       log,
	}, nil
}
