package wire

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// A visitor is a browser that brings what a function signed for it: a form that posts a file, or a link with a signature in its
// query. It calls in nobody's invocation, so it is neither counted nor does it meet faults; the function that signed must be
// allowed to do it, as on AWS. The gateway verifies signature, expiry and the form's policy.

// isVisitor tells whether a request comes without a signature of its own for a bucket.
func isVisitor(r *http.Request) bool {
	return r.Header.Get("Authorization") == "" && r.Header.Get("X-Amz-Target") == "" && len(r.URL.Path) > 1
}

// largestField is how much of a form's fields is looked at; S3 takes 20 KB of them.
const largestField = 64 << 10

// visit answers a visitor.
func (o objects) visit(ctx context.Context, c *call) (answer, error) {
	if c.method == http.MethodOptions { // a browser asks whether it may ask: nothing is done
		return o.pass(ctx, c)
	}
	signer, n, refused := o.signed(c)
	if refused != nil {
		return o.refuse(*refused), nil
	}
	if o.wire.ownerKey != "" && signer == o.wire.ownerKey {
		return o.pass(ctx, c)
	}
	caller, known := o.wire.callers.Issued(signer)
	if !known {
		return o.refuse(refusal{http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."}), nil
	}
	if statement, denied := o.wire.evaluate(caller, n); statement < 0 || denied {
		return o.refuse(*denial(caller, n, denied)), nil
	}
	a, err := o.pass(ctx, c)
	if err == nil && a.status < 300 { // what a visitor is refused says nothing of the function
		_ = o.wire.authorize(caller, []need{n})
	}
	return a, err
}

// signed reads who signed and what for.
func (o objects) signed(c *call) (signer string, n need, refused *refusal) {
	missing := &refusal{http.StatusForbidden, "AccessDenied", "Access Denied"}
	if credential := c.values().Get("X-Amz-Credential"); credential != "" {
		operation, refused := objectOperation(c)
		if refused != nil {
			return "", need{}, refused
		}
		return signerOf(credential), need{action: "s3:" + operation.permission, resource: operation.resources[0]}, nil
	}
	if c.method != http.MethodPost {
		return "", need{}, missing
	}
	fields, err := formFields(c)
	if err != nil {
		return "", need{}, &refusal{http.StatusBadRequest, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data."}
	}
	switch {
	case fields["x-amz-credential"] == "":
		return "", need{}, missing
	case fields["key"] == "":
		return "", need{}, &refusal{http.StatusBadRequest, "InvalidArgument", "Bucket POST must contain a field named 'key'."}
	}
	bucket := strings.Trim(c.path, "/")
	return signerOf(fields["x-amz-credential"]), need{action: "s3:PutObject", resource: objectARN(bucket, fields["key"])}, nil
}

// signerOf is the access key of a credential of signature version 4.
func signerOf(credential string) string {
	key, _, _ := strings.Cut(credential, "/")
	return key
}

// formFields are the fields of a form before its file, by name in lower case.
func formFields(c *call) (map[string]string, error) {
	_, parameters, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	parts := multipart.NewReader(bytes.NewReader(c.body), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF || err == nil && strings.EqualFold(part.FormName(), "file") {
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(io.LimitReader(part, largestField))
		if err != nil {
			return nil, err
		}
		fields[strings.ToLower(part.FormName())] = string(value)
	}
}
