package tenant

import "slices"

// DefaultLanguage is what mails and the console fall back to.
const DefaultLanguage = "en"

// Languages are those that an organization or a person can choose, as BCP 47 tags (GEN-1). The first four have texts of their
// own, or will; the others fall back to DefaultLanguage.
func Languages() []string {
	return []string{"en", "es", "ca", "pt-BR", "ar", "bg", "cs", "da", "de", "el", "et", "eu", "fi", "fr", "gl", "he", "hi", "hr", "hu",
		"it", "ja", "ko", "lt", "lv", "nb", "nl", "pl", "pt-PT", "ro", "sk", "sl", "sv", "tr", "uk", "zh-Hans", "zh-Hant"}
}

// KnownLanguage tells whether the tag is one of Languages, written as it is there.
func KnownLanguage(tag string) bool { return slices.Contains(Languages(), tag) }
