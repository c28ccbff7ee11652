package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tenantry/tenantry/infra/local/bucket"
	"github.com/tenantry/tenantry/infra/local/idp"
	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/nameserver"
	"github.com/tenantry/tenantry/infra/local/queue"
	"github.com/tenantry/tenantry/infra/local/schedule"
	"github.com/tenantry/tenantry/infra/local/service"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
	"github.com/tenantry/tenantry/infra/local/wire"
)

// mailFrom is the sender of all mail in the stack.
const mailFrom = "Tenantry <no-reply@tenantry.example>"

// redelivery is when a failed message of a queue comes again. On AWS it is the queue's visibility time-out, which nobody wants
// to sit through; how often it comes stays the template's.
const redelivery = time.Second

// stack is one run. Its parts are set in the order of run.
type stack struct {
	config
	stream *stream

	front, back net.Listener // of the HTTP API and of the wire
	beside      net.Listener // of the demonstration IdP
	url         string       // where the HTTP API answers
	template    *template.Template
	table, mail *url.URL // the services behind the wire
	objects     *url.URL
	buckets     buckets
	master      string // what the secrets of all access keys are derived from
	inbox       *service.Inbox
	names       *nameserver.Server
	idp         *idp.IdP
	owner       owner
	book        *trace.Book
	pool        *lambda.Pool
	queues      *queue.Service
	wire        *wire.Wire
	runner      *schedule.Runner

	failed chan error // a part that ended by itself
	ends   []func()   // what end does, in reverse order
}

// run starts everything, says ready, and returns when ctx ends or with the first failure. The caller calls end in any case.
func (s *stack) run(ctx context.Context) error {
	s.failed = make(chan error, 1)
	steps := []func(context.Context) error{
		s.listen, s.startDNS, s.startIdP, s.readTemplate, s.build, s.nameOwner, s.startServices, s.startS3, s.startFunctions, s.startWire, s.createTables, s.createBuckets, s.startEvents, s.startGateway, s.fill,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	fmt.Println("ready", s.url)
	select {
	case <-ctx.Done():
		s.stream.say("stopping")
		return nil
	case err := <-s.failed:
		return err
	}
}

// end stops what run started, the last first.
func (s *stack) end() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
}

// atEnd adds to what end does.
func (s *stack) atEnd(end func()) { s.ends = append(s.ends, end) }

// fail ends the run; the first failure counts.
func (s *stack) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// listen opens the ports before anything else, so that one in use is told at once.
func (s *stack) listen(context.Context) (err error) {
	if s.front, err = loopback("PORT", s.port); err != nil {
		return err
	}
	s.atEnd(func() { s.front.Close() })
	if s.back, err = loopback("WIRE_PORT", s.wirePort); err != nil {
		return err
	}
	s.atEnd(func() { s.back.Close() })
	if s.beside, err = loopback("IDP_PORT", s.idpPort); err != nil {
		return err
	}
	s.atEnd(func() { s.beside.Close() })
	s.url = fmt.Sprintf("http://localhost:%d", s.front.Addr().(*net.TCPAddr).Port)
	if s.publicURL == "" {
		s.publicURL = s.url
	}
	return nil
}

// loopback listens on a port of this machine; name is the variable that sets it.
func loopback(name string, port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use: stop what listens there, or set %s to another port (0 is any free one)", port, name)
	}
	return listener, err
}

func (s *stack) readTemplate(context.Context) (err error) {
	parameters := map[string]string{
		"PublicUrl":      s.publicURL,
		"MailFrom":       mailFrom,
		"AwsEndpointUrl": "http://" + s.back.Addr().String(),
		"DnsServer":      s.names.Address(),
		"LoopbackHosts":  strings.Join(append([]string{s.beside.Addr().String()}, s.loopback...), ","),
	}
	if s.providers != "" {
		maps.Copy(parameters, map[string]string{"ProvidersUrl": s.providers, "MicrosoftClientId": "00000000-0000-4000-8000-000000000000",
			"MicrosoftClientSecret": "local-microsoft-secret", "GoogleClientId": "local.apps.googleusercontent.com", "GoogleClientSecret": "local-google-secret"})
	}
	s.template, err = template.Read(filepath.Join(s.root, "template.yaml"), parameters)
	if err != nil {
		return err
	}
	s.stream.say("template.yaml: %d functions, %d tables, %d queues", len(s.template.Functions), len(s.template.Tables), len(s.template.Queues))
	return nil
}

