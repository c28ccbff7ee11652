// Command openapi merges what the functions say of their operations into infra/openapi.json, the one description of the API
// (API-1). It refuses parts that contradict each other, and routes of template.yaml that no operation answers, or the
// other way round.
//
//	go run ./infra/openapi           # builds the functions and writes infra/openapi.json
//	go run ./infra/openapi -check    # fails where it would write something else
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	templateFile = "template.yaml"
	documentFile = "infra/openapi.json"
	built        = ".build"
)

func main() {
	check := flag.Bool("check", false, "compare infra/openapi.json instead of writing it")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	template, err := os.ReadFile(templateFile)
	if err != nil {
		return err
	}
	routes, err := readRoutes(template)
	if err != nil {
		return err
	}
	parts, err := describeAll(routes)
	if err != nil {
		return err
	}
	whole, err := merge(parts)
	if err != nil {
		return err
	}
	if err := errors.Join(compare(routes, parts)...); err != nil {
		return err
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		return err
	}
	return settle(append(text, '\n'), check)
}

// describeAll builds the functions and asks each that has a route for its part.
func describeAll(routes []route) (map[string]*document, error) {
	build := exec.Command("go", "build", "-o", built+"/", "./functions/...")
	if printed, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the functions: %w\n%s", err, printed)
	}
	parts := map[string]*document{}
	for _, r := range routes {
		if parts[r.function] != nil {
			continue
		}
		text, err := exec.Command(filepath.Join(built, r.function), "-openapi").Output()
		if err != nil {
			return nil, fmt.Errorf("ask functions/%s for its operations: %w", r.function, err)
		}
		part := &document{}
		if err := json.Unmarshal(text, part); err != nil {
			return nil, fmt.Errorf("read what functions/%s says of its operations: %w", r.function, err)
		}
		parts[r.function] = part
	}
	return parts, nil
}

// settle writes the document, or with check tells that it is another one.
func settle(text []byte, check bool) error {
	if !check {
		return os.WriteFile(documentFile, text, 0o644)
	}
	there, err := os.ReadFile(documentFile)
	if err == nil && !bytes.Equal(there, text) {
		err = fmt.Errorf("%s is not what the operations say: run `make openapi`", documentFile)
	}
	return err
}
