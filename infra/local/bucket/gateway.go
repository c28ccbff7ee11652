// Package bucket is the stack's S3: versitygw on a folder, in a child process of the stack, with the buckets that the template
// has. It verifies signatures and enforces upload policies as S3 does; who may do what the wire decides before it. It deletes
// what a bucket's lifecycle says, as S3 does by itself. It keeps no versions, and knows no storage classes and no events.
package bucket

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Argument, as a program's first, makes it the gateway. versitygw is one gateway a process and changes its working directory,
// so the stack starts itself again with it.
const Argument = "be-the-s3-gateway"

// Ready is the path that answers as soon as the gateway does.
const Ready = "/_ready"

// The environment of the gateway, which says nothing on its command line that a list of processes would show.
const (
	folderVariable = "S3_GATEWAY_FOLDER"
	masterVariable = "S3_GATEWAY_MASTER"
)

// Command is the gateway's command line for a port on loopback: this very program.
func Command(port int) ([]string, error) {
	program, err := os.Executable()
	return []string{program, Argument, strconv.Itoa(port)}, err
}

// root is the access key that the buckets belong to, the same with every start.
const root = "STACK"

// Environment is what the gateway needs besides its port: the folder that it keeps everything in, and what secrets are derived from.
func Environment(folder, master string) []string {
	return []string{folderVariable + "=" + folder, masterVariable + "=" + master}
}

// SecretKey is the secret of an access key. It is derived, so that the gateway verifies what any instance of a function signed
// without being told of the instance, and after its end.
func SecretKey(master, accessKey string) string {
	mac := hmac.New(sha256.New, []byte(master))
	mac.Write([]byte(accessKey))
	return hex.EncodeToString(mac.Sum(nil))[:40]
}

// Serve is the gateway until SIGTERM; arguments are those after Argument.
func Serve(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("the S3 gateway takes a port")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	files, err := open(os.Getenv(folderVariable))
	if err != nil {
		return err
	}
	master := os.Getenv(masterVariable)
	account := auth.Account{Access: root, Secret: SecretKey(master, root), Role: auth.RoleAdmin}
	return embedgw.RunVersityGW(ctx, files, &embedgw.Config{
		RootUserAccess: account.Access, RootUserSecret: account.Secret, Region: template.Region,
		Ports: []string{"127.0.0.1:" + arguments[0]}, HealthPath: Ready,
		MaxConnections: 1024, MaxRequests: 1024, MultipartMaxParts: 10_000,
		IAMService: accounts{auth.NewIAMServiceSingle(account), master},
		KeepAlive:  true, Quiet: true, Version: "local",
	})
}

// Folders of the gateway.
const (
	objectsFolder    = "objects"
	attributesFolder = "attributes"
)

// open takes the folder into use. Attributes stand in files of their own, as not every file system has extended ones.
func open(folder string) (*posix.Posix, error) {
	objects, attributes := filepath.Join(folder, objectsFolder), filepath.Join(folder, attributesFolder)
	for _, made := range []string{objects, attributes} {
		if err := os.MkdirAll(made, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of the buckets: %w", err)
		}
	}
	sidecar, err := meta.NewSideCar(attributes)
	if err != nil {
		return nil, fmt.Errorf("open the attributes of the objects: %w", err)
	}
	files, err := posix.New(objects, sidecar, posix.PosixOpts{SideCarDir: attributes})
	if err != nil {
		return nil, fmt.Errorf("open the objects: %w", err)
	}
	return files, nil
}

// accounts are the gateway's users: every access key whose secret is the derived one. What they may do the wire has decided.
type accounts struct {
	auth.IAMService
	master string
}

// GetUserAccount finds the account of any access key.
func (a accounts) GetUserAccount(access string) (auth.Account, error) {
	return auth.Account{Access: access, Secret: SecretKey(a.master, access), Role: auth.RoleAdmin}, nil
}

// DeriveSigningKey gives the key of a signature for one day. The stack's session tokens are the access keys themselves.
func (a accounts) DeriveSigningKey(access, sessionToken, date, region, service string) ([]byte, auth.Account, error) {
	if sessionToken != "" && sessionToken != access {
		return nil, auth.Account{}, auth.ErrInvalidSessionToken
	}
	key := []byte("AWS4" + SecretKey(a.master, access))
	for _, part := range []string{date, region, service, "aws4_request"} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return key, auth.Account{Access: access, Role: auth.RoleAdmin}, nil
}
