package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/mail"
)

var update = flag.Bool("update", false, "write the golden files anew")

func kinds() []mail.Kind {
	return []mail.Kind{mail.Invitation, mail.SetUp, mail.PasswordReset, mail.NoPassword, mail.NewAdministrator, mail.KeyMade, mail.KeyConfirmed, mail.KeyEnds, mail.PartnerChanged,
		mail.PartnerAccessChanged, mail.OrganizationSuspended, mail.OrganizationResumed, mail.OrganizationClosed, mail.OrganizationReopened, mail.SecondFactorReset, mail.WithoutAdministrator,
		mail.PasswordChanged, mail.PasswordRemoved, mail.AddressConfirmation, mail.AddressAsked, mail.AddressChanged, mail.AddressLost, mail.SecondFactorEnrolled, mail.SecondFactorRemoved, mail.Restored, mail.PolicyChanged, mail.BreakGlassUsed, mail.Recovery, mail.RecoveryGiven, mail.RecoveryUsed,
		mail.DomainVerified, mail.DomainRemoved, mail.DomainAtRisk, mail.DomainLost,
		mail.ConnectionActivated, mail.ConnectionDeactivated, mail.ConnectionChanged, mail.CertificateAdded, mail.CertificateExpires, mail.ProvisioningChanged, mail.UnusualDeactivations, mail.SyncWaits, mail.TokenExpires}
}

func sample(kind mail.Kind) mail.Letter {
	at := time.Date(2026, 11, 23, 15, 4, 5, 0, time.FixedZone("CET", 3600))
	return mail.Letter{Kind: kind, To: "jo@acme.example", Data: mail.Data{Organization: "Acme & Co", By: "Ana Ruiz (ana@acme.example)",
		Person: "Jo Ek (jo@acme.example)", Key: "nightly export", Partner: "Norte", Access: "read",
		Domain: "bücher.example", Record: "_tenantry-challenge.xn--bcher-kva.example TXT tenantry-verification=abc", Why: "missing",
		Connection: "Acme's Okta", Reason: "Their IdP\nis gone", Count: 57, Still: "Ana Ruiz (ana@acme.example): password", At: at, ExpiresAt: at.AddDate(0, 0, 7), Token: "tnt_inv_secret"}}
}

func testWriter(t *testing.T) *writer {
	t.Helper()
	return newWriter("https://settings.example.com")
}

func TestLetters(t *testing.T) {
	w := testWriter(t)
	for _, kind := range kinds() {
		for _, language := range []string{english, spanish} {
			t.Run(string(kind)+"."+language, func(t *testing.T) {
				got, err := w.write(sample(kind), language)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, fmt.Sprintf("testdata/%s.%s.txt", kind, language), got.Subject+"\n\n"+got.Text)
				if strings.Contains(got.Subject, "\n") || strings.Contains(got.Text, "<no value>") || got.Subject == "" || len(got.Text) < 80 {
					t.Errorf("subject %q, text %q", got.Subject, got.Text)
				}
			})
		}
	}
}

func TestTheLetterOfALostDomainSaysWhy(t *testing.T) {
	w := testWriter(t)
	for why, says := range map[string]string{"missing": "stayed away", "taken": "Another organization", "released": "Ana Ruiz (ana@acme.example) released"} {
		letter := sample(mail.DomainLost)
		letter.Data.Why = why
		if got, err := w.write(letter, english); err != nil || !strings.Contains(got.Text, says) {
			t.Errorf("%s: %s %v", why, got.Text, err)
		}
	}
}

