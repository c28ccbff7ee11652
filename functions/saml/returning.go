package main

import (
	"net/url"
	"strings"
)

// longestReturn is how long a path may be that somebody is sent back to.
const longestReturn = 512

// returning is where a browser goes after signing in: the path, where it is one of this site, otherwise the front page. Nothing
// else is taken from what a link or an IdP says: no other site, no scheme, nothing that a browser would read as either.
func returning(path string) string {
	if !local(path) {
		return "/"
	}
	return path
}

// local tells whether browsers read the path as one of this site. They take a backslash for a slash and leave out tabs and line
// breaks (https://url.spec.whatwg.org/#concept-basic-url-parser), so that "/\evil.example" is another site.
func local(path string) bool {
	if len(path) > longestReturn || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return false
	}
	for _, c := range []byte(path) {
		if c <= ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	u, err := url.Parse(path)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//") && !strings.Contains(u.Path, `\`)
}
