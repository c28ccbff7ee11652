package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// seeded is what the file holds, for people and scripts that use the stack.
type seeded struct {
	BaseURL  string        `json:"baseUrl"`
	Platform administrator `json:"platform"`
	Client   seededClient  `json:"client"`
}

// administrator is what it takes to act as one.
type administrator struct {
	Email      string `json:"email"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totpSecret"`
	APIKey     string `json:"apiKey,omitempty"`
}

type seededClient struct {
	OrganizationID     string        `json:"organizationId"`
	SuborganizationIDs []string      `json:"suborganizationIds"`
	Admin              administrator `json:"admin"`
	ConnectionID       string        `json:"connectionId"` // active, with the stack's demonstration IdP
	SCIM               scim          `json:"scim"`         // of the connection; the demonstration IdP has it as well
}

// scim is what it takes to call a connection's SCIM server.
type scim struct {
	Endpoint string `json:"endpoint"`
	Token    string `json:"token"`
}

// readFile reads what an earlier run wrote; what is not there, or was cut off, is empty.
func readFile(path string) (s seeded) {
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &s) != nil {
		return seeded{}
	}
	return s
}

// write puts the value into the file, whole or not at all, readable by its owner only.
func write(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	next := path + ".next"
	if err := os.WriteFile(next, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(next, path)
}

// progress is what cannot be had a second time, of everybody who administers: second factors and keys, by address. It is written
// as it is made, so that a run which was cut off can be gone on with, and stays for whoever wants to sign in as one of them.
type progress struct {
	path  string
	admin map[string]administrator
}

func openProgress(path string) (*progress, error) {
	p := &progress{path: path, admin: map[string]administrator{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p.admin)
	}
	if err != nil {
		return nil, fmt.Errorf("read what was made so far: %w", err)
	}
	return p, nil
}

func (p *progress) keep(a administrator) error {
	p.admin[a.Email] = a
	return write(p.path, p.admin)
}
