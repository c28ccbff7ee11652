package schedule

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// defaultInput is what the Scheduler sends to a function where a schedule has no input. As there, detail is a string.
const defaultInput = `{"version":"0","id":"<aws.scheduler.execution-id>","detail-type":"Scheduled Event","source":"aws.scheduler",` +
	`"account":"` + template.Account + `","time":"<aws.scheduler.scheduled-time>","region":"` + template.Region + `",` +
	`"resources":["<aws.scheduler.schedule-arn>"],"detail":"{}"}`

// payload is the input of a run with the Scheduler's context attributes filled in. The attempt is always the first: a
// function that fails is tried again by Lambda, with the same event, not by the Scheduler.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
func (s *scheduled) payload(at time.Time) []byte {
	return []byte(fill(s.Schedule, at))
}

func fill(s template.Schedule, at time.Time) string {
	input := s.Input
	if input == "" {
		input = defaultInput
	}
	id := make([]byte, 8)
	rand.Read(id)
	return strings.NewReplacer(
		"<aws.scheduler.scheduled-time>", at.UTC().Format("2006-01-02T15:04:05Z"),
		"<aws.scheduler.execution-id>", hex.EncodeToString(id),
		"<aws.scheduler.attempt-number>", "1",
		"<aws.scheduler.schedule-arn>", "arn:"+template.Partition+":scheduler:"+template.Region+":"+template.Account+":schedule/default/"+s.ID,
	).Replace(input)
}

var contextAttribute = regexp.MustCompile(`<aws\.scheduler\.[^>]*>`)

// checkInput refuses an input that is no JSON, or that keeps a context attribute the Scheduler does not have.
func checkInput(s template.Schedule) error {
	filled := fill(s, time.Time{})
	if left := contextAttribute.FindString(filled); left != "" {
		return fmt.Errorf("the Scheduler has no context attribute %s", left)
	}
	if !json.Valid([]byte(filled)) {
		return errors.New("its Input is not JSON")
	}
	return nil
}
