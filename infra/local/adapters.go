package main

import (
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/wire"
)

// callers tells the wire who its callers are: the instances of the pool.
type callers struct{ pool *lambda.Pool }

// Caller finds the instance that holds the key.
func (c callers) Caller(accessKey string) (wire.Caller, bool) {
	found, known := c.pool.ByAccessKey(accessKey)
	if !known {
		return wire.Caller{}, false
	}
	return wire.Caller{Function: found.Function.ID, Statements: found.Function.Statements, Invocation: found.Invocation}, true
}

// Issued finds the function that the key was given to.
func (c callers) Issued(accessKey string) (wire.Caller, bool) {
	function, known := c.pool.Issued(accessKey)
	if !known {
		return wire.Caller{}, false
	}
	return wire.Caller{Function: function.ID, Statements: function.Statements}, true
}

// Kill ends the instance that holds the key.
func (c callers) Kill(accessKey string) { c.pool.Kill(accessKey) }

// functionLog writes the functions' lines to the stream under the names of their folders, which are the names people use.
type functionLog struct {
	stream *stream
	names  map[string]string
}

func newFunctionLog(stream *stream, functions []template.Function) functionLog {
	names := map[string]string{}
	for _, f := range functions {
		names[f.ID] = path.Base(f.Folder)
	}
	return functionLog{stream: stream, names: names}
}

// Log takes a line of a function, given by its logical id. Lambda's START and END are left out: REPORT follows and says more.
func (l functionLog) Log(function, requestID, text string) {
	if strings.HasPrefix(text, "START RequestId: ") || strings.HasPrefix(text, "END RequestId: ") {
		return
	}
	l.stream.Log(l.names[function], requestID, text)
}

// dynamoDB is a client that may do everything.
func (o owner) dynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &o.Endpoint, Region: template.Region,
		Credentials: credentials.NewStaticCredentialsProvider(o.AccessKeyID, o.SecretAccessKey, ""),
		Retryer:     aws.NopRetryer{},
	})
}
