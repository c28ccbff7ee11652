package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
)

// leftForBulk is the time of an invocation that no operation of a bulk is begun in any more.
const leftForBulk = 5 * time.Second

// bulk answers POST of a bulk (RFC 7644 section 3.7): its operations one by one, each as if it was sent alone. Each is done or not; the
// bulk is no unit.
func (d *door) bulk(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	if r.Method != http.MethodPost {
		return nil, methods(http.MethodPost)
	}
	body, err := io.ReadAll(r.Body) // which the server has bounded
	if err != nil {
		return nil, err
	}
	b, err := scim.ReadBulk(body, func(of *scim.ResourceType) string {
		if of == scim.Group {
			return id.New(id.Group)
		}
		return id.New(id.User)
	})
	if err != nil {
		return nil, err
	}
	var results []scim.BulkResult
	for failed := 0; len(b.Operations) > 0 && (b.FailOnErrors == 0 || failed < b.FailOnErrors); {
		op := b.Operations[0]
		b.Operations = b.Operations[1:]
		result, made := d.operate(ctx, idp, r, op)
		if result.Refusal != nil {
			failed++
		}
		if made != "" && made != op.ID { // somebody of the tree, who was taken over
			b.Mean(op.ID, made)
		}
		results = append(results, result)
	}
	return &reply{status: http.StatusOK, body: scim.BulkResponse(results)}, nil
}

// operate does an operation of the bulk r, and writes it into the SCIM log: one that could not be read as the bulk's. made is the id of what it created.
func (d *door) operate(ctx context.Context, idp *caller, bulk *http.Request, op scim.BulkOperation) (result scim.BulkResult, made string) {
	result = scim.BulkResult{Number: op.Number, Method: op.Method, BulkID: op.BulkID}
	ctx = withRemarks(ctx)
	began := d.Clock()
	if op.Refusal != nil {
		result.Refusal = op.Refusal
		remark(ctx, []string{fmt.Sprintf("operation %d of the bulk", op.Number+1)})
		d.record(ctx, idp, bulk, &reply{status: op.Refusal.Status, body: op.Refusal}, began)
		return result, ""
	}
	r := requestFor(ctx, op)
	out, err := d.inTime(ctx, idp, r)
	if err != nil {
		out = d.refusal(ctx, err)
		result.Refusal, _ = out.body.(*scim.Error)
	}
	d.record(ctx, idp, r, out, began)
	result.Status, result.Version = out.status, out.headers["ETag"]
	if op.Method == http.MethodPost {
		if resource, is := out.body.(scim.Object); is {
			made, _ = resource["id"].(string)
		}
		result.Location = out.headers["Location"]
	} else {
		result.Location = scim.Location(idp.base, op.Type, op.ID)
	}
	return result, made
}

// inTime does what an operation asks for, as a call of the connection, where there is time left for it.
func (d *door) inTime(ctx context.Context, idp *caller, r *http.Request) (*reply, error) {
	if ends, known := ctx.Deadline(); known && time.Until(ends) < leftForBulk {
		return nil, scim.Refused(http.StatusServiceUnavailable, "There was no time left for this operation: nothing of it is done. Send it again.")
	}
	if err := d.count(ctx, idp); err != nil {
		return nil, err
	}
	return d.route(ctx, idp, r)
}

// requestFor is the request that an operation of a bulk stands for.
func requestFor(ctx context.Context, op scim.BulkOperation) *http.Request {
	path := op.Type.Endpoint
	if op.Method == http.MethodPost {
		ctx = context.WithValue(ctx, wished{}, op.ID)
	} else {
		path += "/" + op.ID
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, "/", bytes.NewReader(op.Data))
	if err != nil { // whose method package scim has checked
		panic(err)
	}
	r.SetPathValue("rest", path)
	if op.Version != "" {
		r.Header.Set("If-Match", op.Version)
	}
	return r
}

// wished is the key of the id that what a request creates is to have.
type wished struct{}

// newID is the id of what a request creates: that which other operations of its bulk name it by, or any.
func newID(ctx context.Context, kind id.Kind) string {
	if wish, is := ctx.Value(wished{}).(string); is {
		return wish
	}
	return id.New(kind)
}
