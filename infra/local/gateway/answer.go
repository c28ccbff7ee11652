package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
)

// answer is a function's answer in payload format 2.0. The format has no multiValueHeaders: they are ignored.
type answer struct {
	events.APIGatewayV2HTTPResponse
	StatusCode *int `json:"statusCode"` // nil: the answer is the body alone
}

// Answer writes what the function returned. JSON without a statusCode is a body of its own with status 200. It fails, with
// nothing written, where the gateway answers 500: no JSON, a status that is none, headers or a body of another type, a body
// that is not base64 though it says so.
func Answer(w http.ResponseWriter, payload []byte) error {
	response, err := parse(payload)
	if err != nil {
		return fmt.Errorf("the function's answer: %w", err)
	}
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			return fmt.Errorf("the function's answer: its body: %w", err)
		}
	}
	h := w.Header()
	for name, value := range response.Headers {
		if !slices.Contains(gatewaysOwn, http.CanonicalHeaderKey(name)) {
			h.Set(name, value)
		}
	}
	for _, cookie := range response.Cookies {
		h.Add("Set-Cookie", cookie)
	}
	if response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified {
		w.WriteHeader(response.StatusCode)
		return nil
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body) // a client that has left needs no answer; for HEAD the server sends none
	return nil
}

// gatewaysOwn are headers that only the gateway knows.
var gatewaysOwn = []string{"Connection", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding", "Upgrade"}

// parse reads the answer, inferring the format where there is no status
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
func parse(payload []byte) (events.APIGatewayV2HTTPResponse, error) {
	if !json.Valid(payload) {
		return events.APIGatewayV2HTTPResponse{}, errors.New("it is not JSON")
	}
	if !hasStatus(payload) {
		return inferred(payload), nil
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	if a.StatusCode == nil || *a.StatusCode < 200 || *a.StatusCode > 599 {
		return events.APIGatewayV2HTTPResponse{}, errors.New("its statusCode is not a final HTTP status")
	}
	response := a.APIGatewayV2HTTPResponse
	response.StatusCode = *a.StatusCode
	return response, nil
}

func hasStatus(payload []byte) bool {
	var fields map[string]json.RawMessage
	if json.Unmarshal(payload, &fields) != nil {
		return false // another JSON value than an object
	}
	_, ok := fields["statusCode"]
	return ok
}

// inferred is the response that AWS makes of a bare value: the value as JSON, a string as its characters.
func inferred(payload []byte) events.APIGatewayV2HTTPResponse {
	body := string(payload)
	var text string
	if json.Unmarshal(payload, &text) == nil && body != "null" {
		body = text
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusOK,
		Headers:    map[string]string{"Content-Type": "application/json"},
		Body:       body,
	}
}
