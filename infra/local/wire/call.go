package wire

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/tenantry/tenantry/infra/local/trace"
)

// call is one HTTP attempt of a function at a service.
type call struct {
	service   string
	action    string
	accessKey string
	method    string
	host      string
	path      string
	rawPath   string // as it was escaped, empty where that is how path would be
	query     string
	header    http.Header
	body      []byte
	caller    Caller      // whose key it is, nobody's for the owner
	dynamo    *dynamoCall // what a DynamoDB call names, nil for others
	record    trace.Call
}

// serviceOf tells the service from X-Amz-Target, or for REST calls from the credential scope of their signature; it is
// empty for a service that the wire does not know.
func serviceOf(target, scope string) string {
	prefix, _, _ := strings.Cut(target, ".")
	switch prefix {
	case "DynamoDB_20120810":
		return "dynamodb"
	case "AmazonSQS":
		return "sqs"
	case "secretsmanager":
		return "secretsmanager"
	}
	if scope == "ses" || scope == "s3" {
		return scope
	}
	return ""
}

// credential is the part of an Authorization header that names key, date, region and service:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 .*Credential=([^/ ,]+)/\d{8}/[^/]+/([^/]+)/aws4_request\b`)

// recognise reads which service and action a request is for, and who signed it.
func recognise(r *http.Request, body []byte) *call {
	c := &call{method: r.Method, host: r.Host, path: r.URL.Path, rawPath: r.URL.RawPath, query: r.URL.RawQuery, header: r.Header, body: body}
	scope := ""
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.accessKey, scope = m[1], m[2]
	}
	target := r.Header.Get("X-Amz-Target")
	c.service = serviceOf(target, scope)
	_, c.action, _ = strings.Cut(target, ".")
	return c
}

// values are the arguments of the query; what cannot be read of it is left out.
func (c *call) values() url.Values {
	values, _ := url.ParseQuery(c.query)
	return values
}

// authenticate refuses a call without a signature or with one that names no access key.
func (c *call) authenticate() *refusal {
	authorization := c.header.Get("Authorization")
	switch {
	case authorization == "":
		return &refusal{http.StatusForbidden, "MissingAuthenticationTokenException", "Request is missing Authentication Token"}
	case c.accessKey == "" || !strings.Contains(authorization, "Signature="):
		return &refusal{http.StatusForbidden, "IncompleteSignatureException", "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters."}
	}
	return nil
}
