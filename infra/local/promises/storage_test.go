package promises

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// queued: every queue is encrypted and refuses plain HTTP; what fails goes to dead letters, and both are watched.
func queued(d document) (findings []string) {
	queues, dead := d.kind("AWS::SQS::Queue"), map[string]bool{}
	for _, q := range queues {
		dead[strings.TrimSuffix(q.at("Properties").at("RedrivePolicy").text("deadLetterTargetArn"), ".Arn")] = true
	}
	for _, id := range ids(queues) {
		properties, metric := queues[id].at("Properties"), "ApproximateAgeOfOldestMessage"
		if properties["SqsManagedSseEnabled"] != "true" {
			say(&findings, "queue %s is not encrypted", id)
		}
		if !d.refusesHTTP(id) {
			say(&findings, "queue %s takes messages over plain HTTP", id)
		}
		if dead[id] {
			metric = "ApproximateNumberOfMessagesVisible"
		} else if properties["RedrivePolicy"] == nil {
			say(&findings, "queue %s has no dead letters", id)
		}
		if !d.alarmed(metric, id) {
			say(&findings, "queue %s has no alarm on %s", id, metric)
		}
	}
	return findings
}

func (d document) refusesHTTP(queue string) bool {
	for _, policy := range d.kind("AWS::SQS::QueuePolicy") {
		p := policy.at("Properties")
		s := p.at("PolicyDocument").list("Statement")[0].(object)
		if slices.Contains(texts(p["Queues"]), queue) && slices.Contains(texts(s["Resource"]), queue+".Arn") &&
			s["Effect"] == "Deny" && s["Action"] == "sqs:*" && s.at("Condition").at("Bool")["aws:SecureTransport"] == "false" {
			return true
		}
	}
	return false
}

// alarmed tells whether there is an alarm on a metric of a resource.
func (d document) alarmed(metric, of string) bool {
	for _, alarm := range d.kind("AWS::CloudWatch::Alarm") {
		p := alarm.at("Properties")
		for _, dimension := range p.list("Dimensions") {
			if name, _, _ := strings.Cut(named(dimension.(object)["Value"]), "."); p["MetricName"] == metric && name == of {
				return true
			}
		}
	}
	return false
}

// closed: buckets are encrypted, closed to the public in every way, and refuse plain HTTP; what is uploaded and not used goes.
func closed(d document) (findings []string) {
	buckets := d.kind("AWS::S3::Bucket")
	for _, id := range ids(buckets) {
		p := buckets[id].at("Properties")
		for _, way := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if p.at("PublicAccessBlockConfiguration")[way] != "true" {
				say(&findings, "bucket %s does not say %s", id, way)
			}
		}
		if p["BucketEncryption"] == nil || !d.bucketRefusesHTTP(id) {
			say(&findings, "bucket %s is not encrypted, or takes plain HTTP", id)
		}
		if len(p.at("LifecycleConfiguration").list("Rules")) == 0 {
			say(&findings, "bucket %s keeps what was uploaded and not used", id)
		}
	}
	return findings
}

func (d document) bucketRefusesHTTP(bucket string) bool {
	for _, policy := range d.kind("AWS::S3::BucketPolicy") {
		p := policy.at("Properties")
		for _, statement := range p.at("PolicyDocument").list("Statement") {
			s := statement.(object)
			if p.text("Bucket") == bucket && s["Effect"] == "Deny" && s["Action"] == "s3:*" && s.at("Condition").at("Bool")["aws:SecureTransport"] == "false" &&
				slices.Equal(texts(s["Resource"]), []string{bucket + ".Arn", "${" + bucket + ".Arn}/*"}) {
				return true
			}
		}
	}
	return false
}

// restorable: tables can be restored to any second, are not deleted by accident, and stay when the stack goes, as does the key.
func restorable(d document) (findings []string) {
	for id, table := range d.kind("AWS::DynamoDB::Table") {
		p := table.at("Properties")
		if p.at("PointInTimeRecoverySpecification")["PointInTimeRecoveryEnabled"] != "true" {
			say(&findings, "table %s has no point-in-time recovery", id)
		}
		if p.text("DeletionProtectionEnabled") != "TableProtection" || d.root.at("Parameters").at("TableProtection")["Default"] != "true" {
			say(&findings, "table %s is not protected from deletion", id)
		}
	}
	for _, kind := range []string{"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::S3::Bucket"} {
		for id, resource := range d.kind(kind) {
			if resource["DeletionPolicy"] != "Retain" || resource["UpdateReplacePolicy"] != "Retain" {
				say(&findings, "%s goes with the stack", id)
			}
		}
	}
	slices.Sort(findings)
	return findings
}

