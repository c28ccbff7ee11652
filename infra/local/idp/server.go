package idp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// server is the SCIM server that a directory calls, with the calls so far.
type server struct {
	client *http.Client
	base   string
	query  string // in the tenant URL, with every call
	token  string
	agent  string // empty: none is sent
	now    func() time.Time
	calls  []Call
}

// refusal is an answer other than success.
type refusal struct {
	status int
	detail string
}

// Error gives the status with the server's sentence.
func (r *refusal) Error() string { return fmt.Sprintf("the server answers %d: %s", r.status, r.detail) }

// lost tells whether the server does not have what it was told of.
func lost(err error) bool {
	var answer *refusal
	return errors.As(err, &answer) && answer.status == http.StatusNotFound
}

// largestAnswer is how much of an answer is read.
const largestAnswer = 4 << 20

// call sends body as JSON, where there is one, and gives the answer's.
func (s *server) call(ctx context.Context, method, path, query string, body map[string]any) (map[string]any, error) {
	all := strings.Trim(s.query+"&"+query, "&")
	if all != "" {
		all = "?" + all
	}
	made := Call{At: s.now(), Method: method, Path: path + all}
	var text []byte
	if body != nil {
		text, made.Sent = asSent(body)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(s.base, "/")+made.Path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/scim+json")
	request.Header.Set("User-Agent", s.agent)
	if body != nil {
		request.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	answered, err := s.send(request, &made)
	s.calls = append(s.calls, made)
	return answered, err
}

func (s *server) send(request *http.Request, made *Call) (answered map[string]any, err error) {
	answer, err := s.client.Do(request)
	if err != nil {
		made.Answered = err.Error()
		return nil, err
	}
	defer answer.Body.Close()
	made.Status = answer.StatusCode
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	made.Answered = string(text)
	if err == nil && len(text) > 0 {
		if err = json.Unmarshal(text, &answered); err == nil {
			_, made.Answered = asSent(answered)
		}
	}
	if made.Failed() {
		detail, _ := answered["detail"].(string)
		return answered, &refusal{made.Status, detail}
	}
	return answered, err
}

// create posts what is new, and gives the id that it got.
func (s *server) create(ctx context.Context, path string, body map[string]any) (remote string, err error) {
	made, err := s.call(ctx, http.MethodPost, path, "", body)
	remote, _ = made["id"].(string)
	if err == nil && remote == "" {
		err = errors.New("the server's answer has no id")
	}
	return remote, err
}

// patch sends operations.
func (s *server) patch(ctx context.Context, path string, operations ...map[string]any) error {
	_, err := s.call(ctx, http.MethodPatch, path, "", map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": operations})
	return err
}

// asSent is a body as it is sent and as it is shown.
func asSent(body map[string]any) (text []byte, shown string) {
	var sent, pretty bytes.Buffer
	for buffer, indent := range map[*bytes.Buffer]string{&sent: "", &pretty: "  "} {
		encoder := json.NewEncoder(buffer)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", indent)
		_ = encoder.Encode(body) // of what JSON has, into memory
	}
	return sent.Bytes(), strings.TrimSpace(pretty.String())
}

// filter is a query with a filter, spaces as %20.
func filter(text string) string {
	return "filter=" + strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// quoted is a text as a filter has it.
func quoted(text string) string {
	encoded, _ := json.Marshal(text)
	return string(encoded)
}
