package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// buildFlags are those of what is deployed (the Makefile exports the same): without the RPC mode of old Lambda runtimes the
// linker drops more than half of a binary.
const buildFlags = "-tags=lambda.norpc -trimpath '-ldflags=-s -w'"

// build compiles the functions of the template into folder, and the seed where there is one.
func build(ctx context.Context, root, folder string, functions []template.Function) error {
	for _, f := range functions {
		if _, err := os.Stat(filepath.Join(root, f.Folder)); err != nil {
			return fmt.Errorf("function %s: there is no code at its CodeUri %s: %w", f.ID, f.Folder, err)
		}
	}
	if err := compile(ctx, root, folder+string(filepath.Separator), "./functions/..."); err != nil {
		return err
	}
	if !hasSeed(root) {
		return nil
	}
	return compile(ctx, root, filepath.Join(folder, seedProgram), seedFolder)
}

// compile runs go build in root.
func compile(ctx context.Context, root, output, packages string) error {
	command := exec.CommandContext(ctx, "go", "build", "-o", output, packages)
	command.Dir = root
	command.Env = append(os.Environ(), "GOFLAGS="+buildFlags)
	printed, err := command.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("go is not on the PATH: install Go 1.26 or later")
	case err != nil:
		return fmt.Errorf("go build %s: %w\n%s", packages, err, strings.TrimSpace(string(printed)))
	}
	return nil
}

// Where the seed is: a program of the product's module that fills an empty installation through the functions' own routes.
const (
	seedFolder  = "./infra/seed"
	seedProgram = "seed"
)

func hasSeed(root string) bool {
	sources, err := fs.Glob(os.DirFS(root), "infra/seed/*.go")
	return err == nil && len(sources) > 0
}
