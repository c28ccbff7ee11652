package queue

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// sqsAt plays SQS: it keeps the bodies it gets and answers each batch with answer.
func sqsAt(t *testing.T, answer string) (*Queue, *[][]string) {
	var batches [][]string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Entries []struct{ MessageBody string }
		}
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &in); err != nil {
			t.Error(err)
		}
		var bodies []string
		for _, entry := range in.Entries {
			bodies = append(bodies, entry.MessageBody)
		}
		batches = append(batches, bodies)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	return New(config, server.URL+"/queue"), &batches
}

func TestMessagesAreSentTenACall(t *testing.T) {
	q, batches := sqsAt(t, `{"Successful": [], "Failed": []}`)
	if err := q.Send(t.Context(), make([]Message, 23)...); err != nil {
		t.Fatal(err)
	}
	if len(*batches) != 3 || len((*batches)[0]) != 10 || len((*batches)[2]) != 3 {
		t.Fatalf("batches %v", *batches)
	}
}

func TestWhatIsSentIsWhatIsParsed(t *testing.T) {
	q, batches := sqsAt(t, `{"Successful": [], "Failed": []}`)
	want := Message{Kind: Mail, Shard: 3, ID: "mai_1"}
	if err := q.Send(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := Parse((*batches)[0][0]); got != want || err != nil {
		t.Fatalf("parsed %+v, %v", got, err)
	}
}

func TestINS5_MessagesOfTheReleasesBesideAreRead(t *testing.T) {
	want := Message{Kind: Mail, Shard: 3, ID: "mai_1"}
	for release, body := range map[string]string{
		"before, which knew fewer fields": `{"version": 1, "kind": "mail", "shard": 3, "id": "mai_1"}`,
		"after, which has more":           `{"version": 1, "kind": "mail", "shard": 3, "id": "mai_1", "laterRelease": {"kept": true}, "tree": ""}`,
	} {
		if got, err := Parse(body); got != want || err != nil {
			t.Errorf("of the release %s: %+v, %v", release, got, err)
		}
	}
}

func TestAMessageNotTakenIsAnError(t *testing.T) {
	q, _ := sqsAt(t, `{"Successful": [], "Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": false}]}`)
	if err := q.Send(t.Context(), Message{}); err == nil || !strings.Contains(err.Error(), "InternalError") {
		t.Fatalf("error %v", err)
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, body := range []string{"", "{}", "null", `{"version": 2, "kind": "mail"}`, `{"version": 1, "kind": 7}`} {
		if message, err := Parse(body); err == nil {
			t.Errorf("%q parsed as %+v", body, message)
		}
	}
}
