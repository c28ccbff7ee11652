// Command bench measures the product through a running local stack and writes docs/performance.md, chapter by chapter: what
// operations cost in an organization of 10 members and in one of many, requests a second as a ratio to the table's emulator alone,
// how large and how quick to start the functions are, what it takes to look at many domains again, to sync the roles of many users, and
// to judge a SAML answer, what an IdP's calls by SCIM cost, and whether a directory of many users is what a simple model holds. A count
// can be wrong, a timing cannot: the program refuses to judge by time.
//
//	go run ./infra/bench              measures all and writes docs/performance.md
//	go run ./infra/bench -only saml   measures these chapters (a list with commas), and leaves the others of the page as they are
//	go run ./infra/bench -check       measures the counts only, and fails where docs/performance.md says otherwise
//
// TENANTRY_STACK names a running stack to use, whose seed is SEED_FILE (.local/seed.json); without it, one is started on free
// ports with an empty table.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// page is where the results go, from the repository's root.
const page = "docs/performance.md"

// few and many are the members of the two organizations that must cost the same.
const few = 10

func main() {
	m := &measurement{}
	check := flag.Bool("check", false, "compare the counts with "+page+" instead of writing it")
	only := flag.String("only", "", "the chapters to measure, with commas between them: "+strings.Join(chapterNames(), ", ")+"; all without it")
	flag.IntVar(&m.members, "members", 100_000, "how many members the large organization has")
	flag.IntVar(&m.clients, "clients", 16, "how many clients send requests at the same time")
	flag.IntVar(&m.synced, "synced", 100_000, "how many users have their roles synced")
	flag.IntVar(&m.modelled, "modelled", 10_000, "how many users are compared with a model")
	flag.IntVar(&m.domains, "domains", 100_000, "how many domains are looked at again")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := m.run(ctx, *check, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (m *measurement) run(ctx context.Context, check bool, only string) (err error) {
	if m.root, err = rootAbove(); err != nil {
		return err
	}
	defer m.close()
	if check {
		costs, err := m.costs(ctx)
		if err != nil {
			return err
		}
		return m.compare(costs, filepath.Join(m.root, page))
	}
	chosen, err := chosenChapters(only)
	if err != nil {
		return err
	}
	return m.write(ctx, chosen, filepath.Join(m.root, page))
}

// rootAbove is the nearest folder upwards that holds template.yaml.
func rootAbove() (string, error) {
	at, err := os.Getwd()
	for ; err == nil; at = filepath.Dir(at) {
		if _, missing := os.Stat(filepath.Join(at, "template.yaml")); missing == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no template.yaml here or above: run it in the product's folder")
		}
	}
	return "", err
}
