// Package template reads the product's template.yaml, the only source of what the local stack runs: functions, routes,
// environment, policies, table, queues, schedules and secrets. It merges Globals, resolves parameters and intrinsics, and
// refuses whatever it does not know with an error that names the construct and its place: a stack that skips a line of
// the template would run something else than what is deployed.
package template

import "time"

// Region, Account and Partition are what the stack answers for the pseudo parameters AWS::Region, AWS::AccountId and
// AWS::Partition.
const (
	Region    = "us-east-1"
	Account   = "000000000000"
	Partition = "aws"
)

// Template is everything that the template says exists, resolved.
type Template struct {
	Functions []Function
	Tables    []Table
	Queues    []Queue
	Buckets   []Bucket
	Secrets   []Secret

	AnswerHeaders []AnswerHeaders
	Outputs       map[string]string
}

// Function is one Lambda function.
type Function struct {
	ID          string // the logical id, such as OrganizationFunction
	Name        string // FunctionName where given, else the logical id
	Folder      string // CodeUri, relative to the template, such as functions/organization
	Handler     string
	Timeout     time.Duration
	MemoryMB    int
	Environment map[string]string
	Statements  []Statement // what its role may do
	Routes      []Route
	Queues      []QueueSource
	Schedules   []Schedule
}

// Statement is one statement of an IAM policy; every list holds patterns with * and ?.
type Statement struct {
	Effect     string // Allow or Deny
	Actions    []string
	Resources  []string
	Conditions []Condition
}

// Condition is one line of a statement's Condition, such as ForAllValues:StringLike on dynamodb:LeadingKeys.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// Route is one HttpApi event. Method is upper case or ANY; Path is the template's own, such as
// /v1/organizations/{org}, /scim/v2/{connection}/{proxy+} or $default.
type Route struct {
	Event  string // the event's name in the template
	Method string
	Path   string
}

// QueueSource is one SQS event of a function.
type QueueSource struct {
	Event                   string
	QueueARN                string
	BatchSize               int
	MaximumBatchingWindow   time.Duration
	MaximumConcurrency      int // 0: not bounded by the template
	ReportBatchItemFailures bool
	Enabled                 bool
}

// Schedule is one ScheduleV2 (EventBridge Scheduler) event of a function. Expression is rate(...) or cron(...).
type Schedule struct {
	ID         string // the logical id that CloudFormation gives it: function's logical id followed by the event's name
	Expression string
	Input      string // JSON, empty where the template gives none
	Enabled    bool
}

// Table is one DynamoDB table, as CreateTable takes it.
type Table struct {
	ID           string
	Name         string
	ARN          string
	Attributes   map[string]string // name to S, N or B
	Key          []KeyPart
	Indexes      []Index
	TTLAttribute string
}

// KeyPart is an attribute of a key; Type is HASH or RANGE.
type KeyPart struct{ Name, Type string }

// Index is a global secondary index. Projection is ALL, KEYS_ONLY or INCLUDE, the last with NonKey.
type Index struct {
	Name       string
	Key        []KeyPart
	Projection string
	NonKey     []string
}

// Queue is one SQS queue.
type Queue struct {
	ID                string
	Name              string
	ARN               string
	URL               string // http://sqs.us-east-1.localhost/000000000000/<name>: only its last part matters to the stack
	VisibilityTimeout time.Duration
	Retention         time.Duration
	Delay             time.Duration
	DeadLetterARN     string // empty: none
	MaxReceiveCount   int
}

// Secret is one Secrets Manager secret with its generator.
type Secret struct {
	ID          string
	Name        string
	ARN         string
	Template    string // SecretStringTemplate, a JSON object
	GenerateKey string // GenerateStringKey
	Length      int    // PasswordLength
	Exclude     bool   // ExcludePunctuation
}
