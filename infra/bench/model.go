package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// modelTest is the end-to-end test that is run with many users here, and with few in `make test`.
const modelTest = "TestSCI4_WhatTheServerHoldsIsWhatASimpleModelHolds"

var modelSeed = regexp.MustCompile(`MODEL_SEED=\d+`)

// modelChapter has many clients change a directory in random order, and errs where the server holds anything else than a simple model.
func (m *measurement) modelChapter(ctx context.Context) (string, error) {
	run := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-timeout", "3h", "-run", "^"+modelTest+"$", "./infra/e2e")
	run.Dir, run.Env = m.root, append(os.Environ(), fmt.Sprintf("MODEL_USERS=%d", m.modelled))
	begun := time.Now()
	told, err := run.CombinedOutput()
	seed := modelSeed.Find(told)
	if err != nil || seed == nil {
		return "", fmt.Errorf("%s: %w\n%s", modelTest, err, told)
	}
	return fmt.Sprintf("%d users created, put into groups, moved, renamed, deactivated, reactivated and deleted by 16 clients at the same time in random\norder (`%s MODEL_USERS=%d`): every answer, stored role, member and count is what a simple model holds. It took %.0f s.\n",
		m.modelled, seed, m.modelled, time.Since(begun).Seconds()), nil
}
