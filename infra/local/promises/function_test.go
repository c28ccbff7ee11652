package promises

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// logged: every function writes JSON into a log group of its own, which forgets after the time of the parameter.
func logged(d document) (findings []string) {
	groups := d.kind("AWS::Logs::LogGroup")
	for _, id := range ids(groups) {
		if groups[id].at("Properties").text("RetentionInDays") != "LogRetentionDays" {
			say(&findings, "log group %s keeps its lines for another time than LogRetentionDays", id)
		}
	}
	owners := map[string]string{}
	functions := d.functions()
	for _, id := range ids(functions) {
		logging := functions[id].at("LoggingConfig")
		group := logging.text("LogGroup")
		if groups[group] == nil || owners[group] != "" {
			say(&findings, "%s has no log group of its own", id)
		}
		owners[group] = id
		if logging["LogFormat"] != "JSON" {
			say(&findings, "%s does not log JSON", id)
		}
	}
	return findings
}

// watched: every function has an alarm for its errors and one for its throttles.
func watched(d document) (findings []string) {
	alarms := d.kind("AWS::CloudWatch::Alarm")
	for _, id := range ids(d.functions()) {
		for _, metric := range []string{"Errors", "Throttles"} {
			alarm := alarms[strings.TrimSuffix(id, "Function")+metric].at("Properties")
			if alarm["MetricName"] != metric || alarm["Namespace"] != "AWS/Lambda" || uses(alarm["Dimensions"], id) != 1 {
				say(&findings, "%s has no alarm for %s", id, metric)
			}
		}
	}
	return findings
}

// deployed: every function is built for ARM64, and moves to a new release as the parameter says, and back on its own alarm or
// that of all requests.
func deployed(d document) (findings []string) {
	functions := d.functions()
	for _, id := range ids(functions) {
		f := functions[id]
		if !slices.Equal(f.list("Architectures"), []any{"arm64"}) {
			say(&findings, "%s is not built for arm64", id)
		}
		if f["AutoPublishAlias"] != "live" || f["AutoPublishAliasAllProperties"] != "true" || !strings.HasPrefix(f.text("Description"), "not deployed") {
			say(&findings, "%s does not publish a version for whatever changes", id)
		}
		preference := f.at("DeploymentPreference")
		choice := preference.at("Alarms").list("Fn::If")
		if preference.text("Type") != "DeploymentType" || len(choice) != 3 || choice[0] != "RollsBack" ||
			uses(choice[1], strings.TrimSuffix(id, "Function")+"Errors") != 1 || uses(choice[1], "ServerErrors") != 1 {
			say(&findings, "%s is not taken back on its own errors and on those of all requests", id)
		}
		if f.at("PermissionsBoundary")["Fn::If"] == nil {
			say(&findings, "%s does not take the permissions boundary", id)
		}
	}
	return findings
}

// inTime: what a gateway waits for ends before it stops waiting, and a message is not delivered again while it is worked on:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html advises six times the function's time.
func inTime(d document) (findings []string) {
	functions, queues := d.functions(), d.kind("AWS::SQS::Queue")
	for route := range d.events("HttpApi") {
		if id, _, _ := strings.Cut(route, "."); number(functions[id], "Timeout") >= 30 {
			say(&findings, "%s may run longer than the gateway waits", id)
		}
	}
	for source, event := range d.events("SQS") {
		id, _, _ := strings.Cut(source, ".")
		queue := strings.TrimSuffix(event.text("Queue"), ".Arn")
		if number(queues[queue].at("Properties"), "VisibilityTimeout") < 6*number(functions[id], "Timeout") {
			say(&findings, "messages of %s come again before six times the Timeout of %s", queue, id)
		}
		if event.at("ScalingConfig").text("MaximumConcurrency") != "WorkerConcurrency" {
			say(&findings, "%s is not bounded by WorkerConcurrency", source)
		}
		if functions[id]["RecursiveLoop"] != "Allow" && sends(functions[id], queue) {
			say(&findings, "%s hands work on to itself over %s, which Lambda stops unless RecursiveLoop allows it", id, queue)
		}
	}
	slices.Sort(findings)
	return slices.Compact(findings)
}

func number(o object, key string) int {
	n, _ := strconv.Atoi(o.text(key))
	return n
}

// sends tells whether the function may send to the queue.
func sends(function object, queue string) bool {
	for _, s := range statements(function) {
		if texts(s["Action"])[0] == "sqs:SendMessage" && slices.Contains(texts(s["Resource"]), queue+".Arn") {
			return true
		}
	}
	return false
}

func statements(function object) (all []object) {
	for _, policy := range function.list("Policies") {
		for _, statement := range policy.(object).list("Statement") {
			all = append(all, statement.(object))
		}
	}
	return all
}

// texts are the names in a scalar or a list.
func texts(v any) (all []string) {
	if list, ok := v.([]any); ok {
		for _, item := range list {
			all = append(all, named(item))
		}
		return all
	}
	return []string{named(v)}
}

// objects are those of a bucket whose keys begin with a folder: named as narrowly as they can be.
var objects = regexp.MustCompile(`^\$\{Bucket\.Arn\}/[a-z]+/\*$`)

// narrow: a function may do what it names, to what it names; where it says *, a comment says why.
func narrow(d document) (findings []string) {
	functions := d.functions()
	for _, id := range ids(functions) {
		for _, s := range statements(functions[id]) {
			for _, action := range texts(s["Action"]) {
				if strings.Contains(action, "*") {
					say(&findings, "%s may do %s", id, action)
				}
			}
			for _, resource := range texts(s["Resource"]) {
				if strings.Contains(resource, "*") && !objects.MatchString(resource) && !d.explained(resource) {
					say(&findings, "%s may act on %s, and no comment says why", id, resource)
				}
			}
		}
	}
	return findings
}

// explained tells whether each line that has the words stands below a comment.
func (d document) explained(words string) bool {
	lines := strings.Split(d.text, "\n")
	for i, line := range lines {
		if strings.Contains(line, words) && !strings.HasPrefix(strings.TrimSpace(lines[i-1]), "#") {
			return false
		}
	}
	return true
}

// runsEverywhere: two stacks of one account do not take each other's names, and schedules take the boundary as functions do.
func runsEverywhere(d document) (findings []string) {
	for name, schedule := range d.events("ScheduleV2") {
		if schedule["OmitName"] != "true" || schedule.at("PermissionsBoundary")["Fn::If"] == nil {
			say(&findings, "schedule %s has a name that another stack may have too, or no boundary", name)
		}
	}
	for id, kind := range map[string]string{"FunctionName": "AWS::Serverless::Function", "TableName": "AWS::DynamoDB::Table", "QueueName": "AWS::SQS::Queue"} {
		for name, resource := range d.kind(kind) {
			if resource.at("Properties")[id] != nil {
				say(&findings, "%s has a fixed %s", name, id)
			}
		}
	}
	for name, group := range d.kind("AWS::Logs::LogGroup") {
		if !strings.Contains(group.at("Properties").text("LogGroupName"), "${AWS::StackName}") {
			say(&findings, "log group %s has a name that another stack may have too", name)
		}
	}
	slices.Sort(findings)
	return findings
}
