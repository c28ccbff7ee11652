package wire

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
)

// operation is one operation of S3: its name, the permission that it takes, and on what.
type operation struct {
	name       string
	permission string
	resources  []string // ARNs, never empty
}

// objectForm is how an operation is told from others: S3 names it nowhere in a request. flag is a key of the query, empty for
// operations without one.
type objectForm struct {
	method   string
	ofObject bool
	flag     string
}

// objectOperations are those that the stack knows, with their permissions.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
var objectOperations = map[objectForm]operation{
	{http.MethodGet, true, ""}:            {name: "GetObject", permission: "GetObject"},
	{http.MethodHead, true, ""}:           {name: "HeadObject", permission: "GetObject"},
	{http.MethodPut, true, ""}:            {name: "PutObject", permission: "PutObject"},
	{http.MethodDelete, true, ""}:         {name: "DeleteObject", permission: "DeleteObject"},
	{http.MethodPost, true, "uploads"}:    {name: "CreateMultipartUpload", permission: "PutObject"},
	{http.MethodPut, true, "uploadId"}:    {name: "UploadPart", permission: "PutObject"},
	{http.MethodPost, true, "uploadId"}:   {name: "CompleteMultipartUpload", permission: "PutObject"},
	{http.MethodDelete, true, "uploadId"}: {name: "AbortMultipartUpload", permission: "AbortMultipartUpload"},
	{http.MethodGet, true, "uploadId"}:    {name: "ListParts", permission: "ListMultipartUploadParts"},
	{http.MethodGet, false, "list-type"}:  {name: "ListObjectsV2", permission: "ListBucket"},
	{http.MethodHead, false, ""}:          {name: "HeadBucket", permission: "ListBucket"},
	{http.MethodGet, false, "uploads"}:    {name: "ListMultipartUploads", permission: "ListBucketMultipartUploads"},
	{http.MethodPost, false, "delete"}:    {name: "DeleteObjects", permission: "DeleteObject"},
}

// flags tell operations apart; other keys of a query are arguments. Those without an operation above are refused.
var flags = []string{
	"uploads", "uploadId", "list-type", "delete", "acl", "cors", "lifecycle", "policy", "tagging", "versioning", "versions", "versionId",
	"retention", "legal-hold", "object-lock", "torrent", "select", "restore", "attributes", "location", "website", "logging", "notification",
}

// objectOperation reads which operation a call is.
func objectOperation(c *call) (operation, *refusal) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	query, err := url.ParseQuery(c.query)
	if err != nil {
		return operation{}, &refusal{http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI."}
	}
	form := objectForm{method: c.method, ofObject: key != ""}
	for _, flag := range flags {
		if query.Has(flag) {
			form.flag = flag
			break
		}
	}
	found, known := objectOperations[form]
	if !known || c.header.Get("X-Amz-Copy-Source") != "" {
		return operation{}, &refusal{http.StatusNotImplemented, "NotImplemented", "The local stack does not know this operation of S3: " + c.method + " " + c.path + "?" + c.query}
	}
	switch {
	case found.name == "DeleteObjects":
		return found.onEach(bucket, c.body)
	case form.ofObject:
		found.resources = []string{objectARN(bucket, key)}
	default:
		found.resources = []string{bucketARN(bucket)}
	}
	return found, nil
}

// onEach is the operation on every object that the body of a DeleteObjects names.
func (o operation) onEach(bucket string, body []byte) (operation, *refusal) {
	var request struct{ Object []struct{ Key string } }
	if err := xml.Unmarshal(body, &request); err != nil || len(request.Object) == 0 {
		return o, &refusal{http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"}
	}
	for _, object := range request.Object {
		o.resources = append(o.resources, objectARN(bucket, object.Key))
	}
	return o, nil
}

func bucketARN(bucket string) string { return "arn:aws:s3:::" + bucket }

func objectARN(bucket, key string) string { return bucketARN(bucket) + "/" + key }
