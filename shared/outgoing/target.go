package outgoing

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/tenantry/tenantry/shared/idn"
)

const longestAddress = 2048 // of a web address, as browsers and servers are sure to take it

// Check gives a web address as it will be asked: the host in its ASCII form, no fragment. It refuses what would be refused
// whatever the DNS says, so that a form can tell at once: anything but https, another port, credentials, a host that is
// none on the Internet, or an IP address that is not public or is written in an unusual way. A name may still lead nowhere,
// or where it must not: that is judged when it is asked, each time.
func (c *Client) Check(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || len(raw) > longestAddress || strings.ContainsFunc(raw, misleading) || u.Hostname() == "" {
		return nil, refuse(Malformed, nil, "This is not a web address. Enter it in full, such as https://idp.example.com/metadata.")
	}
	return c.check(u)
}

// misleading tells whether programs and people read the character differently: what does not show, and the backslash, which
// browsers take for a slash.
func misleading(r rune) bool { return r == '\\' || unicode.IsSpace(r) || !unicode.IsGraphic(r) }

// check gives u as it may be asked.
func (c *Client) check(u *url.URL) (*url.URL, error) {
	if u.User != nil {
		return nil, refuse(Malformed, nil, "The address has a user name or a password in it. Enter it without.")
	}
	to := *u
	to.Fragment, to.RawFragment = "", ""
	if slices.Contains(c.loopback, u.Host) && (u.Scheme == "http" || u.Scheme == publicScheme) {
		return &to, nil
	}
	if u.Scheme != publicScheme {
		return nil, refuse(Malformed, nil, "The address must begin with https://.")
	}
	host, err := checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	to.Host = host
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || !slices.Contains(c.ports, uint16(n)) {
			return nil, refuse(Malformed, nil, "Port %s is not asked. What is at the address must be served at port 443.", port)
		}
		to.Host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatUint(n, 10))
	}
	return &to, nil
}

// checkHost gives the ASCII form of a name on the Internet, or a public IP address in its usual form, with the brackets of
// IPv6.
func checkHost(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil && !ip.Is4In6() {
		if err := judge(ip); err != nil {
			return "", refuse(NotPublic, err, "The IP address %s is not on the public Internet.", ip)
		}
		if ip.Is4() {
			return ip.String(), nil
		}
		return "[" + ip.String() + "]", nil
	}
	ascii, err := idn.ToASCII(strings.TrimSuffix(host, "."), idna.VerifyDNSLength(true))
	if err != nil || !strings.Contains(ascii, ".") || strings.HasSuffix(ascii, ".") || idn.EndsInNumber(ascii) || !utf8.ValidString(host) || strings.ContainsRune(host, utf8.RuneError) {
		return "", refuse(Malformed, err, "The address has no host on the Internet in it. Enter a full name, such as idp.example.com.")
	}
	return ascii, nil
}
