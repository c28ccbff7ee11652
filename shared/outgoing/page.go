package outgoing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Page is what was found at an address.
type Page struct {
	URL         string // where it was found, after the redirects
	ContentType string // as the server says, not to be relied on
	Body        []byte // decompressed, at most 1 MB
}

// Fetch gets the page at an address, as Check takes it. accept is the media type wanted. It errs with a *Refusal for whatever
// is the address's or the other side's doing, an answer other than 200 included; with what ended ctx; with nothing else.
func (c *Client) Fetch(ctx context.Context, address, accept string) (*Page, error) {
	target, err := c.Check(address)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, refuse(Malformed, err, "This is not a web address.")
	}
	request.Header.Set("Accept", accept)
	page, err := c.get(request)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("fetch %s: %w", target.Redacted(), context.Cause(ctx))
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", target.Redacted(), explain(target.Hostname(), err))
	}
	return page, nil
}

func (c *Client) get(request *http.Request) (*Page, error) {
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	found := answer.Request.URL
	if answer.StatusCode != http.StatusOK {
		refusal := refuse(Unreadable, nil, "%s answers with the status %d.", found.Hostname(), answer.StatusCode)
		return nil, errors.Join(refusal, answer.Body.Close())
	}
	if coded := answer.Header.Get("Content-Encoding"); coded != "" {
		refusal := refuse(Unreadable, nil, "%s compresses its answer in a way that was not asked for.", found.Hostname())
		return nil, errors.Join(refusal, answer.Body.Close())
	}
	content, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	return &Page{URL: found.String(), ContentType: answer.Header.Get("Content-Type"), Body: content}, nil
}
