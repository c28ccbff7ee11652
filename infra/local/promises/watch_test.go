package promises

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// told: every alarm is called like the stack and itself, tells the topic when it begins and when it ends, says what missing
// data mean, and where to read on.
func told(d document) (findings []string) {
	alarms := d.kind("AWS::CloudWatch::Alarm")
	for _, id := range ids(alarms) {
		p := alarms[id].at("Properties")
		if p.text("AlarmName") != "${AWS::StackName}-"+id {
			say(&findings, "alarm %s has another name", id)
		}
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if !slices.Equal(texts(p[actions]), []string{"AlarmTopic"}) {
				say(&findings, "alarm %s tells nobody by %s", id, actions)
			}
		}
		if p["TreatMissingData"] == nil || !strings.Contains(p.text("AlarmDescription"), " docs/operate.md#") {
			say(&findings, "alarm %s does not say what missing data mean, or where to read on", id)
		}
	}
	return findings
}

// counted: what is counted from log lines is written by the functions' code, and what an alarm or the dashboard shows of it is
// counted.
func counted(t *testing.T) promise {
	written := eventsOfCode(t)
	return func(d document) (findings []string) {
		filters, metrics := d.kind("AWS::Logs::MetricFilter"), map[string]bool{}
		for _, id := range ids(filters) {
			p := filters[id].at("Properties")
			metrics[p.list("MetricTransformations")[0].(object).text("MetricName")] = true
			event := regexp.MustCompile(`\$\.event = "([^"]+)"`).FindStringSubmatch(p.text("FilterPattern"))
			if p.text("LogGroupName") != "AccessLogs" && (event == nil || !written[event[1]]) {
				say(&findings, "%s counts %s, which no line of a function is", id, p.text("FilterPattern"))
			}
		}
		for _, id := range ids(d.kind("AWS::CloudWatch::Alarm")) {
			for _, metric := range ownMetrics(d.kind("AWS::CloudWatch::Alarm")[id].at("Properties")) {
				if !metrics[metric] {
					say(&findings, "alarm %s watches %s, which nothing counts", id, metric)
				}
			}
		}
		for metric := range metrics {
			if len(regexp.MustCompile(`(MetricName: |")`+metric+`\b`).FindAllString(d.text, -1)) < 2 {
				say(&findings, "%s is counted, and neither watched nor shown", metric)
			}
		}
		slices.Sort(findings)
		return findings
	}
}

// ownMetrics are the metrics of this product that a part of the template names.
func ownMetrics(v any) (names []string) {
	switch v := v.(type) {
	case object:
		if space, _ := v.at("Namespace")["Fn::Sub"].(string); strings.HasPrefix(space, "Tenantry/") {
			names = append(names, v.text("MetricName"))
		}
		for _, inner := range v {
			names = append(names, ownMetrics(inner)...)
		}
	case []any:
		for _, inner := range v {
			names = append(names, ownMetrics(inner)...)
		}
	}
	return names
}

// eventsOfCode are the values of the attribute event that the functions' lines carry.
func eventsOfCode(t *testing.T) map[string]bool {
	t.Helper()
	written := map[string]bool{}
	mark := regexp.MustCompile(`"event", "([a-z.-]+)"`)
	for _, folder := range []string{"functions", "shared"} {
		err := filepath.WalkDir(root+folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			for _, found := range mark.FindAllStringSubmatch(string(content), -1) {
				written[found[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return written
}

// private: the gateway's log has the request's id, route, status and time, and nothing that tells who asked or for whom.
func private(d document) (findings []string) {
	for id, api := range d.kind("AWS::Serverless::HttpApi") {
		format := api.at("Properties").at("AccessLogSettings").text("Format")
		for _, wanted := range []string{"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"} {
			if !strings.Contains(format, wanted) {
				say(&findings, "the log of %s lacks %s", id, wanted)
			}
		}
		for _, refused := range []string{"sourceIp", "userAgent", "$context.path", "identity", "authorizer"} {
			if strings.Contains(format, refused) {
				say(&findings, "the log of %s has %s", id, refused)
			}
		}
	}
	return findings
}

// explainedParameters: every parameter is used, described, bounded and in one group of the console's form; outputs are described.
func explainedParameters(d document) (findings []string) {
	grouped := map[string]int{}
	for _, group := range d.root.at("Metadata").at("AWS::CloudFormation::Interface").list("ParameterGroups") {
		for _, name := range group.(object).list("Parameters") {
			grouped[name.(string)]++
		}
	}
	parameters := d.root.at("Parameters")
	for _, name := range ids(parameters) {
		p := parameters.at(name)
		if uses(d.root["Resources"], name)+uses(d.root["Globals"], name)+uses(d.root["Conditions"], name) == 0 {
			say(&findings, "parameter %s is not used", name)
		}
		if p.text("Description") == "" || grouped[name] != 1 {
			say(&findings, "parameter %s has no description, or is not in one group", name)
		}
		if p["AllowedPattern"] == nil && p["AllowedValues"] == nil && p["MinValue"] == nil && name != "AwsEndpointUrl" {
			say(&findings, "parameter %s takes anything", name)
		}
		delete(grouped, name)
	}
	for name := range grouped {
		say(&findings, "the form has %s, which is no parameter", name)
	}
	outputs := d.root.at("Outputs")
	for _, name := range ids(outputs) {
		if outputs.at(name).text("Description") == "" {
			say(&findings, "output %s is not described", name)
		}
	}
	return findings
}

// unsuppressed: a rule of cfn-lint that is switched off stands below the reason.
func unsuppressed(d document) (findings []string) {
	lines := strings.Split(d.text, "\n")
	for i, line := range lines {
		if strings.Contains(line, "cfn-lint") && !strings.Contains(line, "#") && !strings.Contains(lines[i-1], "#") {
			say(&findings, "line %d switches a rule off and does not say why", i+1)
		}
	}
	return findings
}
