package tenantry_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// dialing are the folders that may reach out by themselves, and by what. Everybody else is given a client, the AWS SDK's or
// that of shared/outgoing, so that one place judges where a customer can send us (SSO-2).
var dialing = map[string][]string{
	"shared/blob":        {"github.com/aws/aws-sdk-go-v2/aws/transport/http"}, // the SDK's own client, with a time-out
	"shared/domainproof": {"github.com/miekg/dns"},                            // asks the system's DNS servers, whatever for
	"shared/outgoing":    {"net", "net/http"},                                 // the client itself
	// Over the client that it is given: these libraries have one of their own where they are given none.
	"shared/oidc": {"github.com/coreos/go-oidc/v3/oidc", "golang.org/x/oauth2"},
}

// reaching is what reaches out, by package; a package without names does so as a whole.
var reaching = map[string][]string{
	"net":        {"Dial", "DialIP", "DialTCP", "DialTimeout", "DialUDP", "DialUnix", "Dialer", "FileConn", "ListenPacket", "Resolver", "DefaultResolver", "LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupNS", "LookupPort", "LookupSRV", "LookupTXT"},
	"net/http":   {"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm", "NewFileTransport"},
	"crypto/tls": {"Client", "Dial", "DialWithDialer", "Dialer"},
	"syscall":    {"Connect", "Sendto", "Socket"},
	"github.com/aws/aws-sdk-go-v2/aws/transport/http": nil,
	"github.com/coreos/go-oidc/v3/oidc":               nil,
	"github.com/miekg/dns":                            nil,
	"golang.org/x/crypto/ssh":                         nil,
	"golang.org/x/net/proxy":                          nil,
	"golang.org/x/net/websocket":                      nil,
	"golang.org/x/sys/unix":                           nil,
	"golang.org/x/oauth2":                             nil,
	"google.golang.org/grpc":                          nil,
	"net/http/httputil":                               nil,
	"net/rpc":                                         nil,
	"net/smtp":                                        nil,
	"os/exec":                                         nil,
}

func TestSSO2_NobodyElseReachesOut(t *testing.T) {
	t.Parallel()
	unused := map[string]bool{}
	for folder, ways := range dialing {
		for _, way := range ways {
			unused[folder+" by "+way] = true
		}
	}
	for _, s := range sources(t) {
		folder := filepath.ToSlash(filepath.Dir(s.path))
		for _, found := range s.reaches() {
			delete(unused, folder+" by "+found.way)
			if !slices.Contains(dialing[folder], found.way) {
				t.Errorf("%s reaches out by %s; what may do so is %v", s.at(found.node), found.way, dialing)
			}
		}
	}
	for entry := range unused {
		t.Errorf("%s stands in the list, and is not so", entry)
	}
}

// reach is a place that reaches out.
type reach struct {
	node ast.Node
	way  string // the package
}

// reaches gives the places of a file that reach out. The mention of a pointer, as a client that is handed in has it, is none.
func (s source) reaches() (found []reach) {
	named := map[string]string{} // the package by its name in this file
	for _, imported := range s.tree.Imports {
		from, _ := strconv.Unquote(imported.Path.Value)
		names, listed := reaching[from]
		name := path.Base(from)
		if imported.Name != nil {
			name = imported.Name.Name
		}
		switch {
		case listed && (names == nil || name == "."):
			found = append(found, reach{imported, from})
		case listed:
			named[name] = from
		}
	}
	pointed := map[ast.Node]bool{}
	ast.Inspect(s.tree, func(node ast.Node) bool {
		if pointer, ok := node.(*ast.StarExpr); ok {
			pointed[pointer.X] = true
		}
		of, ok := node.(*ast.SelectorExpr)
		if name, isName := identifier(of); ok && isName && !pointed[of] && slices.Contains(reaching[named[name]], of.Sel.Name) {
			found = append(found, reach{of, named[name]})
		}
		return true
	})
	return found
}

func TestWhoeverReachesOutIsFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`import "net/http"; var c = http.Client{}`:                    1,
		`import "net/http"; var c = &http.Client{}`:                   1,
		`import "net/http"; var c = new(http.Client)`:                 1,
		`import "net/http"; var c http.Client`:                        1,
		`import "net/http"; var c *http.Client`:                       0,
		`import "net/http"; func f(c *http.Client) { c.Get("x") }`:    0,
		`import web "net/http"; func f() { web.Get("x") }`:            1,
		`import "net/http"; var f = http.DefaultClient.Do`:            1,
		`import . "net/http"; func f() { Get("x") }`:                  1,
		`import "net"; func f() { net.Dial("tcp", "x") }`:             1,
		`import "net"; var d = net.Dialer{}`:                          1,
		`import "net"; func f() { net.LookupTXT("x") }`:               1,
		`import "net"; func f() { net.SplitHostPort("x") }`:           0,
		`import "crypto/tls"; func f() { tls.Dial("tcp", "x", nil) }`: 1,
		`import _ "net/smtp"`:                                         1,
		`import "github.com/miekg/dns"; var c = new(dns.Client)`:      1,
		`type http struct{}; func f(h http) { h.Get() }`:              0,
	} {
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, "x.go", "package x; "+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if found := (source{"x.go", tree, set}).reaches(); len(found) != want {
			t.Errorf("%s: %v", text, found)
		}
	}
}
