package domainproof

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Bounds of one look-up. Each server is asked this often, in turn, by UDP and, where the answer did not fit, by TCP.
const (
	rounds      = 2
	tryTimeout  = 2 * time.Second
	mostServers = 3
	mostAliases = 8    // CNAMEs in a row; what honest zones have is 1 to 3
	udpSize     = 1232 // of an answer by UDP: what passes every network unbroken (https://dnsflagday.net/2020/)
)

// Client is the Resolver that asks DNS. It may be used by several goroutines.
type Client struct {
	servers  func() ([]string, error)
	udp, tcp *dns.Client
}

// NewClient gives the resolver that asks the server, an address with a port. Empty means the system's own resolvers, those of
// /etc/resolv.conf, as in Lambda; they are read at the first look-up.
func NewClient(server string) *Client {
	c := &Client{
		servers: sync.OnceValues(systemServers),
		udp:     &dns.Client{Net: "udp", Timeout: tryTimeout, UDPSize: udpSize},
		tcp:     &dns.Client{Net: "tcp", Timeout: tryTimeout},
	}
	if server != "" {
		c.servers = func() ([]string, error) { return []string{server}, nil }
	}
	return c
}

func systemServers() ([]string, error) {
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, server := range config.Servers {
		servers = append(servers, net.JoinHostPort(server, config.Port))
	}
	if len(servers) == 0 {
		return nil, errors.New("/etc/resolv.conf names no server")
	}
	return servers[:min(len(servers), mostServers)], nil
}

// TXT asks for the TXT records of the host and follows its CNAMEs.
func (c *Client) TXT(ctx context.Context, host string) (Answer, error) {
	asked := dns.CanonicalName(host)
	if _, valid := dns.IsDomainName(asked); !valid || len(asked) > 254 {
		return Answer{}, nil // nothing can be at a name that DNS cannot have
	}
	at, seen, alias := asked, map[string]bool{asked: true}, ""
	for {
		message, err := c.ask(ctx, at)
		if err != nil {
			return Answer{}, failureOf(err, host)
		}
		end, err := follow(message, at, seen)
		if err != nil {
			return Answer{}, &Failure{Kind: AliasLoops, Host: host, Err: err}
		}
		if end != asked {
			alias = strings.TrimSuffix(end, ".")
		}
		answer := Answer{Exists: message.Rcode == dns.RcodeSuccess, Values: valuesAt(message, end), Alias: alias}
		if end == at || !answer.Exists || len(answer.Values) > 0 {
			return answer, nil
		}
		at = end // a server that does not follow CNAMEs leaves that to us
	}
}

// follow gives the name that the CNAMEs of a message lead to from a name. It errs where they lead to a name that was seen
// before, or on and on.
func follow(message *dns.Msg, at string, seen map[string]bool) (string, error) {
	targets := map[string]string{}
	for _, record := range message.Answer {
		if alias, ok := record.(*dns.CNAME); ok {
			targets[dns.CanonicalName(alias.Hdr.Name)] = dns.CanonicalName(alias.Target)
		}
	}
	for {
		target, aliased := targets[at]
		switch {
		case !aliased:
			return at, nil
		case seen[target]:
			return "", fmt.Errorf("the CNAME of %s leads back to %s", at, target)
		case len(seen) > mostAliases:
			return "", fmt.Errorf("more than %d CNAMEs in a row", mostAliases)
		}
		seen[target], at = true, target
	}
}

// valuesAt are all TXT records of a name in a message, which holds 64 KB at most: the one that is looked for may be the last.
func valuesAt(message *dns.Msg, name string) []string {
	var values []string
	for _, record := range message.Answer {
		text, ok := record.(*dns.TXT)
		if ok && dns.CanonicalName(text.Hdr.Name) == name {
			values = append(values, unescape(strings.Join(text.Txt, "")))
		}
	}
	return values
}

// unescape turns a text as the library has it, with \" and \DDD for what zone files escape (RFC 1035, section 5.1), into the
// text as DNS holds it.
func unescape(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			plain.WriteByte(text[i])
			continue
		}
		if i+3 < len(text) && isDigit(text[i+1]) && isDigit(text[i+2]) && isDigit(text[i+3]) {
			plain.WriteByte((text[i+1]-'0')*100 + (text[i+2]-'0')*10 + text[i+3] - '0')
			i += 3
			continue
		}
		i++
		plain.WriteByte(text[i])
	}
	return plain.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// ask asks the servers in turn until one answers. A failure of one is no reason to believe the next less; the last one is told.
func (c *Client) ask(ctx context.Context, name string) (*dns.Msg, error) {
	servers, err := c.servers()
	if err != nil {
		return nil, &Failure{Kind: ServerFailed, Host: name, Err: err}
	}
	// One question for all rounds, as stub resolvers send it: who is asked again can tell that it is the same.
	question := new(dns.Msg).SetQuestion(name, dns.TypeTXT)
	question.SetEdns0(udpSize, false)
	var failed error
	for range rounds {
		for _, server := range servers {
			message, err := c.askOne(ctx, server, name, question)
			if err == nil {
				return message, nil
			}
			if failed = err; ctx.Err() != nil {
				return nil, failed
			}
		}
		var answered *Failure
		if errors.As(failed, &answered) && answered.Kind == ServerFailed {
			return nil, failed // it did answer: asking again at once brings the same
		}
	}
	return nil, failed
}

func (c *Client) askOne(ctx context.Context, server, name string, question *dns.Msg) (*dns.Msg, error) {
	message, _, err := c.udp.ExchangeContext(ctx, question, server)
	if err == nil && message.Truncated {
		message, _, err = c.tcp.ExchangeContext(ctx, question, server)
	}
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil, &Failure{Kind: TimedOut, Host: name, Err: err}
	case err != nil:
		return nil, &Failure{Kind: AnswerUnclear, Host: name, Err: err}
	case !message.Response || len(message.Question) != 1 || dns.CanonicalName(message.Question[0].Name) != name || message.Question[0].Qtype != dns.TypeTXT:
		return nil, &Failure{Kind: AnswerUnclear, Host: name, Err: errors.New("an answer to another question")}
	case message.Rcode != dns.RcodeSuccess && message.Rcode != dns.RcodeNameError:
		return nil, &Failure{Kind: ServerFailed, Host: name, Err: errors.New(dns.RcodeToString[message.Rcode])}
	}
	return message, nil
}
