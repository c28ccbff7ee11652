package samlsp

import (
	"crypto"
	"encoding/xml"
	"io"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// maxMemory is what any answer of the corpus may take in all, its making by the tests included: some 50 times what an answer of
// an IdP takes, and a twentieth of what a function has.
const maxMemory = 24 << 20

// TestLOG2_NoAnswerTakesMuchMemory goes through the corpus again, one case after the other. Not parallel: it counts what the whole
// process takes.
func TestLOG2_NoAnswerTakesMuchMemory(t *testing.T) {
	var before, after runtime.MemStats
	most, which := uint64(0), ""
	for _, c := range corpus() {
		runtime.ReadMemStats(&before)
		c.try()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			most, which = took, c.class+"/"+c.name
		}
	}
	t.Logf("the most is %d KiB, by %s", most>>10, which)
	if most > maxMemory {
		t.Errorf("%s takes %d bytes", which, most)
	}
}

// TestLOG2_WorkEndsAtTheBounds counts instead of timing: an endless document is left at the 20,001st part, an endless nesting at
// the 33rd.
func TestLOG2_WorkEndsAtTheBounds(t *testing.T) {
	t.Parallel()
	begin, end := xml.StartElement{Name: xml.Name{Local: "a"}}, xml.EndElement{Name: xml.Name{Local: "a"}}
	for name, c := range map[string]struct {
		tokens []xml.Token
		want   Check
		parts  int
	}{
		"wide": {[]xml.Token{begin, end}, XMLOutside, 3},
		"deep": {[]xml.Token{begin}, XMLDepth, 33},
		"text": {[]xml.Token{xml.CharData(" ")}, XMLTokens, 20_001},
	} {
		source := &script{tokens: c.tokens, repeat: true}
		_, err := (&gate{grammar: responses, source: source}).run()
		if AsRefusal(err).Check != c.want || source.given != c.parts {
			t.Errorf("%s: %v after %d parts", name, err, source.given)
		}
	}
}

// counting counts how often a key of ours is used.
type counting struct {
	crypto.Decrypter
	used *atomic.Int64
}

func (c counting) Decrypt(random io.Reader, message []byte, options crypto.DecrypterOpts) ([]byte, error) {
	c.used.Add(1)
	return c.Decrypter.Decrypt(random, message, options)
}

// TestLOG2_KeysAreUsedAsOftenAsIsBound counts the costly part of decryption: every key of the message by every key of ours, whether
// one opened or not, so that the time does not tell which.
func TestLOG2_KeysAreUsedAsOftenAsIsBound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		others int
		want   int64
	}{{0, 2}, {3, 8}, {4, 0}} {
		var used atomic.Int64
		a := right()
		a.response.Encrypt = &samlsptest.Encryption{To: samlsptest.Key("sp"), Others: c.others}
		keys := []Key{ours("sp"), ours("sp2")}
		for n := range keys {
			keys[n].Decrypter = counting{keys[n].Decrypter, &used}
		}
		a.sp.Keys = FixedKeys{ForDecryption: keys}
		if a.run(); used.Load() != c.want {
			t.Errorf("%d keys of others: used %d times, want %d", c.others, used.Load(), c.want)
		}
	}
}
