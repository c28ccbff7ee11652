package scim

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSCIM3_35_ACursorHoldsForItsWalkAndItsTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	key := []byte("0123456789abcdef0123456789abcdef")
	cursor := SealCursor(key, "con_1 all", "USER#ü", now.Add(time.Hour))
	if !regexp.MustCompile(`^[A-Za-z0-9._~-]+$`).MatchString(cursor) {
		t.Errorf("%s has characters that are escaped in an address", cursor)
	}
	if position, err := OpenCursor(key, "con_1 all", cursor, now); err != nil || position != "USER#ü" {
		t.Errorf("%q %v", position, err)
	}
	changed := []byte(cursor)
	changed[len(changed)-3] ^= 1
	for name, c := range map[string]struct {
		key           []byte
		bound, cursor string
		now           time.Time
		want          Kind
	}{
		"another walk":     {key, "con_2 all", cursor, now, InvalidCursor},
		"another key":      {[]byte("x"), "con_1 all", cursor, now, InvalidCursor},
		"changed":          {key, "con_1 all", string(changed), now, InvalidCursor},
		"shortened":        {key, "con_1 all", cursor[:20], now, InvalidCursor},
		"nothing":          {key, "con_1 all", "", now, InvalidCursor},
		"no cursor":        {key, "con_1 all", "%%%", now, InvalidCursor},
		"padded":           {key, "con_1 all", cursor + "=", now, InvalidCursor},
		"very long":        {key, "con_1 all", strings.Repeat("A", 1<<20), now, InvalidCursor},
		"too late":         {key, "con_1 all", cursor, now.Add(time.Hour), ExpiredCursor},
		"moved boundaries": {key, "con_1 al", SealCursor(key, "con_1 all", "", now.Add(time.Hour)), now, InvalidCursor},
	} {
		position, err := OpenCursor(c.key, c.bound, c.cursor, c.now)
		if _, kind, _ := refused(t, err); kind != c.want || position != "" {
			t.Errorf("%s: %q %v", name, position, err)
		}
	}
}
