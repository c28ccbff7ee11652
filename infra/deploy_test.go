package infra_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// deploy runs infra/deploy with a sam that builds a template of one line and writes down how it was called.
func deploy(t *testing.T, built string, arguments ...string) (calls, template string, err error) {
	t.Helper()
	folder := t.TempDir()
	sam := filepath.Join(folder, "sam")
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%[1]s/calls\n[ \"$1\" = build ] || exit 0\nmkdir -p %[1]s/build\ncat >%[1]s/build/template.yaml <<'end'\n%[2]send\n", folder, built)
	if err := os.WriteFile(sam, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("./deploy", arguments...)
	command.Env = append(os.Environ(), "SAM="+sam, "BUILD_DIR="+folder+"/build")
	output, err := command.CombinedOutput()
	t.Log(string(output))
	read := func(name string) string {
		content, _ := os.ReadFile(filepath.Join(folder, name))
		return string(content)
	}
	return read("calls"), read("build/template.yaml"), err
}

const builtFunction = "    Description: not deployed by make deploy\n"

func TestADeploymentIsMarkedSoThatValuesOfParametersReachTheFunctions(t *testing.T) {
	_, template, err := deploy(t, builtFunction, "dev")
	if err != nil || !regexp.MustCompile(`^    Description: "\S+, deployed \d{4}-\d\d-\d\dT[0-9:]{8}Z"\n$`).MatchString(template) {
		t.Errorf("the template is %q, %v", template, err)
	}
	if calls, _, err := deploy(t, "    Runtime: provided.al2023\n", "dev"); err == nil || strings.Contains(calls, "deploy") {
		t.Errorf("a template without a mark is deployed: %q", calls)
	}
}

func TestADeploymentHasItsEnvironmentsParametersAndThoseGiven(t *testing.T) {
	calls, _, err := deploy(t, builtFunction, "prod", "PublicUrl=https://settings.example.com", "MailFrom=Tenantry <no-reply@example.com>")
	for _, want := range []string{"--config-env prod", "TableProtection=true", `PublicUrl="https://settings.example.com"`, `MailFrom="Tenantry <no-reply@example.com>"`} {
		if !strings.Contains(calls, want) {
			t.Errorf("%s is not in %q", want, calls)
		}
	}
	if err != nil {
		t.Error(err)
	}
	for _, refused := range [][]string{{"staging"}, {"prod", "PublicUrl"}} {
		if calls, _, err := deploy(t, builtFunction, refused...); err == nil || calls != "" {
			t.Errorf("%v is deployed: %q", refused, calls)
		}
	}
}
