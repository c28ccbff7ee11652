package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
)

// client sends requests as the holder of a key.
type client struct {
	url  string
	key  string // empty: as nobody
	http *http.Client
}

// ask sends one request and reads the answer into out, which may be nil. An answer that is no success is an error.
func (c *client) ask(ctx context.Context, method, path string, in, out any) error {
	_, err := c.trace(ctx, method, path, in, out)
	return err
}

// trace is ask, and gives the stack's id of the request, by which its calls can be looked up.
func (c *client) trace(ctx context.Context, method, path string, in, out any) (id string, err error) {
	id, _, err = c.sized(ctx, method, path, in, out)
	return id, err
}

// sized is trace, and gives the length of the answer too.
func (c *client) sized(ctx context.Context, method, path string, in, out any) (id string, size int, err error) {
	body := []byte{}
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return "", 0, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return "", 0, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	request.Header.Set("X-Local-Source", fmt.Sprintf("198.18.%d.%d", rand.N(256), rand.N(256))) // the rates by address are not measured
	answer, err := c.http.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = &refusal{status: answer.StatusCode, text: fmt.Sprintf("%s %s: %d %s", method, path, answer.StatusCode, text)}
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	return answer.Header.Get("X-Local-Request"), len(text), err
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	text   string
}

// Error tells the request and the whole answer.
func (r *refusal) Error() string { return r.text }

// call is a call of the trace of a request.
type call struct {
	Service, Action, Resource       string
	Items, ItemsRead, ItemsReturned int
	ReadUnits, WriteUnits           float64
}

// calls are those that the request made.
func (c *client) calls(ctx context.Context, request string) ([]call, error) {
	var trace struct{ Calls []call }
	err := c.ask(ctx, http.MethodGet, "/_local/requests/"+request, nil, &trace)
	return trace.Calls, err
}
