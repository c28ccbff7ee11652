// Package nameserver is the stack's DNS: a resolver on loopback, by UDP and TCP, that knows the records it was given and
// nothing else. Like the resolvers of a cloud it follows CNAMEs, tells a name that does not exist from one without records
// of the asked type, and can fail: with SERVFAIL, or by never answering. It counts how often a name was asked for.
//
//	server, err := nameserver.Open("dns.jsonl")
//	err = server.Set(nameserver.Records{Name: "_tenantry-challenge.acme.example", Type: "TXT", Values: ...})
//	err = server.Listen(0)
//
// It refuses to ask anybody else: what it was not told does not exist.
package nameserver

import (
	"net"
	"strconv"
	"sync"

	"github.com/miekg/dns"
)

// mostAliases is how many CNAMEs in a row it follows, as resolvers bound it.
const mostAliases = 12

// Server is a name server. It is safe for concurrent use.
type Server struct {
	packets net.PacketConn
	streams net.Listener
	servers []*dns.Server

	mutex   sync.RWMutex
	file    *log
	zones   zones
	queries map[string]map[sent]bool // by name, since the start or Forget
}

// sent is a question as it is told from another one about the same name: one that is sent again has the same id.
type sent struct{ id, kind uint16 }

// Open gives a server with the records that the file at path holds from before, and keeps further ones there. An empty path
// keeps them in memory only.
func Open(path string) (*Server, error) {
	s := &Server{zones: newZones(), queries: map[string]map[sent]bool{}}
	var err error
	s.file, err = openLog(path, func(e entry) { s.zones.apply(e) })
	return s, err
}

// Listen begins to answer on a port of loopback; 0 is any free one.
func (s *Server) Listen(port int) (err error) {
	if s.packets, s.streams, err = samePort(port); err != nil {
		return err
	}
	s.servers = []*dns.Server{{PacketConn: s.packets, Handler: s}, {Listener: s.streams, Handler: s}}
	var started sync.WaitGroup
	for _, server := range s.servers {
		started.Add(1)
		server.NotifyStartedFunc = started.Done
		go server.ActivateAndServe() // until Close, which waits for it
	}
	started.Wait()
	return nil
}

// samePort listens on one port number for both protocols: what is free for one may be taken for the other.
func samePort(port int) (net.PacketConn, net.Listener, error) {
	var err error
	for range 20 {
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err != nil {
			return nil, nil, err
		}
		var streams net.Listener
		if streams, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, streams, nil
		}
		packets.Close()
	}
	return nil, nil, err
}

// Address is where it answers, host and port, once it listens.
func (s *Server) Address() string { return s.packets.LocalAddr().String() }

// Close ends it.
func (s *Server) Close() {
	for _, server := range s.servers {
		_ = server.Shutdown()
	}
	s.file.close()
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	reply, answers := s.reply(question)
	if !answers {
		return
	}
	if _, stream := w.RemoteAddr().(*net.TCPAddr); !stream {
		size := dns.MinMsgSize
		if extended := question.IsEdns0(); extended != nil {
			size = int(extended.UDPSize())
			reply.SetEdns0(extended.UDPSize(), false)
		}
		reply.Truncate(size)
	}
	_ = w.WriteMsg(reply) // whoever asked has gone, or asks again
}

// reply is the answer to a question; answers is false where it is to time out.
func (s *Server) reply(question *dns.Msg) (reply *dns.Msg, answers bool) {
	if len(question.Question) != 1 {
		return new(dns.Msg).SetRcode(question, dns.RcodeFormatError), true
	}
	asked := question.Question[0]
	name := canonical(asked.Name)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.queries[name] == nil {
		s.queries[name] = map[sent]bool{}
	}
	s.queries[name][sent{question.Id, asked.Qtype}] = true
	switch s.zones.failing(name) {
	case ServFail:
		return new(dns.Msg).SetRcode(question, dns.RcodeServerFailure), true
	case Timeout:
		return nil, false
	}
	reply = new(dns.Msg).SetReply(question)
	reply.RecursionAvailable = true
	s.fill(reply, name, asked.Qtype)
	return reply, true
}

// fill puts into the reply what there is of the type at the name, by way of its CNAMEs. A circle of them is a SERVFAIL.
func (s *Server) fill(reply *dns.Msg, name string, kind uint16) {
	for range mostAliases {
		if !s.zones.exists(name) {
			reply.Rcode = dns.RcodeNameError
			return
		}
		alias := s.zones.records[name][dns.TypeToString[dns.TypeCNAME]]
		if len(alias) == 0 || kind == dns.TypeCNAME {
			reply.Answer = append(reply.Answer, s.zones.of(name, kind)...)
			return
		}
		hop := s.zones.of(name, dns.TypeCNAME)[0].(*dns.CNAME)
		reply.Answer = append(reply.Answer, hop)
		name = canonical(hop.Target)
		switch s.zones.failing(name) {
		case ServFail, Timeout:
			reply.Answer, reply.Rcode = nil, dns.RcodeServerFailure
			return
		}
	}
	reply.Answer, reply.Rcode = nil, dns.RcodeServerFailure
}
