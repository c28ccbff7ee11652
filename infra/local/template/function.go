package template

import (
	"strings"
	"time"
)

// readFunction reads a function with its events and policies. The limits are Lambda's:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func (r *reader) readFunction(res *resource, s *section) Function {
	s.oneOf("Runtime", "", "provided.al2023")
	s.get("FunctionName")
	f := Function{
		ID:          res.id,
		Name:        r.name(res),
		Folder:      strings.TrimSuffix(strings.TrimPrefix(s.required("CodeUri"), "./"), "/"),
		Handler:     s.required("Handler"),
		Timeout:     s.seconds("Timeout", 3, 1, 900),
		MemoryMB:    s.number("MemorySize", 128, 128, 10240),
		Environment: map[string]string{},
	}
	environment := s.open("Environment")
	variables := environment.open("Variables")
	for _, key := range variables.value.keys {
		f.Environment[key] = variables.text(key, "")
	}
	environment.end(nil)
	f.Statements = s.policies()
	events := s.open("Events")
	for _, name := range events.value.keys {
		events.event(&f, name)
	}
	s.end(noEffect.function)
	return f
}

// event reads one event of a function into f.
func (s *section) event(f *Function, name string) {
	event := s.r.open(s.get(name), "function "+f.ID+": event "+name, s.value.line)
	kind := event.required("Type")
	properties := s.r.open(event.get("Properties"), event.where, event.value.line)
	event.end(nil)
	switch kind {
	case "HttpApi":
		f.Routes = append(f.Routes, properties.route(name))
	case "SQS":
		f.Queues = append(f.Queues, properties.queueSource(name))
	case "ScheduleV2":
		f.Schedules = append(f.Schedules, properties.schedule(f.ID+name))
	case "":
	default:
		event.refuse(event.value.line, "type %s is not one the local stack runs", kind)
	}
}

// queueSource reads an SQS event. The limits are those of an event source mapping on a standard queue:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
func (s *section) queueSource(name string) QueueSource {
	q := QueueSource{
		Event:                 name,
		QueueARN:              s.required("Queue"),
		BatchSize:             s.number("BatchSize", 10, 1, 10000),
		MaximumBatchingWindow: s.seconds("MaximumBatchingWindowInSeconds", 0, 0, 300),
		Enabled:               s.truth("Enabled", true),
	}
	if q.BatchSize > 10 && q.MaximumBatchingWindow < time.Second {
		s.refuse(s.value.line, "BatchSize above 10 needs MaximumBatchingWindowInSeconds of at least 1")
	}
	for _, kind := range s.texts("FunctionResponseTypes") {
		if kind != "ReportBatchItemFailures" {
			s.refuse(s.get("FunctionResponseTypes").line, "FunctionResponseTypes %s is not one the local stack runs", kind)
		}
		q.ReportBatchItemFailures = true
	}
	scaling := s.open("ScalingConfig")
	if scaling.get("MaximumConcurrency").kind != absent {
		q.MaximumConcurrency = scaling.number("MaximumConcurrency", 2, 2, 1000)
	}
	scaling.end(nil)
	s.end(nil)
	return q
}

// schedule reads a ScheduleV2 event; id is the logical id that SAM gives to the schedule it makes of it. The expression
// itself is checked by who runs it.
func (s *section) schedule(id string) Schedule {
	s.oneOf("ScheduleExpressionTimezone", "UTC", "UTC")
	schedule := Schedule{
		ID:         id,
		Expression: s.required("ScheduleExpression"),
		Input:      s.text("Input", ""),
		Enabled:    s.oneOf("State", "ENABLED", "ENABLED", "DISABLED") == "ENABLED",
	}
	s.end(noEffect.schedule)
	return schedule
}
