package outgoing

import (
	"errors"
	"net/netip"

	"code.dny.dev/ssrf"
)

var (
	// nat64 is the well-known prefix by which a network without IPv4 reaches it (RFC 6052): the IPv4 address behind it is asked.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
	// azure is the address at which Azure's hosts answer their machines. It looks public and is not in IANA's registries.
	// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
	azure = netip.MustParsePrefix("168.63.129.16/32")

	// registries are IANA's of special-purpose addresses, as the library keeps them: nothing in them is asked, and of IPv6
	// only what is assigned to the public Internet (2000::/3). So loopback, private, shared, link-local (metadata services),
	// unique and site-local, multicast, unspecified, benchmarking, documentation, 6to4, Teredo and IPv4-compatible addresses
	// are refused.
	// https://www.iana.org/assignments/iana-ipv4-special-registry
	// https://www.iana.org/assignments/iana-ipv6-special-registry
	registries = ssrf.New(ssrf.WithDeniedV4Prefixes(azure))

	errNone = errors.New("no address")
)

// judge errs for an address that is not on the public Internet. IPv4 in the clothes of IPv6 is judged as what it is; an address of one interface (with a zone) is in no range that is asked.
func judge(ip netip.Addr) error {
	switch plain := ip.Unmap(); {
	case !ip.IsValid():
		return errNone
	case nat64.Contains(plain):
		bytes := plain.As16()
		return registries.SafeAddr(netip.AddrFrom4([4]byte(bytes[12:])))
	default:
		return registries.SafeAddr(plain)
	}
}
