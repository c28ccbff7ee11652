package start

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func environment(changed map[string]string) func(string) string {
	values := map[string]string{
		"TABLE": "tenantry", "BUCKET": "tenantry-files", "QUEUE_URL": "https://sqs/queue", "WORK_QUEUE_URL": "https://sqs/work", "SECRET_ARN": "arn:secret", "PUBLIC_URL": "https://settings.example.com",
		"SESSION_IDLE_MINUTES": "60", "SESSION_ADMINISTRATOR_HOURS": "8", "SESSION_MEMBER_HOURS": "24", "KEY_GRACE_DAYS": "7", "AUDIT_RETENTION_DAYS": "400",
		"DOMAIN_GRACE_DAYS": "14", "ERASURE_DAYS": "30",
	}
	for name, value := range changed {
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func TestConfigIsReadFromTheEnvironment(t *testing.T) {
	config, err := ReadConfig(environment(map[string]string{"MAIL_FROM": "no-reply@example.com", "MAIL_CONFIGURATION_SET": "tenantry", "CDN_SECRET": "one", "OTHER_CDN_SECRET": "two", "DNS_SERVER": "127.0.0.1:53",
		"LOOPBACK_HOSTS": "127.0.0.1:8081,localhost:9000"}))
	want := Config{Table: "tenantry", Bucket: "tenantry-files", QueueURL: "https://sqs/queue", WorkURL: "https://sqs/work", SecretARN: "arn:secret", PublicURL: "https://settings.example.com",
		MailFrom: "no-reply@example.com", MailConfiguration: "tenantry", CDNSecret: "one", OtherCDNSecret: "two", SessionIdle: time.Hour, SessionAdministrator: 8 * time.Hour, SessionMember: 24 * time.Hour,
		KeyGrace: 7 * 24 * time.Hour, AuditRetention: 400 * 24 * time.Hour, DNSServer: "127.0.0.1:53", Loopback: []string{"127.0.0.1:8081", "localhost:9000"}, DomainGrace: 14 * 24 * time.Hour, ErasedAfter: 30 * 24 * time.Hour}
	if err != nil || !reflect.DeepEqual(config, want) {
		t.Fatalf("config %+v, %v", config, err)
	}
}

func TestTheStartNamesEverythingThatIsMissing(t *testing.T) {
	_, err := ReadConfig(func(string) string { return "" })
	for _, name := range []string{"TABLE", "BUCKET", "QUEUE_URL", "WORK_QUEUE_URL", "SECRET_ARN", "PUBLIC_URL", "SESSION_IDLE_MINUTES", "SESSION_ADMINISTRATOR_HOURS",
		"SESSION_MEMBER_HOURS", "KEY_GRACE_DAYS", "AUDIT_RETENTION_DAYS", "DOMAIN_GRACE_DAYS", "ERASURE_DAYS"} {
		if err == nil || !strings.Contains(err.Error(), name+" is missing") {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "MAIL_FROM") || strings.Contains(err.Error(), "CDN_SECRET") {
		t.Errorf("what may be empty is asked for: %v", err)
	}
}

func TestPublicURL(t *testing.T) {
	for value, accepted := range map[string]bool{
		"https://settings.example.com":      true,
		"https://settings.example.com:8443": true,
		"http://localhost:8080":             true,
		"http://127.0.0.1:8080":             true,
		"http://[::1]:8080":                 true,
		"http://settings.example.com":       false,
		"http://localhost.example.com":      false,
		"https://settings.example.com/":     false,
		"https://settings.example.com/a":    false,
		"https://settings.example.com?a":    false,
		"https://user@settings.example.com": false,
		"ftp://localhost":                   false,
		"settings.example.com":              false,
		"https://":                          false,
	} {
		if _, err := ReadConfig(environment(map[string]string{"PUBLIC_URL": value})); (err == nil) != accepted {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestDurations(t *testing.T) {
	for _, value := range []string{"0", "-1", "1.5", "x", "999999999999"} {
		if _, err := ReadConfig(environment(map[string]string{"KEY_GRACE_DAYS": value})); err == nil || !strings.Contains(err.Error(), "KEY_GRACE_DAYS") {
			t.Errorf("%s: %v", value, err)
		}
	}
}
