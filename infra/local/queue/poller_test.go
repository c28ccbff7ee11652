package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/template"
)

// worker is a function that writes down what it gets.
type worker struct {
	answer func(events.SQSEvent) (string, error)

	mu      sync.Mutex
	batches [][]string // bodies
}

func (w *worker) Invoke(_ context.Context, function string, payload []byte) ([]byte, error) {
	var event events.SQSEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	var bodies []string
	for _, m := range event.Records {
		bodies = append(bodies, m.Body)
	}
	w.mu.Lock()
	w.batches = append(w.batches, bodies)
	w.mu.Unlock()
	if w.answer == nil {
		return nil, nil
	}
	response, err := w.answer(event)
	return []byte(response), err
}

// seen is what it got so far, once all that can happen now has happened. It is for use in a bubble.
func (w *worker) seen() [][]string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.batches)
}

// poll runs a poller for a source of queue Jobs until the test ends. It is for use in a bubble.
func poll(t *testing.T, s *Service, w *worker, change func(*template.QueueSource, *Poller)) {
	t.Helper()
	source := template.QueueSource{Event: "Work", QueueARN: "arn:jobs", BatchSize: 10, ReportBatchItemFailures: true, Enabled: true}
	p := &Poller{}
	if change != nil {
		change(&source, p)
	}
	made, err := NewPoller(s, []template.Function{{ID: "Worker", Queues: []template.QueueSource{source}}}, w, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	made.Redelivery = p.Redelivery
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		made.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func TestAFunctionGetsTheEventThatLambdaSends(t *testing.T) {
	q := &queue{Queue: jobs(nil)[0]}
	text := "mail"
	at := time.UnixMilli(1700000000123)
	got, err := event(q, []message{{ID: "id", Body: "<x>", Sent: at, FirstReceived: at, Receives: 3, Attributes: map[string]attribute{"kind": {DataType: "String", StringValue: &text}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Records":[{"messageId":"id","receiptHandle":"aWQgMw==","body":"<x>","md5OfBody":"` + md5Hex([]byte("<x>")) + `",` +
		`"md5OfMessageAttributes":"` + (&message{Attributes: map[string]attribute{"kind": {DataType: "String", StringValue: &text}}}).md5OfAttributes() + `",` +
		`"attributes":{"ApproximateFirstReceiveTimestamp":"1700000000123","ApproximateReceiveCount":"3","SenderId":"AIDALOCAL","SentTimestamp":"1700000000123"},` +
		`"messageAttributes":{"kind":{"stringValue":"mail","stringListValues":[],"binaryListValues":[],"dataType":"String"}},` +
		`"eventSourceARN":"arn:jobs","eventSource":"aws:sqs","awsRegion":"us-east-1"}]}` + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyTheFailedMessagesOfABatchComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{}
		send(t, s, "good")
		bad := send(t, s, "bad")
		w.answer = func(e events.SQSEvent) (string, error) {
			if e.Records[0].Attributes["ApproximateReceiveCount"] == "1" {
				return fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, bad), nil
			}
			return "", nil
		}
		poll(t, s, w, nil)
		start := time.Now()
		if err := s.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(w.seen()) != 2 || len(w.seen()[0]) != 2 || w.seen()[1][0] != "bad" || time.Since(start) != time.Minute {
			t.Errorf("batches %v after %v", w.seen(), time.Since(start))
		}
	})
}

func TestHowAResponseIsRead(t *testing.T) {
	batch := []message{{ID: "a"}, {ID: "b"}}
	for response, want := range map[string]string{
		``:                                "none",
		`null`:                            "none",
		`{}`:                              "none",
		`{"batchItemFailures":null}`:      "none",
		`{"batchItemFailures":[]}`:        "none",
		`{"BatchItemFailures":[{"x":1}]}`: "none", // another key: AWS sees no failures
		`{"batchItemFailures":[{"itemIdentifier":"b"}]}`:                        "b",
		`{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}`: "a b",
		`{"batchItemFailures":[{"itemIdentifier":""}]}`:                         "error",
		`{"batchItemFailures":[{"itemIdentifier":null}]}`:                       "error",
		`{"batchItemFailures":[{"itemIdentifier":"c"}]}`:                        "error",
		`{"batchItemFailures":[{"ItemIdentifier":"b"}]}`:                        "error",
		`{"batchItemFailures":"b"}`:                                             "error",
		`[]`:                                                                    "error",
		`{`:                                                                     "error",
	} {
		failed, err := failures([]byte(response), batch)
		got := ""
		for _, m := range batch {
			if failed[m.ID] {
				got = strings.TrimSpace(got + " " + m.ID)
			}
		}
		if err != nil {
			got = "error"
		} else if got == "" {
			got = "none"
		}
		if got != want {
			t.Errorf("%s fails %s, want %s", response, got, want)
		}
	}
}

func TestAWholeBatchComesBack(t *testing.T) {
	for name, answer := range map[string]func(events.SQSEvent) (string, error){
		"when the function fails":         func(events.SQSEvent) (string, error) { return "", errors.New("crash") },
		"when the response is broken":     func(events.SQSEvent) (string, error) { return "{", nil },
		"when it names another's message": func(events.SQSEvent) (string, error) { return `{"batchItemFailures":[{"itemIdentifier":"x"}]}`, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, w := open(t, "", jobs(nil)), &worker{answer: answer}
				send(t, s, "a")
				send(t, s, "b")
				poll(t, s, w, nil)
				time.Sleep(3 * time.Minute)
				if state := s.Snapshot()[0]; len(w.seen()) != 2 || len(w.seen()[1]) != 2 || state.Dead != 2 {
					t.Errorf("batches %v, then %+v", w.seen(), state)
				}
			})
		})
	}
}

func TestRedeliveryCanBeSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{answer: func(e events.SQSEvent) (string, error) {
			if e.Records[0].Attributes["ApproximateReceiveCount"] == "1" {
				return "", errors.New("crash")
			}
			return "", nil
		}}
		send(t, s, "x")
		poll(t, s, w, func(_ *template.QueueSource, p *Poller) { p.Redelivery = time.Second })
		start := time.Now()
		if err := s.Idle(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Error(err, time.Since(start))
		}
	})
}

func TestWithoutReportsTheResponseDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{answer: func(events.SQSEvent) (string, error) { return `{"batchItemFailures":[{}]}`, nil }}
		send(t, s, "x")
		poll(t, s, w, func(q *template.QueueSource, _ *Poller) { q.ReportBatchItemFailures = false })
		synctest.Wait()
		if s.queue("Jobs").Len() != 0 {
			t.Error("the message is still there")
		}
	})
}

func TestABatchWaitsForItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{}
		poll(t, s, w, func(q *template.QueueSource, _ *Poller) {
			q.BatchSize, q.MaximumBatchingWindow, q.MaximumConcurrency = 3, 5*time.Second, 1
		})
		for _, body := range strings.Split("abcd", "") {
			send(t, s, body)
			time.Sleep(time.Second)
		}
		if len(w.seen()) != 1 || len(w.seen()[0]) != 3 {
			t.Errorf("a full batch does not wait: %v", w.seen())
		}
		time.Sleep(5 * time.Second)
		if len(w.seen()) != 2 || len(w.seen()[1]) != 1 {
			t.Errorf("the window is over: %v", w.seen())
		}
	})
}

func TestNoMoreBatchesAtOnceThanAllowed(t *testing.T) {
	for bound, want := range map[int]int{0: 2, 3: 3} {
		synctest.Test(t, func(t *testing.T) {
			s, w := open(t, "", jobs(nil)), &worker{}
			w.answer = func(events.SQSEvent) (string, error) {
				time.Sleep(time.Second)
				return "", nil
			}
			for range 8 {
				send(t, s, "x")
			}
			poll(t, s, w, func(q *template.QueueSource, _ *Poller) { q.BatchSize, q.MaximumConcurrency = 1, bound })
			if len(w.seen()) != want {
				t.Errorf("bound %d: %d at once", bound, len(w.seen()))
			}
		})
	}
}

func TestABatchStaysBelowThePayloadLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{}
		for range 10 {
			send(t, s, strings.Repeat("<", 1<<20))
		}
		poll(t, s, w, func(q *template.QueueSource, _ *Poller) { q.MaximumBatchingWindow = time.Second })
		if err := s.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(w.seen()) != 2 || len(w.seen()[0]) != 5 {
			t.Errorf("%d batches, the first of %d", len(w.seen()), len(w.seen()[0]))
		}
	})
}

func TestADisabledSourceIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, "", jobs(nil)), &worker{}
		send(t, s, "x")
		poll(t, s, w, func(q *template.QueueSource, _ *Poller) { q.Enabled = false })
		time.Sleep(time.Hour)
		if len(w.seen()) != 0 {
			t.Error(w.seen())
		}
	})
}
