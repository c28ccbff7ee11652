// Command bench measures the product through a running local stack and writes docs/performance.md: what operations cost in an
// organization of 10 members and in one of many, requests a second as a ratio to the table's emulator alone, what it takes to
// look at many domains again, and how large and how quick to start the functions are. A count can be wrong, a timing cannot: the program refuses to judge by time.
//
//	go run ./infra/bench              measures and writes docs/performance.md
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
	"syscall"
)

// page is where the results go, from the repository's root.
const page = "docs/performance.md"

// few and many are the members of the two organizations that must cost the same.
const few = 10

func main() {
	check := flag.Bool("check", false, "compare the counts with "+page+" instead of writing it")
	many := flag.Int("members", 100_000, "how many members the large organization has")
	clients := flag.Int("clients", 16, "how many clients send requests at the same time")
	domains := flag.Int("domains", 100_000, "how many domains are looked at again")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *check, *many, *clients, *domains); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, check bool, many, clients, domains int) error {
	root, err := rootAbove()
	if err != nil {
		return err
	}
	stack, end, err := openStack(ctx, root)
	if err != nil {
		return err
	}
	defer end()
	r := &report{root: root, members: many, clients: clients}
	err = r.measure(ctx, stack, check, domains)
	if err != nil {
		return err
	}
	fmt.Print(r.text())
	if check {
		return r.compare(filepath.Join(root, page))
	}
	return os.WriteFile(filepath.Join(root, page), []byte(r.text()), 0o644)
}

// measure does it all, the counts first; countsOnly leaves out what depends on the machine.
func (r *report) measure(ctx context.Context, s *stack, countsOnly bool, domains int) error {
	small, err := newOrganization(ctx, s, few)
	if err != nil {
		return fmt.Errorf("make the organization of %d: %w", few, err)
	}
	large, err := newOrganization(ctx, s, r.members)
	if err != nil {
		return fmt.Errorf("make the organization of %d: %w", r.members, err)
	}
	if r.costs, err = costs(ctx, s, small, large); err != nil || countsOnly {
		return err
	}
	if r.rates, err = rates(ctx, s, r.root, large, r.clients); err != nil {
		return err
	}
	if r.functions, err = measureFunctions(ctx, s, r.root); err != nil {
		return err
	}
	r.domains, err = recheckDomains(ctx, s, domains)
	return err
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
