package domainproof_test

import (
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// zone is a name server of a test, on UDP and TCP. It knows the records it was given, and does with other names what its
// strange says.
type zone struct {
	Addr string

	mutex   sync.Mutex
	records map[string][]dns.RR
	strange map[string]func(w dns.ResponseWriter, question *dns.Msg) // instead of an answer
	asked   map[string]int
	chases  bool // puts what a CNAME leads to into the answer, as resolvers do
}

// newZone starts a name server with records in the form of zone files.
func newZone(t testing.TB, records ...string) *zone {
	t.Helper()
	z := &zone{records: map[string][]dns.RR{}, strange: map[string]func(dns.ResponseWriter, *dns.Msg){}, asked: map[string]int{}, chases: true}
	z.add(t, records...)
	packets, listener := samePort(t)
	z.Addr = packets.LocalAddr().String()
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: z}, {Listener: listener, Handler: z}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go server.ActivateAndServe()
		<-started
		t.Cleanup(func() { server.Shutdown() })
	}
	return z
}

// samePort listens on one port number for both protocols: what is free for one may be taken for the other.
func samePort(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	var err error
	for range 50 {
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			break
		}
		var listener net.Listener
		if listener, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, listener
		}
		packets.Close()
	}
	t.Fatal(err)
	return nil, nil
}

func (z *zone) add(t testing.TB, records ...string) {
	t.Helper()
	z.mutex.Lock()
	defer z.mutex.Unlock()
	for _, text := range records {
		record, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		name := dns.CanonicalName(record.Header().Name)
		z.records[name] = append(z.records[name], record)
	}
}

// instead has the server do something else with questions about a name.
func (z *zone) instead(name string, do func(w dns.ResponseWriter, question *dns.Msg)) {
	z.mutex.Lock()
	defer z.mutex.Unlock()
	z.strange[dns.CanonicalName(name)] = do
}

// follow says whether the server puts what a CNAME leads to into its answers.
func (z *zone) follow(chases bool) {
	z.mutex.Lock()
	defer z.mutex.Unlock()
	z.chases = chases
}

// times is how often a name was asked for, or, for an empty one, all names were.
func (z *zone) times(name string) int {
	z.mutex.Lock()
	defer z.mutex.Unlock()
	n := z.asked[dns.CanonicalName(name)]
	for _, times := range z.asked {
		if name == "" {
			n += times
		}
	}
	return n
}

// code answers with a code.
func code(rcode int) func(dns.ResponseWriter, *dns.Msg) {
	return func(w dns.ResponseWriter, question *dns.Msg) { w.WriteMsg(new(dns.Msg).SetRcode(question, rcode)) }
}

// silence answers nothing.
func silence(dns.ResponseWriter, *dns.Msg) {}

// ServeDNS answers one question.
func (z *zone) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	z.mutex.Lock()
	defer z.mutex.Unlock()
	name := dns.CanonicalName(question.Question[0].Name)
	z.asked[name]++
	if do, found := z.strange[name]; found {
		do(w, question)
		return
	}
	reply := new(dns.Msg).SetReply(question)
	z.answer(reply, name, 0)
	if edns := question.IsEdns0(); edns != nil && w.LocalAddr().Network() == "udp" {
		reply.Truncate(int(edns.UDPSize()))
	}
	w.WriteMsg(reply)
}

func (z *zone) answer(reply *dns.Msg, name string, depth int) {
	if !z.exists(name) {
		reply.Rcode = dns.RcodeNameError
		return
	}
	for _, record := range z.records[name] {
		switch record := record.(type) {
		case *dns.CNAME:
			reply.Answer = append(reply.Answer, dns.Copy(record)) // writing an answer changes it
			if z.chases && depth < 20 {
				z.answer(reply, dns.CanonicalName(record.Target), depth+1)
			}
		case *dns.TXT:
			reply.Answer = append(reply.Answer, dns.Copy(record)) // writing an answer changes it
		}
	}
}

// exists tells whether there is the name, or one below it.
func (z *zone) exists(name string) bool {
	for known := range z.records {
		if known == name || strings.HasSuffix(known, "."+name) {
			return true
		}
	}
	return false
}
