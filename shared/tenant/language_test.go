package tenant_test

import (
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/tenant"
)

func TestSCI8_TheLanguageOfADirectoryIsTheNearestThatIsKnown(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "en", "en-US": "en", "EN_gb": "en", "es-ES": "es", "es-MX": "es", "ca-ES": "ca", "pt": "pt-BR", "pt-BR": "pt-BR", "pt-PT": "pt-PT",
		"zh-CN": "zh-Hans", "zh-TW": "zh-Hant", "de-AT": "de", "no": "nb",
		"tlh, es;q=0.8": "es", "fr-CA,en;q=0.8": "fr",
		"qu": "es", "": "", "th": "", "vi": "", "x-private": "", "not a language": "", "en-" + strings.Repeat("a-", 20_000): "",
	} {
		if known, found := tenant.NearestLanguage(tag); found != (want != "") || found && known != want {
			t.Errorf("%.40q is %q, %v; not %q", tag, known, found, want)
		}
	}
	for _, one := range tenant.Languages() {
		if known, found := tenant.NearestLanguage(one); !found || known != one {
			t.Errorf("%q is %q, %v", one, known, found)
		}
	}
}
