package wire

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tenantry/tenantry/infra/local/template"
)

var installation = template.Secret{ID: "InstallationSecret", Name: "installation", ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:installation",
	Template: `{"made":"here"}`, GenerateKey: "key", Length: 64, Exclude: true}

func openSecrets(t *testing.T, directory string) *Secrets {
	t.Helper()
	s, err := OpenSecrets(directory, []template.Secret{installation})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSecretIsGeneratedByItsTemplate(t *testing.T) {
	version, _ := openSecrets(t, "").stage(installation.ARN, "AWSCURRENT")
	var fields map[string]string
	if err := json.Unmarshal([]byte(version.Value), &fields); err != nil {
		t.Fatal(err)
	}
	if fields["made"] != "here" || len(fields["key"]) != 64 || strings.ContainsAny(fields["key"], punctuation) {
		t.Errorf("got %v", fields)
	}
}

func TestSecretsOutliveTheStackAndAreReadByTheirOwnerOnly(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "new")
	first := openSecrets(t, directory)
	if _, err := first.put(installation.ARN, "another"); err != nil {
		t.Fatal(err)
	}
	second := openSecrets(t, directory)
	for _, stage := range []string{"AWSCURRENT", "AWSPREVIOUS"} {
		before, _ := first.stage(installation.ARN, stage)
		after, ok := second.stage(installation.ARN, stage)
		if !ok || before.Value != after.Value {
			t.Errorf("%s changed", stage)
		}
	}
	info, err := os.Stat(filepath.Join(directory, "secrets.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
}

func TestSecretsHaveStages(t *testing.T) {
	secrets := openSecrets(t, "")
	k := newKit(t, func(c *Config) { c.Secrets = secrets })
	k.allow(template.Statement{Effect: "Allow", Actions: []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}, Resources: []string{installation.ARN}})
	client := secretsmanager.NewFromConfig(k.config(functionKey))
	value := func(id, stage string) (string, error) {
		in := &secretsmanager.GetSecretValueInput{SecretId: &id}
		if stage != "" {
			in.VersionStage = &stage
		}
		out, err := client.GetSecretValue(context.Background(), in)
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SecretString), nil
	}
	first, err := value(installation.ARN, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := value(installation.Name, "AWSPREVIOUS"); code(err) != "ResourceNotFoundException" {
		t.Errorf("before a rotation: %v", err)
	}
	if _, err := client.PutSecretValue(context.Background(), &secretsmanager.PutSecretValueInput{SecretId: &installation.ARN, SecretString: aws.String("another")}); err != nil {
		t.Fatal(err)
	}
	current, _ := value(installation.Name, "AWSCURRENT")
	if previous, err := value(installation.ARN, "AWSPREVIOUS"); err != nil || previous != first || current == first {
		t.Errorf("after a rotation: previous %v, current changed %v, %v", previous == first, current != first, err)
	}
	if _, err := value("another", ""); code(err) != "AccessDeniedException" {
		t.Errorf("another secret: %v", err)
	}
}
