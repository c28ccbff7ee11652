package outgoing

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var sentence = regexp.MustCompile(`^[A-Za-z0-9\[].*\.$`)

func strictest(t testing.TB) *Client {
	client, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestSSO2_AnAddressIsCheckedBeforeItIsAsked(t *testing.T) {
	t.Parallel()
	client := strictest(t)
	for raw, want := range map[string]string{
		"https://idp.example.com":                        "https://idp.example.com",
		" https://IDP.Example.com./metadata?app=1#part ": "https://idp.example.com/metadata?app=1",
		"https://idp.example.com:443/a%2Fb":              "https://idp.example.com:443/a%2Fb",
		"https://idp.example.com:/":                      "https://idp.example.com/",
		"HTTPS://idp.example.com/":                       "https://idp.example.com/",
		"https://bücher.example/":                        "https://xn--bcher-kva.example/",
		"https://8.8.8.8/":                               "https://8.8.8.8/",
		"https://[2606:4700:4700:0::1111]/":              "https://[2606:4700:4700::1111]/",
		"https://[2606:4700:4700::1111]:0443/":           "https://[2606:4700:4700::1111]:443/",
		"https://1.example.com/":                         "https://1.example.com/",
	} {
		got, err := client.Check(raw)
		if err != nil || got.String() != want {
			t.Errorf("%s: %v, %v, want %s", raw, got, err, want)
		}
	}
	for raw, want := range map[string]Reason{
		"":                                     Malformed,
		"idp.example.com":                      Malformed,
		"https://Tℶ.example/":                  Malformed,
		"https://idp.example.com../":           Malformed,
		"https://0../":                         Malformed,
		"//idp.example.com/":                   Malformed,
		"https:idp.example.com":                Malformed,
		"https:///metadata":                    Malformed,
		"http://idp.example.com/":              Malformed,
		"ftp://idp.example.com/":               Malformed,
		"file:///etc/passwd":                   Malformed,
		"gopher://idp.example.com/":            Malformed,
		"https://user@idp.example.com/":        Malformed,
		"https://user:pw@idp.example.com/":     Malformed,
		"https://8.8.8.8@127.0.0.1/":           Malformed,
		"https://idp.example.com\\@8.8.8.8":    Malformed,
		"https://idp.example.com:80/":          Malformed,
		"https://idp.example.com:8443/":        Malformed,
		"https://idp.example.com:65979/":       Malformed, // 443 in sixteen bits
		"https://idp.example.com:-1/":          Malformed,
		"https://idp\u200b.example.com/":       Malformed,
		"https://idp.example.com/a b":          Malformed,
		"https://idp.example.com/\r\nHost:":    Malformed,
		"https://localhost/":                   Malformed,
		"https://idp/":                         Malformed,
		"https://./":                           Malformed,
		"https://idp..example.com/":            Malformed,
		"https://-idp.example.com/":            Malformed,
		"https://idp_1.example.com/":           Malformed,
		"https://xn--a.example/":               Malformed,
		"https://2130706433/":                  Malformed, // 127.0.0.1 as one number
		"https://0x7f000001/":                  Malformed,
		"https://017700000001/":                Malformed,
		"https://127.1/":                       Malformed,
		"https://127.0.1/":                     Malformed,
		"https://0177.0.0.1/":                  Malformed,
		"https://0x7f.0.0.1/":                  Malformed,
		"https://127.0.0.0x1/":                 Malformed,
		"https://127.0.0.01/":                  Malformed,
		"https://8.8.8.8./":                    Malformed,
		"https://8.8.8.08/":                    Malformed,
		"https://256.1.1.1/":                   Malformed,
		"https://1.2.3.4.5/":                   Malformed,
		"https://example.0x/":                  Malformed,
		"https://１２７.０.０.１/":                   Malformed, // full-width digits
		"https://127。0。0。1/":                   Malformed, // ideographic full stops
		"https://①②⑦.0.0.1/":                   Malformed,
		"https://[::ffff:8.8.8.8]/":            Malformed,
		"https://[::ffff:127.0.0.1]/":          Malformed,
		"https://[::ffff:7f00:1]/":             Malformed,
		"https://127.0.0.1/":                   NotPublic,
		"https://10.0.0.1:443/":                NotPublic,
		"https://169.254.169.254/latest/":      NotPublic,
		"https://0.0.0.0/":                     NotPublic,
		"https://[::1]/":                       NotPublic,
		"https://[fe80::1%25eth0]/":            NotPublic,
		"https://[2606:4700:4700::1111%25lo]/": NotPublic,
		"https://[fd00:ec2::254]/":             NotPublic,
		"https://[64:ff9b::7f00:1]/":           NotPublic,
		"https://idp.example.com/" + strings.Repeat("a", longestAddress): Malformed,
		"https://" + strings.Repeat("a.", 127) + "com/":                  Malformed,
		"https://" + strings.Repeat("a", 64) + ".com/":                   Malformed,
	} {
		got, err := client.Check(raw)
		if refusal := As(err); refusal == nil || refusal.Reason != want {
			t.Errorf("%q: %v, %v, want %s", raw, got, err, want)
		} else if !sentence.MatchString(refusal.Sentence) {
			t.Errorf("%q: no sentence: %q", raw, refusal.Sentence)
		}
	}
}

func TestSSO2_FurtherPortsAreAChoiceOfTheInstallation(t *testing.T) {
	t.Parallel()
	client, err := New(Config{Ports: []uint16{8443}})
	if err != nil {
		t.Fatal(err)
	}
	for address, allowed := range map[string]bool{
		"https://idp.example.com:8443/": true, "https://idp.example.com/": true, "https://idp.example.com:8444/": false,
	} {
		if _, err := client.Check(address); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// FuzzCheck looks for an address that passes and could lead a program elsewhere: one whose host another reader takes for an
// IP address that is not public, or that changes when it is read again.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		"https://idp.example.com/metadata", "https://8.8.8.8:443/", "https://[2606:4700:4700::1111]/", "https://bücher.example/",
		"https://2130706433/", "https://0x7f.1/", "https://0177.0.0.01/", "https://[::ffff:127.0.0.1]/", "https://１２７.０.０.１/",
		"https://a@b/", "https://a.example\\@b/", "https://[fe80::1%25eth0]/", "https://x.0x7f/", "https://a.example:443#", "https://a.example:", "https://Tℶ.T/", "https://0.0.0B00", "https://0..",
	} {
		f.Add(seed)
	}
	client := strictest(f)
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := client.Check(raw)
		if err != nil {
			if refusal := As(err); refusal == nil || refusal.Sentence == "" {
				t.Fatalf("%q: %v is no refusal", raw, err)
			}
			return
		}
		if u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Port() != "" && u.Port() != "443" {
			t.Fatalf("%q: %s", raw, u)
		}
		again, err := client.Check(u.String())
		if err != nil || again.Host != u.Host {
			t.Fatalf("%q: %s, read again: %v, %v", raw, u, again, err)
		}
		other, err := url.Parse(u.String())
		if err != nil || other.Hostname() != u.Hostname() {
			t.Fatalf("%q: %s, another reader: %v, %v", raw, u, other, err)
		}
		host := u.Hostname()
		if ip := numbers(host); ip.IsValid() && ip.String() != host {
			t.Fatalf("%q: %s is %s to others", raw, host, ip)
		}
		if ip := net.ParseIP(host); ip != nil && !public(ip) {
			t.Fatalf("%q: %s", raw, ip)
		}
	})
}

