package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// dump is everything that is stored anywhere, a text for each item of the table, object of the bucket and message of a
// queue. Items that have expired at that time are left out: DynamoDB deletes those, which the emulator does not.
func dump(t testing.TB, at time.Time) []string {
	t.Helper()
	return append(append(dumpTable(t, at), dumpBucket(t)...), dumpQueues(t)...)
}

func dumpTable(t testing.TB, at time.Time) (all []string) {
	t.Helper()
	o := rawTable(t)
	pages := dynamodb.NewScanPaginator(o.client, &dynamodb.ScanInput{TableName: &o.name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("scan the table: %v", err)
		}
		for _, item := range page.Items {
			one := asRow(t, item)
			if ends, expires := one["expiresAt"].(float64); expires && int64(ends) <= at.Unix() {
				continue
			}
			all = append(all, asText(t, one))
		}
	}
	return all
}

func dumpBucket(t testing.TB) (all []string) {
	t.Helper()
	after := ""
	for more := true; more; {
		page, others, err := bucket(t).List(t.Context(), "", after, 1000)
		if err != nil {
			t.Fatalf("list the bucket: %v", err)
		}
		for _, object := range page {
			after = object.Key
			content, err := bucket(t).Get(t.Context(), object.Key, 64<<20)
			if err != nil {
				continue // another test has removed it
			}
			all = append(all, object.Key+"\n"+string(content))
		}
		more = others
	}
	return all
}

func dumpQueues(t testing.TB) (all []string) {
	t.Helper()
	var queues []struct{ Messages []struct{ Body string } }
	stack.Local(t, "GET", "queues", nil).JSON(t, &queues)
	for _, queue := range queues {
		for _, message := range queue.Messages {
			all = append(all, message.Body)
		}
	}
	return all
}

func asText(t testing.TB, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// nothingOf fails the test for every text of a dump in which one of the needles stands, in whatever case.
func nothingOf(t testing.TB, dumped []string, needles ...string) {
	t.Helper()
	shown := 0
	for _, text := range dumped {
		folded := strings.ToLower(text)
		for _, needle := range needles {
			if needle != "" && strings.Contains(folded, strings.ToLower(needle)) && shown < 20 {
				shown++
				t.Errorf("%s still stands in %s", needle, fmt.Sprintf("%.400s", text))
			}
		}
	}
}
