package start

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/people"
)

// Config is what an installation can decide, as template.yaml passes it in the environment. It is read once.
type Config struct {
	Table     string // TABLE: the name of the table
	Bucket    string // BUCKET: the name of the bucket, for functions that use shared/blob
	QueueURL  string // QUEUE_URL: where mails are handed on
	WorkURL   string // WORK_QUEUE_URL: where long work is handed on
	SecretARN string // SECRET_ARN: the installation's keys
	// PublicURL (PUBLIC_URL) is where the product lives, without a slash at the end: https, or http on this machine. All links
	// come from it (INS-2).
	PublicURL string
	MailFrom  string // MAIL_FROM: the sender of mails; empty: none are sent (INS-4)
	// MailConfiguration (MAIL_CONFIGURATION_SET) is SES's configuration set, which counts bounces; empty: mails are sent with none.
	MailConfiguration string
	CDNSecret         string // CDN_SECRET: what a CDN proves itself with; empty: there is no CDN (INS-3)
	OtherCDNSecret    string // OTHER_CDN_SECRET: what it proves itself with as well, while the former is being changed; empty: nothing
	DNSServer         string // DNS_SERVER: the resolver that is asked for records of domains, with its port; empty: the system's
	// Loopback (LOOPBACK_HOSTS, with commas between) are the hosts with ports on this machine that customers may name: those of a local
	// stack. Empty: none. shared/outgoing refuses any where PublicURL is not on this machine.
	Loopback []string
	// MicrosoftClientID (MICROSOFT_CLIENT_ID) and GoogleClientID (GOOGLE_CLIENT_ID) are what this installation is called there; empty: nobody
	// signs in with that provider (INS-4).
	MicrosoftClientID, GoogleClientID string
	// MicrosoftClientSecret (MICROSOFT_CLIENT_SECRET) and GoogleClientSecret (GOOGLE_CLIENT_SECRET) go with them, where people sign in.
	MicrosoftClientSecret, GoogleClientSecret string
	ProvidersURL                              string // PROVIDERS_URL: where a local stack has somebody else play the providers; empty: they do themselves

	SessionIdle          time.Duration // SESSION_IDLE_MINUTES: a session ends after this time without a request
	SessionAdministrator time.Duration // SESSION_ADMINISTRATOR_HOURS: and in any case after this one,
	SessionMember        time.Duration // SESSION_MEMBER_HOURS: for those who administer nothing
	KeyGrace             time.Duration // KEY_GRACE_DAYS: how long an API key outlives its maker's leaving
	AuditRetention       time.Duration // AUDIT_RETENTION_DAYS: how long audit events are kept
	DomainGrace          time.Duration // DOMAIN_GRACE_DAYS: how long a verified domain stays so without its record (DOM-7)
	ErasedAfter          time.Duration // ERASURE_DAYS: how long a closed organization can be reopened before it is erased
}

// Lifetimes are the bounds of sessions.
func (c Config) Lifetimes() people.Lifetimes {
	return people.Lifetimes{Idle: c.SessionIdle, Administrator: c.SessionAdministrator, Member: c.SessionMember}
}

// Social are the providers that people can sign in with here.
func (c Config) Social() []people.Method {
	var all []people.Method
	if c.MicrosoftClientID != "" {
		all = append(all, people.ByMicrosoft)
	}
	if c.GoogleClientID != "" {
		all = append(all, people.ByGoogle)
	}
	return all
}

// ReadConfig reads the configuration from the environment. It errs for everything that is missing or wrong, by name.
func ReadConfig(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	config := Config{
		Table:                 r.text("TABLE"),
		Bucket:                r.text("BUCKET"),
		QueueURL:              r.text("QUEUE_URL"),
		WorkURL:               r.text("WORK_QUEUE_URL"),
		SecretARN:             r.text("SECRET_ARN"),
		PublicURL:             r.publicURL("PUBLIC_URL"),
		MailFrom:              getenv("MAIL_FROM"),
		MailConfiguration:     getenv("MAIL_CONFIGURATION_SET"),
		CDNSecret:             getenv("CDN_SECRET"),
		OtherCDNSecret:        getenv("OTHER_CDN_SECRET"),
		MicrosoftClientID:     getenv("MICROSOFT_CLIENT_ID"),
		GoogleClientID:        getenv("GOOGLE_CLIENT_ID"),
		MicrosoftClientSecret: getenv("MICROSOFT_CLIENT_SECRET"),
		GoogleClientSecret:    getenv("GOOGLE_CLIENT_SECRET"),
		ProvidersURL:          getenv("PROVIDERS_URL"),
		DNSServer:             getenv("DNS_SERVER"),
		Loopback:              strings.FieldsFunc(getenv("LOOPBACK_HOSTS"), func(r rune) bool { return r == ',' }),
		SessionIdle:           r.duration("SESSION_IDLE_MINUTES", time.Minute),
		SessionAdministrator:  r.duration("SESSION_ADMINISTRATOR_HOURS", time.Hour),
		SessionMember:         r.duration("SESSION_MEMBER_HOURS", time.Hour),
		KeyGrace:              r.duration("KEY_GRACE_DAYS", 24*time.Hour),
		AuditRetention:        r.duration("AUDIT_RETENTION_DAYS", 24*time.Hour),
		DomainGrace:           r.duration("DOMAIN_GRACE_DAYS", 24*time.Hour),
		ErasedAfter:           r.duration("ERASURE_DAYS", 24*time.Hour),
	}
	if err := errors.Join(r.wrong...); err != nil {
		return Config{}, fmt.Errorf("the environment: %w", err)
	}
	return config, nil
}

// reader reads variables and remembers what is wrong with them.
type reader struct {
	getenv func(string) string
	wrong  []error
}

func (r *reader) fail(name, rule string) {
	r.wrong = append(r.wrong, fmt.Errorf("%s %s", name, rule))
}

func (r *reader) text(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.fail(name, "is missing")
	}
	return value
}

func (r *reader) duration(name string, unit time.Duration) time.Duration {
	n, err := strconv.Atoi(r.text(name))
	if err != nil || n <= 0 || n > 100_000 {
		r.fail(name, "must be a whole number above 0")
		return 0
	}
	return time.Duration(n) * unit
}

func (r *reader) publicURL(name string) string {
	value := r.text(name)
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || value != u.Scheme+"://"+u.Host {
		r.fail(name, "must be an address such as https://settings.example.com, with nothing behind it")
		return ""
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		r.fail(name, "must begin with https:// (http:// is for localhost only)")
	}
	return value
}
