package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// judged is a row of infra/bench/saml, which is a module of its own.
type judged struct {
	Answer, Library     string
	Bytes, Certificates int
	Microseconds        float64
	AllocatedBytes      int64
	Allocations         int64
	Refused             string
}

// samlChapter measures our judgement of a SAML answer beside those of others and the floor.
func (m *measurement) samlChapter(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, "go", "run", ".", "-json")
	command.Dir, command.Stderr = filepath.Join(m.root, "infra", "bench", "saml"), os.Stderr
	printed, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("run infra/bench/saml: %w", err)
	}
	var rows []judged
	if err := json.Unmarshal(printed, &rows); err != nil {
		return "", fmt.Errorf("read what infra/bench/saml printed: %w", err)
	}
	return samlText(rows), nil
}

func samlText(rows []judged) string {
	var b strings.Builder
	b.WriteString("Signed by xmlsec, judged one at a time on one core, the same bytes for all in one run; `floor` is the base64, one SHA-256 over the bytes and\none verification with RSA-2048. With three certificates the answer's is the last. The ratio is of the time to ours.\n" +
		"What a sign-in asks of the table stands in `TestLOG2_WhatASignInCosts`: two calls on the way to the IdP, four on the way back.\n\n")
	b.WriteString("| answer | bytes | certificates | by | µs | ratio | allocated bytes | allocations |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	ours := map[string]float64{}
	for _, r := range rows {
		if r.Library == "ours" {
			ours[fmt.Sprint(r.Answer, r.Certificates)] = r.Microseconds
		}
	}
	for _, r := range rows {
		if r.Refused != "" {
			fmt.Fprintf(&b, "| %s | %d | %d | %s | refused | | | |\n", r.Answer, r.Bytes, r.Certificates, r.Library)
			continue
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %.0f | %.2f | %d | %d |\n", r.Answer, r.Bytes, r.Certificates, r.Library, r.Microseconds, r.Microseconds/ours[fmt.Sprint(r.Answer, r.Certificates)], r.AllocatedBytes, r.Allocations)
	}
	return b.String()
}
