// Package start is what every function does before its first request: it reads the configuration and opens what the
// functions share. It knows no feature, and links nothing that only some functions need, such as S3 or SES: those build
// their clients from Services.AWS.
//
//	services, err := start.Open(os.Getenv)
package start

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
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
	Queue     *queue.Queue // for what is quickly done: mails
	Work      *queue.Queue // for what takes long: timers that fell due, jobs
	Passwords *secret.Passwords
	Trail     audit.Trail
	Outbox    *mail.Outbox
	Clock     clock.Clock
	Log       *slog.Logger
}

// Open reads the configuration from the environment and opens the services. It errs, naming what, where a variable is
// missing or wrong; a function then must not start. It calls nobody: what takes a call is Ready's.
//
// The AWS configuration is the region and the credentials that Lambda puts into the environment and, in a local stack, the
// address of the services there. The SDK's own loader does the same and links four more services for other places to find
// credentials in, which would cost every start their set-up.
func Open(getenv func(string) string) (*Services, error) {
	own, err := ReadConfig(getenv)
	if err != nil {
		return nil, err
	}
	cloud := aws.Config{Region: getenv("AWS_REGION"), Credentials: credentials.NewStaticCredentialsProvider(
		getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		cloud.BaseEndpoint = &endpoint
	}
	keyring := secret.NewKeyring(secretsmanager.NewFromConfig(cloud), own.SecretARN, clock.System)
	opened := table.Open(cloud, own.Table, keyring, clock.System)
	mails, log := queue.New(cloud, own.QueueURL), Logger(os.Stdout)
	slog.SetDefault(log)
	return &Services{
		Config:    own,
		AWS:       cloud,
		Table:     opened,
		Keyring:   keyring,
		Queue:     mails,
		Work:      queue.New(cloud, own.WorkURL),
		Passwords: &secret.Passwords{},
		Trail:     audit.Trail{Keep: own.AuditRetention, Clock: clock.System},
		Outbox:    mail.NewOutbox(opened, keyring, mails, clock.System, log),
		Clock:     clock.System,
		Log:       log,
	}, nil
}

// Ready does, once, what the first invocation waits for: it reads the installation's key. It errs as long as that cannot be
// read, and an invocation must not go on then.
func (s *Services) Ready(ctx context.Context) error {
	if err := s.Keyring.Load(ctx); err != nil {
		busy := problem.New(problem.Unavailable, "busy", "The installation's key cannot be read at the moment. Nothing was changed: repeat the request.")
		busy.RetryAfter = time.Second
		return fmt.Errorf("%w: %w", busy, err)
	}
	return nil
}

// Handler is handle with the services ready, for functions that are not woken over HTTP.
func Handler[I, O any](s *Services, handle func(context.Context, I) (O, error)) func(context.Context, I) (O, error) {
	return func(ctx context.Context, in I) (O, error) {
		if err := s.Ready(ctx); err != nil {
			var none O
			return none, err
		}
		return handle(ctx, in)
	}
}
