package lambda_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
)

// builtIn tells which folder the binary of an instance is in.
func builtIn(t *testing.T, pool *lambda.Pool, function string) string {
	t.Helper()
	r, err := pool.Invoke(t.Context(), function, []byte(`{"do":"environment"}`), lambda.Options{})
	if err != nil {
		t.Fatal(err)
	}
	environment := answer[[]string](t, r)
	i := slices.IndexFunc(environment, func(one string) bool { return strings.HasPrefix(one, "LAMBDA_TASK_ROOT=") })
	return strings.TrimPrefix(environment[i], "LAMBDA_TASK_ROOT=")
}

func TestINS5_TheFunctionsOfAnotherReleaseTakeHalfOfTheInvocations(t *testing.T) {
	t.Parallel()
	mix, added := t.TempDir(), t.TempDir()
	copyProbe(t, filepath.Join(mix, "probe"))
	copyProbe(t, filepath.Join(added, "probe"))
	copyProbe(t, filepath.Join(added, "later"))
	later := probe()
	later.ID, later.Folder = "LaterFunction", "functions/later" // which the other release does not have
	pool, _ := start(t, lambda.Config{BuildDir: added, MixDir: mix, Functions: []template.Function{probe(), later}})
	taken := map[string]int{}
	for range 60 {
		taken[builtIn(t, pool, "ProbeFunction")]++
		if folder := builtIn(t, pool, "LaterFunction"); folder != added {
			t.Fatalf("a function that only one release has came from %s", folder)
		}
	}
	if taken[mix] < 10 || taken[added] < 10 {
		t.Errorf("of 60 invocations the releases took %v", taken)
	}
	if total := pool.Totals()["ProbeFunction"]; total.Invocations != 60 || len(pool.Instances()) != 3 {
		t.Errorf("in all %+v, by %d instances", total, len(pool.Instances()))
	}
}

func copyProbe(t *testing.T, to string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(buildDir, "probe"))
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}