// throttled: each route that asks for no sign-in has a throttle, and there is one for all others. A throttle of a route that
// does not exist would stop the deployment.
func throttled(t *testing.T) promise {
	public := publicRoutes(t)
	return func(d document) (findings []string) {
		routes := []string{}
		for _, event := range d.events("HttpApi") {
			routes = append(routes, event.text("Method")+" "+event.text("Path"))
		}
		for id, api := range d.kind("AWS::Serverless::HttpApi") {
			p := api.at("Properties")
			if !whileOpen(p.at("DefaultRouteSettings"), "RequestsPerSecond", "RequestBurst") {
				say(&findings, "%s has no throttle for every route", id)
			}
			settings := p.at("RouteSettings")
			for _, route := range public {
				if !whileOpen(settings.at(route), "PublicRequestsPerSecond", "PublicRequestBurst") {
					say(&findings, "%s asks for no sign-in and has no throttle", route)
				}
			}
			for _, route := range ids(settings) {
				if !slices.Contains(routes, route) {
					say(&findings, "%s has a throttle, and is no route", route)
				}
			}
		}
		return findings
	}
}

// whileOpen tells whether a throttle is that of the two parameters while the installation is open, and lets nothing pass
// while it is not.
func whileOpen(throttle object, rate, burst string) bool {
	for key, parameter := range map[string]string{"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst} {
		if !slices.Equal(texts(throttle.at(key)["Fn::If"]), []string{"IsOpen", parameter, "0"}) {
			return false
		}
	}
	return len(throttle) == 2
}

// exchangeable: nothing but the name of the table in use names the stack's own table, so that a restored one takes its place;
// while that is done nothing comes by queue or schedule.
func exchangeable(d document) (findings []string) {
	resources := d.root.at("Resources")
	for _, id := range ids(resources) {
		if id != "TableInUse" && uses(resources[id], "Table")+attributes(resources[id], "Table.") > 0 {
			say(&findings, "%s names Table and not the table in use: TableInUse.Value or TableArn.Value", id)
		}
	}
	if uses(d.root["Globals"], "Table") > 0 {
		say(&findings, "Globals name Table and not the table in use")
	}
	for name, event := range d.events("SQS") {
		if !slices.Equal(texts(event.at("Enabled")["Fn::If"]), []string{"IsOpen", "true", "false"}) {
			say(&findings, "%s works while the installation is not open", name)
		}
	}
	for name, event := range d.events("ScheduleV2") {
		if !slices.Equal(texts(event.at("State")["Fn::If"]), []string{"IsOpen", "ENABLED", "DISABLED"}) {
			say(&findings, "%s runs while the installation is not open", name)
		}
	}
	slices.Sort(findings)
	return findings
}

// attributes counts the GetAtt of a resource.
func attributes(v any, prefix string) (count int) {
	switch v := v.(type) {
	case object:
		if name, _ := v["Fn::GetAtt"].(string); strings.HasPrefix(name, prefix) {
			count++
		}
		for _, inner := range v {
			count += attributes(inner, prefix)
		}
	case []any:
		for _, inner := range v {
			count += attributes(inner, prefix)
		}
	}
	return count
}

// publicRoutes are those of the API's operations that ask for no sign-in, and the two that are no operations.
func publicRoutes(t *testing.T) []string {
	t.Helper()
	var described struct {
		Paths map[string]map[string]struct {
			Right string `json:"x-tenantry-right"`
		}
	}
	if err := json.Unmarshal([]byte(readAll(t, "infra/openapi.json")), &described); err != nil {
		t.Fatal(err)
	}
	routes := []string{"GET /healthz", "GET /openapi.json", "GET /saml/{connection}/login", "POST /saml/{connection}/acs", "GET /saml/{connection}/metadata"}
	for path, operations := range described.Paths {
		for method, operation := range operations {
			if operation.Right == "public" {
				routes = append(routes, strings.ToUpper(method)+" "+path)
			}
		}
	}
	if len(routes) < 5 {
		t.Fatal("no operation is public: the marks of infra/openapi.json have changed")
	}
	slices.Sort(routes)
	return routes
}
