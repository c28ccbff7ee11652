package outgoing

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
)

// resolver looks up the addresses of a name, as *net.Resolver does.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// dialer connects to where a request may go. A name is looked up once for each connection, every address of it is judged,
// and the judged addresses are dialled, not the name. The kernel's connect is preceded by one more judgement of the very
// address it gets, so that a mistake above leads nowhere.
type dialer struct {
	loopback []string
	resolver resolver
	connect  func(ctx context.Context, control control, address string) (net.Conn, error)
}

// control is net.Dialer's: it sees the address that is about to be connected to.
type control = func(network, address string, _ syscall.RawConn) error

func newDialer(loopback []string) *dialer {
	return &dialer{loopback: loopback, resolver: &net.Resolver{}, connect: connect}
}

func connect(ctx context.Context, control control, address string) (net.Conn, error) {
	return (&net.Dialer{Control: control}).DialContext(ctx, "tcp", address)
}

// dial is the transport's. The connection ends with the time of its request whatever becomes of the request's context, which
// the transport does not hold on to while it dials.
func (d *dialer) dial(ctx context.Context, _, hostport string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", hostport, err)
	}
	rule, name := judge, strings.TrimSuffix(host, ".")+"." // the dot: it is in no domain of our own network
	if slices.Contains(d.loopback, hostport) {
		rule, name = judgeLocal, host
	}
	addresses, err := d.lookup(ctx, host, name)
	if err != nil {
		return nil, err
	}
	for _, ip := range addresses {
		if err := rule(ip); err != nil {
			return nil, refuse(NotPublic, err, "%s leads to an address that is not on the public Internet. It must be reachable from outside your network.", host)
		}
	}
	conn, err := d.first(ctx, addresses, port, check(rule))
	if err != nil {
		return nil, refuse(Unreachable, err, "%s does not take connections at port %s.", host, port)
	}
	if err := conn.SetDeadline(clock.System().Add(limit)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &metered{Conn: conn, host: host, left: largestWire}, nil
}

// judgeLocal errs for an address that is not this machine's.
func judgeLocal(ip netip.Addr) error {
	if !ip.Unmap().IsLoopback() {
		return fmt.Errorf("%s is not on this machine", ip)
	}
	return nil
}

// check makes the rule a dialer's last word.
func check(rule func(netip.Addr) error) control {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("dial %q: %w", address, err)
		}
		return rule(to.Addr())
	}
}

// lookup gives the addresses of the host, which the DNS is asked for by name.
func (d *dialer) lookup(ctx context.Context, host, name string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	addresses, err := d.resolver.LookupNetIP(ctx, "ip", name)
	var failure *net.DNSError
	switch {
	case errors.As(err, &failure) && failure.IsNotFound, err == nil && len(addresses) == 0:
		return nil, refuse(NotFound, err, "The DNS does not know %s. Check how the name is written.", host)
	case err != nil:
		return nil, refuse(Unreachable, err, "The DNS gives no answer for %s at the moment.", host)
	case len(addresses) > mostAnswers:
		return nil, refuse(Unreachable, nil, "%s has more than %d addresses.", host, mostAnswers)
	}
	return addresses, nil
}

// first connects to the first address that takes the connection, each for its part of the time.
func (d *dialer) first(ctx context.Context, addresses []netip.Addr, port string, control control) (net.Conn, error) {
	var failed []error
	for i, ip := range addresses {
		part := limit / time.Duration(len(addresses)-i+1)
		attempt, cancel := context.WithTimeout(ctx, part)
		conn, err := d.connect(attempt, control, net.JoinHostPort(ip.String(), port))
		cancel()
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// metered ends a connection that brings more than an answer within the bounds can: one that never gets to its body, or that
// decompresses to nothing.
type metered struct {
	net.Conn
	host string
	left int
}

// Read reads up to what the connection may bring.
func (m *metered) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, refuse(TooLarge, nil, "%s sends more than an answer may have.", m.host)
	}
	n, err := m.Conn.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}
