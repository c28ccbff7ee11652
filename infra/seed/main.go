// Command seed makes the first partner, client and people of a local stack, through the functions' own routes and the
// installer, as people would. The stack runs it once it is ready, with BASE_URL (of the API), LOCAL_URL (of the stack's
// controls) and SEED_FILE, where it writes what it made: addresses, passwords, second factors, keys; those of the other
// administrators are in seed-people.json beside it.
//
// Run again, it does nothing while what it wrote still works, and goes on where it was cut off. It refuses to reach into the
// table, and is for local stacks only: everybody knows its passwords.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// within bounds the whole run.
const within = 2 * time.Minute

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := run(ctx, os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string) error {
	base, local, file := getenv("BASE_URL"), getenv("LOCAL_URL"), getenv("SEED_FILE")
	if base == "" || local == "" || file == "" {
		return fmt.Errorf("BASE_URL, LOCAL_URL and SEED_FILE must say where the API and the stack's controls are, and where to write")
	}
	api := &client{base: strings.TrimSuffix(base, "/"), local: strings.TrimSuffix(local, "/")}
	if api.works(ctx, readFile(file)) {
		fmt.Println("everything is there already")
		return nil
	}
	known, err := openProgress(filepath.Join(filepath.Dir(file), "seed-people.json"))
	if err != nil {
		return err
	}
	made, err := (&world{client: api, known: known}).make(ctx)
	if err != nil {
		return err
	}
	return write(file, made)
}
