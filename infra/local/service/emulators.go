package service

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// Dynoxide is the table's emulator: https://github.com/nubo-db/dynoxide, from the npm package of this platform under root. It
// keeps its data in file, or in memory where file is empty. The error names what to install or to set instead.
func Dynoxide(root, file string, log func(string)) (Spec, error) {
	if platform := runtime.GOOS + "/" + runtime.GOARCH; platform != "linux/amd64" {
		return Spec{}, fmt.Errorf("dynoxide exists for linux/amd64 only and this is %s: "+
			"start DynamoDB Local (docker run -p 8000:8000 amazon/dynamodb-local) and set DYNAMODB_ENDPOINT=http://127.0.0.1:8000", platform)
	}
	program := filepath.Join(root, "node_modules/@dynoxide/linux-x64/dynoxide")
	if _, err := os.Stat(program); err != nil {
		return Spec{}, fmt.Errorf("dynoxide is not installed: run `npm ci` in %s (`make run` does it)", root)
	}
	command := func(port int) []string {
		arguments := []string{program, "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
		if file != "" {
			arguments = append(arguments, "--db-path", file)
		}
		return arguments
	}
	return Spec{Name: "dynoxide", Command: command, Ready: "/", Log: log}, nil
}

// Mail is SES's emulator: https://github.com/domdomegg/aws-ses-v2-local, from node_modules under root. Its mails are in memory.
// The error names what to install.
func Mail(root string, log func(string)) (Spec, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return Spec{}, fmt.Errorf("node is not on the PATH: install Node 20 or later, the mail emulator runs on it")
	}
	program := filepath.Join(root, "node_modules/aws-ses-v2-local/dist/cli.js")
	if _, err := os.Stat(program); err != nil {
		return Spec{}, fmt.Errorf("aws-ses-v2-local is not installed: run `npm ci` in %s (`make run` does it)", root)
	}
	command := func(port int) []string {
		return []string{node, program, "--host", "127.0.0.1", "--port", strconv.Itoa(port)}
	}
	return Spec{Name: "mail", Command: command, Ready: "/health-check", Log: log}, nil
}
