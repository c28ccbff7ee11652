package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnswersBecomeResponses(t *testing.T) {
	for name, c := range map[string]struct {
		answer, contentType, body string
		status                    int
	}{
		"status, headers, body": {`{"statusCode":201,"headers":{"content-type":"application/json"},"body":"{}"}`, "application/json", "{}", 201},
		"base64":                {`{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVBO","isBase64Encoded":true}`, "image/png", "\x89PN", 200},
		"no content type":       {`{"statusCode":404,"body":"x"}`, "text/plain;charset=UTF-8", "x", 404},
		"no content":            {`{"statusCode":204,"body":""}`, "", "", 204},
		"inferred object":       {`{"message":"hi"}`, "application/json", `{"message":"hi"}`, 200},
		"inferred string":       {`"hi"`, "application/json", "hi", 200},
		"inferred list":         {`[1]`, "application/json", "[1]", 200},
		"no status":             {`{"statusCode":0,"body":"x"}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"another type":          {`{"statusCode":"200 OK"}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"body of another type":  {`{"statusCode":200,"body":{"a":1}}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"false base64":          {`{"statusCode":200,"body":"?","isBase64Encoded":true}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"no JSON":               {`hello`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"nothing":               {``, "application/json", `{"message":"Internal Server Error"}`, 500},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, says(c.answer))
			resp, body := do(t, request(t, "GET", s.url+"/v1/organizations", nil))
			if resp.StatusCode != c.status || body != c.body || resp.Header.Get("Content-Type") != c.contentType {
				t.Errorf("%d %q %q", resp.StatusCode, resp.Header.Get("Content-Type"), body)
			}
		})
	}
}

func TestCookiesAreSetOneByOne(t *testing.T) {
	s := serve(t, says(`{"statusCode":200,"cookies":["a=1; Path=/","b=2"],"headers":{"date":"never","content-length":"999","ETag":"W/\"1\""},"multiValueHeaders":{"X-No":["1"]}}`))
	resp, _ := do(t, request(t, "GET", s.url+"/v1/organizations", nil))
	if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, resp.Header.Values("Set-Cookie")); diff != "" {
		t.Error(diff)
	}
	if resp.Header.Get("Date") == "never" || resp.Header.Get("X-No") != "" || resp.Header.Get("ETag") != `W/"1"` || resp.ContentLength != 0 {
		t.Errorf("headers: %v", resp.Header)
	}
}
