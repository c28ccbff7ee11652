package tenant

import (
	"slices"
	"sync"

	"golang.org/x/text/language"
)

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

// longestAsked is how much is looked at of what languages somebody asks for.
const longestAsked = 200

var nearest = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, one := range Languages() {
		tags = append(tags, language.MustParse(one))
	}
	return language.NewMatcher(tags)
})

// NearestLanguage gives the one of Languages that somebody understands best who asks for these, as a BCP 47 tag or an Accept-Language header
// has them (RFC 7643, 4.1.1; RFC 9110, 12.5.4): en for en-US, zh-Hant for zh-TW. found is false where there is none, or asked is no list.
func NearestLanguage(asked string) (known string, found bool) {
	if len(asked) > longestAsked {
		return "", false
	}
	tags, _, err := language.ParseAcceptLanguage(asked)
	if err != nil || len(tags) == 0 {
		return "", false
	}
	_, i, sure := nearest().Match(tags...)
	return Languages()[i], sure >= language.High
}
