package wire

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/tenantry/tenantry/infra/local/trace"
)

// answer is what goes back to the caller. cut means that the connection ends without one.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool
}

// refusal is an error of a service before it takes its protocol's form.
type refusal struct {
	status  int
	code    string
	message string
}

// write sends the answer. A cut connection looks to the caller like a time-out of the network.
func (a answer) write(w http.ResponseWriter) {
	if a.cut {
		panic(http.ErrAbortHandler) // net/http's way to end a connection without an answer
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(a.body) > 0 || a.header.Get("Content-Length") == "" { // the answer to a HEAD has the length of what it leaves out
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the caller has gone, there is nobody to tell
}

// record notes status, error code and cancellation reasons.
func (a answer) record(call *trace.Call) {
	if a.cut {
		return
	}
	call.Status = a.status
	if a.status < 300 {
		return
	}
	var e struct {
		Type                string `json:"__type"`
		CancellationReasons []struct{ Code string }
	}
	_ = json.Unmarshal(a.body, &e) // an error that is no JSON object has no code
	call.Error = e.Type[strings.LastIndex(e.Type, "#")+1:]
	if header := a.header.Get("X-Amzn-Errortype"); header != "" {
		call.Error = header
	}
	var inXML objectError
	if call.Error == "" && xml.Unmarshal(a.body, &inXML) == nil {
		call.Error = inXML.Code
	}
	for _, reason := range e.CancellationReasons {
		if reason.Code != "None" {
			call.Reasons = append(call.Reasons, reason.Code)
		}
	}
}

// jsonAnswer is an answer of the AWS JSON protocol of the version, with the checksum that DynamoDB's clients verify.
func jsonAnswer(version string, status int, body any) answer {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("wire: an answer cannot be encoded: %v", err)) // it is made of strings, numbers and raw JSON
	}
	header := http.Header{}
	header.Set("Content-Type", "application/x-amz-json-"+version)
	return answer{status: status, header: header, body: encoded}.summed()
}

// summed returns the answer with the CRC-32 of its body.
func (a answer) summed() answer {
	a.header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(a.body)), 10))
	return a
}
