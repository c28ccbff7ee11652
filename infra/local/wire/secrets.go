package wire

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Secrets are the template's secrets, generated on the first start and kept in a file that only its owner reads. It is
// safe for concurrent use.
type Secrets struct {
	file string

	mu      sync.Mutex
	secrets []template.Secret
	kept    map[string]*keptSecret // by ARN
}

// keptSecret is a secret's value and the one before the latest rotation.
type keptSecret struct {
	Current  secretVersion
	Previous *secretVersion `json:",omitempty"`
}

type secretVersion struct {
	ID      string
	Value   string
	Created time.Time
}

// OpenSecrets reads the secrets kept under the directory and generates those that are not there yet. An empty directory
// name keeps them in memory only.
func OpenSecrets(directory string, secrets []template.Secret) (*Secrets, error) {
	s := &Secrets{secrets: secrets, kept: map[string]*keptSecret{}}
	if directory != "" {
		s.file = filepath.Join(directory, "secrets.json")
		if err := s.read(); err != nil {
			return nil, err
		}
	}
	for _, secret := range secrets {
		if s.kept[secret.ARN] != nil {
			continue
		}
		version, err := generate(secret)
		if err != nil {
			return nil, err
		}
		s.kept[secret.ARN] = &keptSecret{Current: version}
	}
	return s, s.save()
}

func (s *Secrets) read() error {
	text, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the secrets: %w", err)
	}
	if err := json.Unmarshal(text, &s.kept); err != nil {
		return fmt.Errorf("read the secrets in %s (deleting it makes new ones): %w", s.file, err)
	}
	return nil
}

// save replaces the file at once, so that a crash leaves the old one or the new one.
func (s *Secrets) save() error {
	if s.file == "" {
		return nil
	}
	text, err := json.MarshalIndent(s.kept, "", "  ")
	if err != nil {
		return fmt.Errorf("write the secrets: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return fmt.Errorf("write the secrets: %w", err)
	}
	if err := os.WriteFile(s.file+".new", text, 0o600); err != nil {
		return fmt.Errorf("write the secrets: %w", err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		return fmt.Errorf("write the secrets: %w", err)
	}
	return nil
}

// put gives a secret, by its ARN, another value; the present one becomes AWSPREVIOUS.
func (s *Secrets) put(arn, value string) (secretVersion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, version := s.kept[arn], secretVersion{ID: rand.Text(), Value: value, Created: time.Now().UTC()}
	previous := kept.Current
	kept.Previous, kept.Current = &previous, version
	return version, s.save()
}

func (s *Secrets) find(id string) (template.Secret, bool) {
	for _, secret := range s.secrets {
		if id == secret.ID || id == secret.Name || id == secret.ARN {
			return secret, true
		}
	}
	return template.Secret{}, false
}

// stage returns the version of a secret at a stage, and false where there is none.
func (s *Secrets) stage(arn, stage string) (secretVersion, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.kept[arn]
	switch {
	case stage == "AWSCURRENT":
		return kept.Current, true
	case stage == "AWSPREVIOUS" && kept.Previous != nil:
		return *kept.Previous, true
	}
	return secretVersion{}, false
}

const (
	letters     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	punctuation = "!#$%&()*+,-./:;<=>?@[]^_{|}~" // without quotes and the backslash, for the sake of the reader
)

// generate makes a value as CloudFormation does from GenerateSecretString:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-secret-generatesecretstring.html
func generate(secret template.Secret) (secretVersion, error) {
	alphabet, length := letters+punctuation, secret.Length
	if secret.Exclude {
		alphabet = letters
	}
	if length == 0 {
		length = 32
	}
	password := make([]byte, length)
	for i := range password {
		at, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return secretVersion{}, fmt.Errorf("generate secret %s: %w", secret.ID, err)
		}
		password[i] = alphabet[at.Int64()]
	}
	version := secretVersion{ID: rand.Text(), Value: string(password), Created: time.Now().UTC()}
	if secret.GenerateKey == "" {
		return version, nil
	}
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(secret.Template), &fields); err != nil {
		return secretVersion{}, fmt.Errorf("generate secret %s: SecretStringTemplate is no JSON object: %w", secret.ID, err)
	}
	fields[secret.GenerateKey] = version.Value
	value, err := json.Marshal(fields)
	version.Value = string(value)
	return version, err
}
