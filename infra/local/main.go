// Command local is the local stack: the whole product on one machine, with no Docker and no AWS account. It reads
// template.yaml as its only source of what exists, runs the real functions behind an HTTP API of its own, and starts what
// they need: the table, queues, schedules, mail, secrets. /_local shows and steers it. It listens on loopback only and refuses
// whatever construct of the template it does not know.
//
//	go run -C infra/local .
//
// The environment changes it: PORT, DATA_DIR, SEED, DYNAMODB_ENDPOINT, PUBLIC_URL, WIRE_PORT, DNS_PORT, IDP_PORT, LOOPBACK_HOSTS, PROVIDERS_URL,
// BUILD; config says how.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tenantry/tenantry/infra/local/bucket"
)

// endsWithin is how long an orderly end may take. What is left then dies with the process.
const endsWithin = 1800 * time.Millisecond

func main() {
	if len(os.Args) > 1 && os.Args[1] == bucket.Argument {
		if err := bucket.Serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "the S3 gateway stops:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		time.AfterFunc(endsWithin, func() { os.Exit(1) })
	})
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "the stack stops:", err)
		os.Exit(1)
	}
}

// start reads the environment and runs a stack until ctx ends or a part of it fails.
func start(ctx context.Context) error {
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	c, err := readConfig(folder, os.Getenv)
	if err != nil {
		return err
	}
	if c.memory {
		defer os.RemoveAll(c.data)
	}
	claim, err := hold(c.data)
	if err != nil {
		return err
	}
	defer claim.release()
	log, file, err := openStream(c.data, os.Stderr, time.Now)
	if err != nil {
		return err
	}
	defer file.Close()
	s := &stack{config: c, stream: log}
	err = s.run(ctx)
	s.end()
	if ctx.Err() != nil {
		return nil // asked to end: what failed on the way out is no news
	}
	return err
}
