package scim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// longestCursor bounds what is read as one.
const longestCursor = 4 << 10

// SealCursor makes a cursor of the place where a walk goes on. It holds for the same walk only, bound, which names the connection and the
// query (Query.Bound), and until expires. It hides nothing: what it says is readable, and nobody else can make one.
func SealCursor(key []byte, bound, position string, expires time.Time) string {
	text := binary.BigEndian.AppendUint64(nil, uint64(expires.Unix()))
	text = append(text, position...)
	return base64.RawURLEncoding.EncodeToString(append(mac(key, bound, text), text...))
}

// OpenCursor gives the place that a cursor tells. It refuses with invalidCursor what was not sealed with the key for the same walk, and with
// expiredCursor what was, too long ago.
func OpenCursor(key []byte, bound, cursor string, now time.Time) (string, error) {
	invalid := Bad(InvalidCursor, "The cursor is none of this walk: begin again with an empty one, and send the same filter, order and count with each.")
	if len(cursor) > longestCursor {
		return "", invalid
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(sealed) < sha256.Size+8 {
		return "", invalid
	}
	sum, text := sealed[:sha256.Size], sealed[sha256.Size:]
	if !hmac.Equal(sum, mac(key, bound, text)) {
		return "", invalid
	}
	if expires := time.Unix(int64(binary.BigEndian.Uint64(text)), 0); !now.Before(expires) {
		return "", Bad(ExpiredCursor, "The cursor held until %s: begin again with an empty one.", written(expires))
	}
	return string(text[8:]), nil
}

func mac(key []byte, bound string, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(bound))))
	h.Write([]byte(bound))
	h.Write(text)
	return h.Sum(nil)
}
