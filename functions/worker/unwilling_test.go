package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// unwilling is a table that answers those requests of an operation (empty: of any) that name its word with an error of DynamoDB.
type unwilling struct{ operation, word, with string }

func (u unwilling) Do(request *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(request.Body)
	if strings.HasSuffix(request.Header.Get("X-Amz-Target"), u.operation) && bytes.Contains(body, []byte(u.word)) {
		answer := httptest.NewRecorder()
		answer.Header().Set("Content-Type", "application/x-amz-json-1.0")
		answer.WriteHeader(http.StatusBadRequest)
		_, _ = answer.WriteString(`{"__type":"` + u.with + `","message":"no"}`)
		return answer.Result(), nil
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	return http.DefaultClient.Do(request)
}