// FuzzJudge compares with what the standard library knows of addresses, and with the IPv4 address in IPv6 ones.
func FuzzJudge(f *testing.F) {
	for _, addresses := range kept {
		for _, one := range addresses {
			f.Add(netip.MustParseAddr(one).WithZone("").AsSlice())
		}
	}
	for _, one := range asked {
		f.Add(netip.MustParseAddr(one).AsSlice())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ip, ok := netip.AddrFromSlice(raw)
		if !ok || judge(ip) != nil {
			return
		}
		if !public(net.IP(raw)) {
			t.Fatalf("%s would be asked", ip)
		}
		if mapped := netip.AddrFrom16(ip.As16()); judge(mapped) != nil {
			t.Fatalf("%s and %s are judged differently", ip, mapped)
		}
	})
}

// public is what the standard library knows of it, with the ranges it has no word for.
func public(ip net.IP) bool {
	if v4 := ip.To4(); v4 == nil && len(ip) == net.IPv6len && strings.HasPrefix(ip.String(), "64:ff9b::") {
		return public(ip[12:])
	} else if v4 == nil && ip[0]&0xe0 != 0x20 {
		return false
	} else if v4 != nil && (v4[0] == 0 || v4[0] >= 224 || v4[0] == 100 && v4[1]&0xc0 == 64 || v4[0] == 198 && v4[1]&0xfe == 18) {
		return false
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}

// numbers reads a host as inet_aton(3) does: one to four numbers, each decimal, octal or hexadecimal, the last one filling
// the rest.
func numbers(host string) netip.Addr {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return netip.Addr{}
	}
	var value uint64
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 0, 32)
		if err != nil {
			return netip.Addr{}
		}
		if i == len(parts)-1 {
			value = value<<(8*(5-len(parts))) | n
		} else {
			value = value<<8 | n
		}
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
}
