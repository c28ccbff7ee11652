package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// config is what the environment says about a run of the stack.
type config struct {
	root      string   // the folder that holds template.yaml; relative paths are below it
	port      int      // PORT, 8080 where unset; 0 is any free port
	wirePort  int      // WIRE_PORT, any free port where unset; fixed for functions that run outside the stack, as under sam local
	dnsPort   int      // DNS_PORT, any free port where unset; fixed for the same
	idpPort   int      // IDP_PORT, the one after PORT where unset; 0 is any free port
	data      string   // DATA_DIR, .local where unset; what must survive a restart
	memory    bool     // DATA_DIR is memory: nothing survives, data is a temporary folder
	seed      bool     // false where SEED is none
	build     bool     // false where BUILD is no: the binaries are used as they are
	mix       string   // MIX: a folder with the functions of another release, which take half of the invocations; empty: none
	dynamoDB  *url.URL // DYNAMODB_ENDPOINT; nil starts the emulator
	publicURL string   // PUBLIC_URL; empty is http://localhost:<port>
	loopback  []string // LOOPBACK_HOSTS: hosts with ports on this machine, beside the IdP's, that customers may name; with commas between
	providers string   // PROVIDERS_URL: who plays Microsoft and Google, at /microsoft and /google; empty: nobody signs in with them
}

// readConfig reads the environment through get; folder is where the search for template.yaml begins, upwards.
func readConfig(folder string, get func(string) string) (config, error) {
	c := config{seed: get("SEED") != "none", build: get("BUILD") != "no", mix: get("MIX"), providers: get("PROVIDERS_URL"), publicURL: strings.TrimSuffix(get("PUBLIC_URL"), "/"),
		loopback: strings.FieldsFunc(get("LOOPBACK_HOSTS"), func(r rune) bool { return r == ',' })}
	var err error
	if c.root, err = rootAbove(folder); err != nil {
		return c, err
	}
	if c.port, err = port(get, "PORT", 8080); err != nil {
		return c, err
	}
	if c.wirePort, err = port(get, "WIRE_PORT", 0); err != nil {
		return c, err
	}
	if c.dnsPort, err = port(get, "DNS_PORT", 0); err != nil {
		return c, err
	}
	if c.idpPort, err = port(get, "IDP_PORT", c.portAfter()); err != nil {
		return c, err
	}
	if c.mix != "" && !filepath.IsAbs(c.mix) {
		c.mix = filepath.Join(c.root, c.mix)
	}
	if endpoint := get("DYNAMODB_ENDPOINT"); endpoint != "" {
		c.dynamoDB, err = url.Parse(endpoint)
		if err != nil || c.dynamoDB.Host == "" {
			return c, fmt.Errorf("DYNAMODB_ENDPOINT is %q: it must be an address such as http://127.0.0.1:8000", endpoint)
		}
	}
	return c, c.placeData(get("DATA_DIR"))
}

// portAfter is the port after PORT, any free one where that is any free one.
func (c *config) portAfter() int {
	if c.port == 0 || c.port == 65535 {
		return 0
	}
	return c.port + 1
}

// placeData settles where the data is and makes the folder.
func (c *config) placeData(folder string) (err error) {
	switch {
	case folder == "memory":
		c.memory = true
		c.data, err = os.MkdirTemp("", "tenantry-")
	case folder == "":
		c.data = filepath.Join(c.root, ".local")
	case filepath.IsAbs(folder):
		c.data = folder
	default:
		c.data = filepath.Join(c.root, folder)
	}
	if err == nil {
		err = os.MkdirAll(c.data, 0o700)
	}
	if err != nil {
		return fmt.Errorf("make the data folder (DATA_DIR): %w", err)
	}
	return nil
}

// tableFile is the emulator's database, empty for memory.
func (c *config) tableFile() string {
	if c.memory {
		return ""
	}
	return filepath.Join(c.data, "ddb.sqlite")
}

// port reads a port's number from the environment.
func port(get func(string) string, name string, unset int) (int, error) {
	text := get(name)
	if text == "" {
		return unset, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || number > 65535 {
		return 0, fmt.Errorf("%s is %q: it must be a port, 0 to 65535 (0 is any free one)", name, text)
	}
	return number, nil
}

// rootAbove is the nearest folder, from the given one upwards, that holds template.yaml.
func rootAbove(folder string) (string, error) {
	for at := folder; ; at = filepath.Dir(at) {
		_, err := os.Stat(filepath.Join(at, "template.yaml"))
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, os.ErrNotExist) || at == filepath.Dir(at) {
			return "", fmt.Errorf("no template.yaml in %s or above: start the stack in the product's folder", folder)
		}
	}
}
