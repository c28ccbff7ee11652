package connection

import (
	"net/netip"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// NetworkUse is when a SCIM token was used from a network on a day, for the first and for the last time (SCI-9).
type NetworkUse struct {
	Token     string `dynamodbav:"token"`   // its id
	Network   string `dynamodbav:"network"` // as NetworkOf gives it
	Day       string `dynamodbav:"day"`     // in UTC, as 2006-01-02
	FirstAt   string `dynamodbav:"firstAt"`
	LastAt    string `dynamodbav:"lastAt"`
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// Lengths of the prefixes that are one network: what an organization or a cloud has of addresses next to each other.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// NetworkOf is the network of an address, such as 192.0.2.0/24; what is no address stays.
func NetworkOf(address string) string {
	at, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := networkBits6
	if at = at.Unmap(); at.Is4() {
		bits = networkBits4
	}
	return netip.PrefixFrom(at.WithZone(""), bits).Masked().String()
}

// UseNetwork is the note that the token was used from a network. It is applied outside of transactions, as UseToken is.
func UseNetwork(connection, token, network string, now time.Time) *table.Change {
	day, at := now.UTC().Format(time.DateOnly), clock.Format(now)
	return table.Touch(table.TokenNetworkKey(connection, day, token, network)).SetIfAbsent("firstAt", at).Set("lastAt", at).
		Set("token", token).Set("network", network).Set("day", day).Set("expiresAt", table.Expiry(now.Add(LogKept)))
}

// NetworkUses is the question for them, the latest day first.
func NetworkUses(connection string) table.Question {
	first := table.TokenNetworkKey(connection, "", "", "")
	return table.Question{PK: first.PK, Prefix: "NETWORK#", Descending: true}
}
