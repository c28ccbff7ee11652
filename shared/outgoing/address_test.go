package outgoing

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"code.dny.dev/ssrf"
)

// asked are addresses on the public Internet; kept are the others, by what they are.
var (
	asked = []string{
		"1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "169.253.255.255",
		"172.15.255.255", "172.32.0.1", "192.0.1.1", "192.169.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.255",
		"2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2600::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8",
	}
	kept = map[string][]string{
		"unspecified":         {"0.0.0.0", "::", "0.1.2.3"},
		"loopback":            {"127.0.0.1", "127.255.255.254", "127.1.2.3", "::1"},
		"private":             {"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"},
		"shared, of carriers": {"100.64.0.1", "100.100.100.200", "100.127.255.255"},
		"link-local":          {"169.254.0.1", "169.254.169.254", "169.254.170.2", "169.254.100.1", "fe80::1", "febf::1", "fe80::1%eth0"},
		"multicast":           {"224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"},
		"reserved":            {"240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.0.192", "192.88.99.1"},
		"benchmarking":        {"198.18.0.1", "198.19.255.255", "2001:2::1"},
		"documentation":       {"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"},
		"unique local":        {"fc00::1", "fd00:ec2::254", "fdff::1"},
		"site-local":          {"fec0::1", "feff::1"},
		"mapped":              {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1"},
		"compatible":          {"::127.0.0.1", "::10.0.0.1", "::8.8.8.8"},
		"NAT64":               {"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"},
		"6to4":                {"2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:808:808::1"},
		"Teredo":              {"2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1"},
		"discard, segments":   {"100::1", "5f00::1"},
		"outside of 2000::/3": {"4000::1", "1000::1", "e000::1"},
		"Azure's own":         {"168.63.129.16"},
	}
)

func TestSSO2_OnlyPublicAddressesAreAsked(t *testing.T) {
	t.Parallel()
	for _, one := range asked {
		if err := judge(netip.MustParseAddr(one)); err != nil {
			t.Errorf("%s is public: %v", one, err)
		}
	}
	for kind, addresses := range kept {
		for _, one := range addresses {
			if err := judge(netip.MustParseAddr(one)); err == nil {
				t.Errorf("%s is %s and would be asked", one, kind)
			}
		}
	}
	if err := judge(netip.Addr{}); err == nil {
		t.Error("no address would be asked")
	}
}

// TestSSO2_TheLastWordIsAtTheConnection takes away all that comes before: the kernel's connect does not happen.
func TestSSO2_TheLastWordIsAtTheConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan error, 1)
	go func() {
		_, err := listener.Accept()
		accepted <- err
	}()
	if _, err := connect(t.Context(), check(judge), listener.Addr().String()); !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("got %v", err)
	}
	listener.Close()
	if err := <-accepted; err == nil {
		t.Error("a connection was made")
	}
}

func TestSSO2_EveryAddressOfANameIsJudged(t *testing.T) {
	t.Parallel()
	for _, addresses := range []string{"10.0.0.1", somewhere + " 10.0.0.1", "10.0.0.1 " + somewhere, somewhere + " ::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"} {
		world := newInternet(t, hello)
		world.names["idp.example.com"] = [][]string{strings.Fields(addresses)}
		refusal := world.refused(t, "https://idp.example.com/", NotPublic)
		if len(world.dialed) > 0 {
			t.Errorf("%s: dialled %s", addresses, world.dialed)
		}
		if told := refusal.Sentence; strings.Contains(told, "10.0") || strings.Contains(told, "::") {
			t.Errorf("the sentence tells the address: %s", told)
		}
	}
}

func TestSSO2_ANameThatChangesItsAddressLeadsNowhere(t *testing.T) {
	t.Parallel()
	world := newInternet(t, hello)
	world.names["idp.example.com"] = [][]string{{somewhere}, {"169.254.169.254"}}
	if _, err := world.Fetch(t.Context(), "https://idp.example.com/", "*/*"); err != nil {
		t.Fatal(err)
	}
	world.refused(t, "https://idp.example.com/", NotPublic)
	if want := []string{somewhere + ":443"}; len(world.dialed) != 1 || world.dialed[0] != want[0] {
		t.Errorf("dialled %s", world.dialed)
	}
}

func TestSSO2_AnAddressThatDoesNotAnswerIsPassedOver(t *testing.T) {
	t.Parallel()
	world := newInternet(t, hello)
	world.names["idp.example.com"] = [][]string{{"2606:4700:4700::1111", "8.8.8.8", somewhere}}
	if _, err := world.Fetch(t.Context(), "https://idp.example.com/", "*/*"); err != nil {
		t.Error(err)
	}
	world.names["idp.example.com"] = [][]string{{"8.8.8.8"}}
	world.refused(t, "https://idp.example.com/", Unreachable)
	world.names["idp.example.com"] = [][]string{strings.Fields(strings.Repeat(somewhere+" ", mostAnswers+1))}
	world.refused(t, "https://idp.example.com/", Unreachable)
	delete(world.names, "idp.example.com")
	world.refused(t, "https://idp.example.com/", NotFound)
}

func TestSSO2_ADNSThatDoesNotAnswerIsNoMissingName(t *testing.T) {
	t.Parallel()
	world := newInternet(t, hello)
	world.Client.http.Transport.(*guard).dialer.resolver = silent{}
	world.refused(t, "https://idp.example.com/", Unreachable)
}

type silent struct{}

func (silent) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "server misbehaving", IsTemporary: true}
}