func TestTheLettersOfAConnectionSayWhy(t *testing.T) {
	w := testWriter(t)
	for kind, whys := range map[mail.Kind]map[string]string{
		mail.ConnectionDeactivated: {"off": "switched off", "domain": "no verified domain", "handed-over": "another connection", "removed": "removed"},
		mail.WithoutAdministrator: {"": "administrator of Acme & Co left", "address": "gave Jo Ek (jo@acme.example)",
			"left": "took access from Jo Ek (jo@acme.example)", "taken": "took over the address of Jo Ek", "domain": "lost the domain bücher.example", "certificate": "certificate of the connection Acme's Okta"},
		mail.ProvisioningChanged: {"on": "switched on", "off": "switched off", "changed": "whom SCIM may bring", "token-made": "made a SCIM token", "token-confirmed": "confirmed the SCIM token", "token-revoked": "revoked the SCIM token"},
		mail.TokenExpires:        {"replaced": "revoke the old one", "alone": "After its end", "over": "any more"},
		mail.CertificateExpires:  {"replaced": "remove the old one", "go-on": "goes on", "refuse": "After its end", "refused": "any more"},
	} {
		for why, says := range whys {
			letter := sample(kind)
			letter.Data.Why = why
			if got, err := w.write(letter, english); err != nil || !strings.Contains(got.Text, says) {
				t.Errorf("%s, %s: %s %v", kind, why, got.Text, err)
			}
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestBothLanguagesHaveEveryLetterWithTheSameFields(t *testing.T) {
	files := func(language string) []string {
		names, err := fs.Glob(letters, "letters/"+language+"/*.txt")
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			names[i] = filepath.Base(name)
		}
		return names
	}
	want := []string{"unexpected.txt"}
	for _, kind := range kinds() {
		want = append(want, string(kind)+".txt")
	}
	slices.Sort(want)
	for _, language := range []string{english, spanish} {
		if diff := cmp.Diff(want, files(language)); diff != "" {
			t.Errorf("letters in %s: %s", language, diff)
		}
	}
	p, err := parseLetters()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range want {
		if diff := cmp.Diff(fields(p.texts[english].Lookup(name).Root), fields(p.texts[spanish].Lookup(name).Root)); diff != "" {
			t.Errorf("%s: fields in English and Spanish differ: %s", name, diff)
		}
	}
}

// fields are the placeholders of a template, each once.
func fields(node parse.Node) []string {
	found := regexp.MustCompile(`\.[A-Z]\w*|"\w+"`).FindAllString(strings.Join(regexp.MustCompile(`{{.*?}}`).FindAllString(node.String(), -1), ""), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryLetterSaysWhereAndWhatToDo(t *testing.T) {
	w := testWriter(t)
	for _, kind := range kinds() {
		for language, word := range map[string]string{english: "If ", spanish: "Si "} {
			got, err := w.write(sample(kind), language)
			if err != nil {
				t.Fatal(err)
			}
			advice := strings.Contains(got.Text, word) || kind == mail.WithoutAdministrator
			if !strings.Contains(got.Subject+got.Text, "Acme & Co") || !advice {
				t.Errorf("%s in %s: no organization or no advice", kind, language)
			}
		}
	}
}

func TestTokensStandInTheFragment(t *testing.T) {
	w := testWriter(t)
	for kind, link := range map[mail.Kind]string{
		mail.Invitation:          "https://settings.example.com/invitation#tnt_inv_secret",
		mail.SetUp:               "https://settings.example.com/invitation#tnt_inv_secret",
		mail.Recovery:            "https://settings.example.com/recovery#tnt_inv_secret",
		mail.AddressConfirmation: "https://settings.example.com/address#tnt_inv_secret",
		mail.PasswordReset:       "https://settings.example.com/password-reset#tnt_inv_secret",
	} {
		got, err := w.write(sample(kind), english)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.Text, "\n\n"+link+"\n\n") || !strings.Contains(got.HTML, `<a href="`+link+`"`) {
			t.Errorf("%s has no link %s in\n%s\n%s", kind, link, got.Text, got.HTML)
		}
	}
}

func TestNamesCannotWriteMails(t *testing.T) {
	letter := sample(mail.Invitation)
	letter.Data.Organization = "Acme\r\nBcc: all@acme.example\n\nhttps://evil.example"
	letter.Data.By = "<a href='https://evil.example'>{{.Link}}</a>"
	got, err := testWriter(t).write(letter, english)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(got.Subject, "\r\n") || strings.Contains(got.HTML, "evil.example'") || strings.Contains(got.HTML, `"https://evil`) || strings.Count(got.Text, "tnt_inv_secret") != 1 {
		t.Errorf("subject %q\n%s\n%s", got.Subject, got.Text, got.HTML)
	}
}

func TestLanguages(t *testing.T) {
	for tag, want := range map[string]string{"es": spanish, "ES-mx": spanish, "en": english, "ca": english, "pt-BR": english, "": english, "est": english, "../es": english} {
		if got := spoken(tag); got != want {
			t.Errorf("%q: %s, want %s", tag, got, want)
		}
	}
}

func TestAKindWithoutALetterIsAnError(t *testing.T) {
	for _, kind := range []mail.Kind{"", "unknown", "unexpected/../key-made", mail.ResetRequest} {
		if got, err := testWriter(t).write(mail.Letter{Kind: kind}, english); err == nil {
			t.Errorf("%q: %+v", kind, got)
		}
	}
}
