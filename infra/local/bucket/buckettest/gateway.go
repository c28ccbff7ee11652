// Package buckettest starts the S3 gateway for tests. A test's program becomes the gateway when it is asked to, so TestMain
// calls Play first.
package buckettest

import (
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/tenantry/tenantry/infra/local/bucket"
	"github.com/tenantry/tenantry/infra/local/service"
)

// Master is what the gateway of Start derives secrets from.
const Master = "master"

// Play makes this process the gateway, and ends it afterwards, where it was started as one.
func Play() {
	if len(os.Args) < 2 || os.Args[1] != bucket.Argument {
		return
	}
	if err := bucket.Serve(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Start starts a gateway on the folder, empty for a temporary one, that ends with the test.
func Start(t *testing.T, folder string) *url.URL {
	t.Helper()
	if folder == "" {
		folder = t.TempDir()
	}
	running, err := service.Start(t.Context(), service.Spec{
		Name: "s3",
		Command: func(port int) []string {
			command, err := bucket.Command(port)
			if err != nil {
				t.Fatal(err)
			}
			return command
		},
		Environment: bucket.Environment(folder, Master), Ready: bucket.Ready, Log: func(line string) { t.Log("s3:", line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running.URL()
}
