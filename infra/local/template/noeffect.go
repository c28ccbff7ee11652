package template

// noEffect lists what the stack knows and passes over, with the reason. Whatever is neither read nor listed here is
// refused; a line is added here only when leaving it out changes nothing that a request, a message or a schedule meets.
var noEffect = struct {
	resourceTypes, resource, function, event, httpAPI, table, queue, bucket, bucketRule, secret, statement, schedule, output map[string]string
}{
	resourceTypes: map[string]string{
		"AWS::Logs::LogGroup":        "all functions write into the stack's one log",
		"AWS::Logs::MetricFilter":    "metrics are not gathered locally",
		"AWS::CloudWatch::Alarm":     "metrics are not gathered locally",
		"AWS::CloudWatch::Dashboard": "metrics are not gathered locally",
		"AWS::SNS::Topic":            "carries alarms only",
		"AWS::SNS::Subscription":     "carries alarms only",
		"AWS::SNS::TopicPolicy":      "carries alarms only",
		"AWS::S3::BucketPolicy":      "speaks of TLS, which loopback has not, and of CloudFront, whose part the stack's front plays",
		"AWS::SQS::QueuePolicy":      "the functions' own policies decide; what it refuses is plain HTTP, which the wire speaks",
		"AWS::IAM::Role":             "functions' roles are SAM's, of their Policies; others are for services that do not run locally",
		"AWS::SES::ConfigurationSet": "mails go to the stack's inbox, whichever set they are sent with",

		"AWS::SES::ConfigurationSetEventDestination": "metrics are not gathered locally",
	},
	resource: map[string]string{
		"DeletionPolicy":      "the stack deletes nothing",
		"UpdateReplacePolicy": "the stack replaces nothing",
		"Metadata":            "speaks to sam build",
		"DependsOn":           "everything exists before the first function starts",
	},
	function: map[string]string{
		"Architectures":                "the functions are built for this machine",
		"Description":                  "for people",
		"Tags":                         "for bills",
		"LoggingConfig":                "the stack has one log",
		"Tracing":                      "no X-Ray locally",
		"ReservedConcurrentExecutions": "an account's limit; the stack bounds instances by itself",
		"AutoPublishAlias":             "one version runs locally",

		"AutoPublishAliasAllProperties": "one version runs locally",
		"DeploymentPreference":          "one version runs locally",
		"RecursiveLoop":                 "the stack's own queues end in dead letters",
		"RuntimeManagementConfig":       "the binary brings its runtime",
		"PermissionsBoundary":           "narrows roles of an account",
		"RolePath":                      "names roles of an account",
	},
	event: map[string]string{
		"RouteSettings": "throttles and metrics of the account",
	},
	httpAPI: map[string]string{
		"Name":                      "for people",
		"Description":               "for people",
		"Tags":                      "for bills",
		"AccessLogSettings":         "the stack logs requests itself",
		"DefaultRouteSettings":      "throttles and metrics of the account",
		"RouteSettings":             "throttles and metrics of the account",
		"DisableExecuteApiEndpoint": "there is one address locally",
		"FailOnWarnings":            "speaks to the import of an API",
		"PropagateTags":             "for bills",
	},
	table: map[string]string{
		"BillingMode":                      "nothing is billed",
		"ProvisionedThroughput":            "throttling is injected, not measured",
		"OnDemandThroughput":               "throttling is injected, not measured",
		"WarmThroughput":                   "throttling is injected, not measured",
		"PointInTimeRecoverySpecification": "backups are copies of a folder",
		"SSESpecification":                 "encryption at rest",
		"DeletionProtectionEnabled":        "the stack deletes no table",
		"TableClass":                       "nothing is billed",
		"Tags":                             "for bills",
		"ContributorInsightsSpecification": "metrics are not gathered locally",
	},
	queue: map[string]string{
		"ReceiveMessageWaitTimeSeconds": "the stack's pollers wait without polling",
		"KmsMasterKeyId":                "encryption at rest",
		"KmsDataKeyReusePeriodSeconds":  "encryption at rest",
		"SqsManagedSseEnabled":          "encryption at rest",
		"RedriveAllowPolicy":            "the template's queues are the only ones",
		"Tags":                          "for bills",
	},
	bucket: map[string]string{
		"AccessControl":                  "the stack has no access lists",
		"BucketEncryption":               "encryption at rest",
		"OwnershipControls":              "the stack has no access lists",
		"PublicAccessBlockConfiguration": "nothing is public locally: the wire asks for a signature",
		"LoggingConfiguration":           "the stack logs calls itself",
		"MetricsConfigurations":          "metrics are not gathered locally",
		"Tags":                           "for bills",
	},
	bucketRule: map[string]string{"Id": "for people"},
	secret: map[string]string{
		"Description": "for people",
		"KmsKeyId":    "encryption at rest",
		"Tags":        "for bills",
	},
	statement: map[string]string{"Sid": "for people"},
	schedule: map[string]string{
		"Name":                "the stack names schedules as CloudFormation's logical ids",
		"OmitName":            "the stack names schedules as CloudFormation's logical ids",
		"Description":         "for people",
		"FlexibleTimeWindow":  "a run at its exact time lies in every window",
		"RetryPolicy":         "the stack retries a failed run twice, at once",
		"PermissionsBoundary": "narrows roles of an account",
		"GroupName":           "for people",
		"KmsKeyArn":           "encryption at rest",
	},
	output: map[string]string{
		"Description": "for people",
		"Export":      "there is no other stack",
	},
}