func (s *stack) build(ctx context.Context) error {
	if !s.config.build {
		s.stream.say("functions: not built, as BUILD=no asks")
		return nil
	}
	s.stream.say("functions: building, which takes a minute the first time")
	begun := time.Now()
	if err := build(ctx, s.root, s.buildFolder(), s.template.Functions); err != nil {
		return err
	}
	s.stream.say("functions: built in %.1f s", time.Since(begun).Seconds())
	return nil
}

func (s *stack) buildFolder() string { return filepath.Join(s.root, ".build") }

func (s *stack) startFunctions(context.Context) (err error) {
	s.book = trace.NewBook()
	s.pool, err = lambda.New(lambda.Config{Functions: s.template.Functions, BuildDir: s.buildFolder(), MixDir: s.mix, SecretKey: s.secretKey, Log: newFunctionLog(s.stream, s.template.Functions)})
	if err != nil {
		return err
	}
	s.atEnd(func() { s.pool.Shutdown(context.Background()) })
	return nil
}

// nameOwner says who may do everything at the wire; it is another one with every start.
func (s *stack) nameOwner(context.Context) error {
	s.master = rand.Text()
	s.owner = owner{Endpoint: "http://" + s.back.Addr().String(), AccessKeyID: "OWNER" + rand.Text()}
	s.owner.SecretAccessKey = s.secretKey(s.owner.AccessKeyID)
	if len(s.template.Tables) > 0 {
		s.owner.Table = s.template.Tables[0].Name
	}
	if len(s.template.Buckets) > 0 {
		s.owner.Bucket = s.template.Buckets[0].Name
	}
	return nil
}

// secretKey is the secret of an access key: what S3 verifies signatures with.
func (s *stack) secretKey(accessKey string) string { return bucket.SecretKey(s.master, accessKey) }

// startWire puts the proxy before the services.
func (s *stack) startWire(context.Context) error {
	folder := s.data
	if s.memory {
		folder = ""
	}
	secrets, err := wire.OpenSecrets(folder, s.template.Secrets)
	if err != nil {
		return err
	}
	if s.queues, err = queue.New(s.queueFolder(), s.template.Queues, time.Now); err != nil {
		return err
	}
	s.wire = wire.New(wire.Config{
		Callers: callers{s.pool}, Book: s.book, Tables: s.template.Tables, DynamoDB: s.table, SQS: s.queues, SES: s.mail, S3: s.objects, Mailed: s.collectMails, Secrets: secrets,
		OwnerKey: s.owner.AccessKeyID, Hold: wire.Hold, Lag: wire.Lag, Log: s.log(),
	})
	s.serve(s.back, s.wire)
	return nil
}

func (s *stack) queueFolder() string {
	if s.memory {
		return ""
	}
	return filepath.Join(s.data, "queues")
}

// log is for the parts of the stack that take a slog.Logger.
func (s *stack) log() *slog.Logger { return slog.New(slog.NewJSONHandler(s.stream, nil)) }

func (s *stack) createTables(ctx context.Context) error {
	client := s.owner.dynamoDB()
	for _, table := range s.template.Tables {
		made, err := createTable(ctx, client, table)
		if err != nil {
			return err
		}
		s.stream.say("table %s: %s", table.Name, map[bool]string{true: "created", false: "as it was"}[made])
	}
	return nil
}

// serve answers on the listener until the end.
func (s *stack) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(s.log().Handler(), slog.LevelWarn)}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(err)
		}
	})
	s.atEnd(func() { server.Close(); serving.Wait() })
}

// during runs a part until the end, which waits for it.
func (s *stack) during(run func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { run(ctx) })
	s.atEnd(func() { cancel(); running.Wait() })
}
