package promises

import (
	"strings"
	"testing"
)

// promises are all of them, by name.
func promises(t *testing.T) map[string]promise {
	t.Helper()
	return map[string]promise{"logged": logged, "watched": watched, "deployed": deployed, "in time": inTime, "narrow": narrow,
		"runs everywhere": runsEverywhere, "queued": queued, "closed": closed, "restorable": restorable, "exchangeable": exchangeable, "throttled": throttled(t), "told": told, "counted": counted(t), "private": private,
		"explained parameters": explainedParameters, "unsuppressed": unsuppressed}
}

func TestTheTemplateKeepsWhatIsPromised(t *testing.T) {
	d := product(t)
	for name, broken := range promises(t) {
		for _, finding := range broken(d) {
			t.Errorf("%s: %s", name, finding)
		}
	}
}

// Each promise is seen to break: the template with one change must be found out, by the promise that is meant.
func TestABrokenPromiseIsFound(t *testing.T) {
	text := readAll(t, "template.yaml")
	for _, c := range []struct{ promise, old, new, want string }{
		{"logged", "LoggingConfig: {LogGroup: !Ref WorkerLogs}", "LoggingConfig: {}", "WorkerFunction has no log group of its own"},
		{"logged", "LogGroup: !Ref WorkerLogs", "LogGroup: !Ref MeLogs", "WorkerFunction has no log group of its own"},
		{"logged", "RetentionInDays: !Ref LogRetentionDays", "RetentionInDays: 3653", "keeps its lines for another time"},
		{"logged", "{LogFormat: JSON}", "{}", "MeFunction does not log JSON"},
		{"watched", "  WorkerThrottles:", "  WorkerThrottle:", "WorkerFunction has no alarm for Throttles"},
		{"watched", "MetricName: Errors", "MetricName: Duration", "OrganizationFunction has no alarm for Errors"},
		{"watched", "{Name: FunctionName, Value: !Ref MeFunction}", "{Name: FunctionName, Value: !Ref UsersFunction}", "MeFunction has no alarm for Errors"},
		{"deployed", "[arm64]", "[x86_64]", "WorkerFunction is not built for arm64"},
		{"deployed", "AutoPublishAlias: live", "Timeout: 20", "does not publish a version"},
		{"deployed", "AutoPublishAliasAllProperties: true", "AutoPublishAliasAllProperties: false", "does not publish a version"},
		{"deployed", "[!Ref UsersErrors, !Ref ServerErrors]", "[!Ref UsersErrors]", "UsersFunction is not taken back"},
		{"deployed", "[!Ref UsersErrors, !Ref ServerErrors]", "[!Ref MeErrors, !Ref ServerErrors]", "UsersFunction is not taken back"},
		{"deployed", "    PermissionsBoundary: !If", "    Boundary: !If", "does not take the permissions boundary"},
		{"in time", "    Timeout: 20", "    Timeout: 30", "OrganizationFunction may run longer than the gateway waits"},
		{"in time", "VisibilityTimeout: 360", "VisibilityTimeout: 359", "messages of Queue come again before"},
		{"in time", "ScalingConfig: {MaximumConcurrency: !Ref WorkerConcurrency}", "Enabled: true", "WorkerFunction.LongWork is not bounded"},
		{"in time", "RecursiveLoop: Allow", "RecursiveLoop: Terminate", "WorkerFunction hands work on to itself"},
		{"narrow", "Action: dynamodb:GetItem", "Action: dynamodb:*", "may do dynamodb:*"},
		{"narrow", "Resource: !GetAtt TableArn.Value", `Resource: "*"`, "may act on *, and no comment says why"},
		{"narrow", "${Bucket.Arn}/exports/*", "${Bucket.Arn}/*", "may act on ${Bucket.Arn}/*, and no comment says why"},
		{"narrow", "                # Any identity", "                - !GetAtt TableArn.Value # Any identity", "identity/*, and no comment"},
		{"runs everywhere", "            OmitName: true", "            Name: sweep", "MaintenanceFunction.Sweep has a name"},
		{"runs everywhere", "/${AWS::StackName}/users", "/tenantry/users", "log group UsersLogs has a name"},
		{"runs everywhere", "      BillingMode:", "      TableName: tenantry\n      BillingMode:", "Table has a fixed TableName"},
		{"queued", "SqsManagedSseEnabled: true", "DelaySeconds: 0", "queue Queue is not encrypted"},
		{"queued", "[!Ref Queue, !Ref WorkQueue, !Ref DeadLetters]", "[!Ref Queue, !Ref DeadLetters]", "queue WorkQueue takes messages over plain HTTP"},
		{"queued", "aws:SecureTransport: false", "aws:SecureTransport: true", "queue Queue takes messages over plain HTTP"},
		{"queued", "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt DeadLetters.Arn\n        maxReceiveCount: 5\n", "", "queue Queue has no dead letters"},
		{"queued", "Value: !GetAtt WorkQueue.QueueName", "Value: !GetAtt Queue.QueueName", "queue WorkQueue has no alarm"},
		{"queued", "Value: !GetAtt DeadLetters.QueueName", "Value: !GetAtt Queue.QueueName", "queue DeadLetters has no alarm"},
		{"closed", "IgnorePublicAcls: true", "IgnorePublicAcls: false", "bucket Bucket does not say IgnorePublicAcls"},
		{"closed", `"aws:SecureTransport": "false"`, `"aws:SecureTransport": "true"`, "takes plain HTTP"},
		{"closed", `[!GetAtt Bucket.Arn, !Sub "${Bucket.Arn}/*"]`, `[!GetAtt Bucket.Arn]`, "takes plain HTTP"},
		{"closed", "BucketEncryption:", "Encryption:", "bucket Bucket is not encrypted"},
		{"closed", "LifecycleConfiguration:", "Lifecycle:", "keeps what was uploaded"},
		{"restorable", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "no point-in-time recovery"},
		{"restorable", "DeletionProtectionEnabled: !Ref TableProtection", "DeletionProtectionEnabled: false", "not protected from deletion"},
		{"restorable", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "Table goes with the stack"},
		{"exchangeable", "Resource: !GetAtt TableArn.Value", "Resource: !GetAtt Table.Arn", "OrganizationFunction names Table and not"},
		{"exchangeable", "${TableArn.Value}/index/gsi1", "${Table.Arn}/index/gsi1", "OrganizationFunction names Table and not"},
		{"exchangeable", "TABLE: !GetAtt TableInUse.Value", "TABLE: !Ref Table", "Globals name Table"},
		{"exchangeable", "            Enabled: !If [IsOpen, true, false]\n", "", "WorkerFunction.LongWork works while"},
		{"exchangeable", "State: !If [IsOpen, ENABLED, DISABLED]", "State: ENABLED", "MaintenanceFunction.Sweep runs while"},
		{"throttled", "!If [IsOpen, !Ref PublicRequestBurst, 0]", "!Ref PublicRequestBurst", "POST /v1/session/discover asks for no sign-in"},
		{"throttled", `"POST /v1/session/password":`, `"POST /v1/session/passwords":`, "POST /v1/session/password asks for no sign-in and has no throttle"},
		{"throttled", `"POST /v1/session/password":`, `"POST /v1/session/passwords":`, "POST /v1/session/passwords has a throttle, and is no route"},
		{"throttled", "DefaultRouteSettings:\n        ThrottlingRateLimit", "DefaultRouteSettings:\n        Rate", "no throttle for every route"},
		{"told", "      AlarmName: !Sub \"${AWS::StackName}-QueueAge\"", "      AlarmName: QueueAge", "alarm QueueAge has another name"},
		{"told", "AlarmActions: [!Ref AlarmTopic]", "AlarmActions: []", "tells nobody by AlarmActions"},
		{"told", " docs/operate.md#queueage", "", "alarm QueueAge does not say"},
		{"counted", `{ $.event = "mail.refused" }`, `{ $.event = "mail.lost" }`, "RefusedMailsMetric counts"},
		{"counted", "MetricName: FailedJobs,", "MetricName: FailedTasks,", "alarm JobsFailed watches FailedJobs, which nothing counts"},
		{"counted", "MetricName: FailedJobs,", "MetricName: FailedTasks,", "FailedTasks is counted, and neither watched nor shown"},
		{"private", "$context.routeKey", "$context.path", "the log of Api has $context.path"},
		{"private", "$context.routeKey", "$context.path", "the log of Api lacks $context.routeKey"},
		{"explained parameters", "OtherCdnSecret, MailFrom]", "OtherCdnSecret, MailTo]", "the form has MailTo"},
		{"explained parameters", "Parameters:\n  PublicUrl:", "Parameters:\n  Spare: {Type: String}\n  PublicUrl:", "parameter Spare is not used"},
		{"explained parameters", "    Description: Where work waits.\n", "", "output QueueUrl is not described"},
		{"unsuppressed", "  DeadLetters:\n", "  DeadLetters:\n    Metadata: {cfn-lint: {config: {ignore_checks: [W1]}}}\n", "switches a rule off"},
	} {
		faulty := strings.Replace(text, c.old, c.new, 1)
		if faulty == text {
			t.Errorf("%q is not in the template", c.old)
			continue
		}
		found := promises(t)[c.promise](parse(t, faulty))
		if all := strings.Join(found, "\n"); !strings.Contains(all, c.want) {
			t.Errorf("%s: with %q in place of %q, want %q, found %q", c.promise, c.new, c.old, c.want, all)
		}
	}
}
