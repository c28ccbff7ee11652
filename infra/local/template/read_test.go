package template

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var given = map[string]string{
	"PublicUrl":      "http://localhost:8080",
	"AwsEndpointUrl": "http://127.0.0.1:9000",
	"MailFrom":       "Tenantry <no-reply@tenantry.example>",
}

func TestTheProductsTemplateReads(t *testing.T) {
	got, err := Read("../../../template.yaml", given)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tables) != 1 || got.Tables[0].TTLAttribute != "expiresAt" || len(got.Tables[0].Indexes) != 2 {
		t.Errorf("tables: %+v", got.Tables)
	}
	if at := slices.IndexFunc(got.AnswerHeaders, func(h AnswerHeaders) bool { return h.ID == "ImageHeaders" }); at < 0 ||
		got.AnswerHeaders[at].Headers["X-Content-Type-Options"] != "nosniff" || got.AnswerHeaders[at].Headers["Cross-Origin-Resource-Policy"] != "cross-origin" {
		t.Errorf("headers of answers: %+v", got.AnswerHeaders)
	}
	if len(got.Buckets) != 1 || len(got.Buckets[0].Lifecycle) != 3 || got.Buckets[0].CORS[0].Origins[0] != given["PublicUrl"] {
		t.Errorf("buckets: %+v", got.Buckets)
	}
	f := got.Functions[slices.IndexFunc(got.Functions, func(f Function) bool { return f.ID == "OrganizationFunction" })]
	for name, want := range map[string]string{
		"TABLE":            "Table",
		"BUCKET":           "local-bucket",
		"QUEUE_URL":        "http://sqs.us-east-1.localhost/000000000000/Queue",
		"SECRET_ARN":       "arn:aws:secretsmanager:us-east-1:000000000000:secret:InstallationSecret",
		"PUBLIC_URL":       given["PublicUrl"],
		"AWS_ENDPOINT_URL": given["AwsEndpointUrl"],
	} {
		if f.Environment[name] != want {
			t.Errorf("environment %s is %q, want %q", name, f.Environment[name], want)
		}
	}
	if f.Handler != "bootstrap" || f.MemoryMB == 128 || len(f.Routes) == 0 || len(f.Statements) == 0 {
		t.Errorf("function: %+v", f)
	}
}

// small is a template with one of everything, to which the faults of the tests below are done.
const small = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test, AllowedValues: [test, live]}
  Days: {Type: Number, Default: 7, MinValue: 1}
  Url: {Type: String, Default: "https://a.example", AllowedPattern: "https://[^/]+"}
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 20
    Environment: {Variables: {TABLE: !Ref Table, DAYS: !Ref Days}}
Resources:
  Api: {Type: "AWS::Serverless::HttpApi", Properties: {StageName: $default}}
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub "things-${Stage}"
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Queue:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
  Dead: {Type: "AWS::SQS::Queue"}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
      CorsConfiguration: {CorsRules: [{AllowedMethods: [POST], AllowedOrigins: [!Ref Url], AllowedHeaders: ["*"], MaxAge: 60}]}
      LifecycleConfiguration:
        Rules:
          - {Id: a, Status: Enabled, Prefix: uploads/, ExpirationInDays: 1, AbortIncompleteMultipartUpload: {DaysAfterInitiation: 2}}
          - {Id: b, Status: Disabled, ExpirationInDays: 9}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {SecretStringTemplate: "{}", GenerateStringKey: key}}
  Log: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "/x/${Work}"}}
  Work:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: go1.x}
    Properties:
      CodeUri: ./functions/work/
      Environment: {Variables: {OWN: here, DAYS: "9"}}
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Table.Arn
              Condition: {"ForAllValues:StringLike": {dynamodb:LeadingKeys: "ORG#*"}}
      Events:
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: "/things/{id}"}}
        Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}}
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"a":1}'}}
Outputs:
  Url: {Value: !Sub "https://${Api}.${AWS::Region}.${AWS::URLSuffix}"}
`

func TestASmallTemplateWhole(t *testing.T) {
	got, err := parse("template.yaml", []byte(small), map[string]string{"Stage": "live"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Template{
		Functions: []Function{{
			ID: "Work", Name: "Work", Folder: "functions/work", Handler: "bootstrap", Timeout: 20 * time.Second, MemoryMB: 128,
			Environment: map[string]string{"TABLE": "things-live", "DAYS": "9", "OWN": "here"},
			Statements: []Statement{{
				Effect: "Allow", Actions: []string{"dynamodb:GetItem"},
				Resources:  []string{"arn:aws:dynamodb:us-east-1:000000000000:table/things-live"},
				Conditions: []Condition{{"ForAllValues:StringLike", "dynamodb:LeadingKeys", []string{"ORG#*"}}},
			}},
			Routes: []Route{{"Get", "GET", "/things/{id}"}, {"Rest", "ANY", "$default"}},
			Queues: []QueueSource{{Event: "Queue", QueueARN: "arn:aws:sqs:us-east-1:000000000000:Queue", BatchSize: 10,
				ReportBatchItemFailures: true, Enabled: true}},
			Schedules: []Schedule{{ID: "WorkDaily", Expression: "rate(1 day)", Input: `{"a":1}`, Enabled: true}},
		}},
		Tables: []Table{{
			ID: "Table", Name: "things-live", ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/things-live",
			Attributes: map[string]string{"pk": "S"}, Key: []KeyPart{{"pk", "HASH"}},
		}},
		Queues: []Queue{
			{ID: "Queue", Name: "Queue", ARN: "arn:aws:sqs:us-east-1:000000000000:Queue",
				URL: "http://sqs.us-east-1.localhost/000000000000/Queue", VisibilityTimeout: 30 * time.Second,
				Retention: 96 * time.Hour, DeadLetterARN: "arn:aws:sqs:us-east-1:000000000000:Dead", MaxReceiveCount: 3},
			{ID: "Dead", Name: "Dead", ARN: "arn:aws:sqs:us-east-1:000000000000:Dead",
				URL: "http://sqs.us-east-1.localhost/000000000000/Dead", VisibilityTimeout: 30 * time.Second, Retention: 96 * time.Hour},
		},
		Buckets: []Bucket{{ID: "Bucket", Name: "local-bucket", ARN: "arn:aws:s3:::local-bucket",
			CORS:      []CORSRule{{Methods: []string{"POST"}, Origins: []string{"https://a.example"}, Headers: []string{"*"}, MaxAge: time.Minute}},
			Lifecycle: []LifecycleRule{{Prefix: "uploads/", ExpirationDays: 1, AbortMultipartDays: 2}}}},
		Secrets: []Secret{{ID: "Secret", Name: "Secret", ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:Secret",
			Template: "{}", GenerateKey: "key", Length: 32}},
		Outputs: map[string]string{"Url": "https://Api.us-east-1.amazonaws.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotModelledIsRefusedByNameAndLine(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"section":            {"Outputs:\n", "Rules: {}\nOutputs:\n", "Rules is not one the local stack reads"},
		"transform":          {"AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "template.yaml:2: Transform AWS::LanguageExtensions is not"},
		"resource type":      {"AWS::Logs::LogGroup", "AWS::Kinesis::Stream", "resource Log: type AWS::Kinesis::Stream is not one the local stack runs"},
		"resource attribute": {"DeletionPolicy: Retain", "CreationPolicy: {}", "resource Table: CreationPolicy is not"},
		"event type":         {"{Type: SQS,", "{Type: Kinesis,", "template.yaml:54: function Work: event Queue: type Kinesis is not one the local stack runs"},
		"function property":  {"CodeUri: ./functions/work/", "CodeUri: x\n      Layers: []", "function Work: Layers is not something the local stack models"},
		"event property":     {"Method: get,", "Method: get, Auth: {},", "function Work: event Get: Auth is not"},
		"queue property":     {"{RedrivePolicy: {dead", "{FifoQueue: true, RedrivePolicy: {dead", "queue Queue: FifoQueue is not"},
		"table property":     {"TableName: ", "StreamSpecification: {StreamViewType: KEYS_ONLY}\n      TableName: ", "table Table: StreamSpecification is not"},
		"bucket property":    {"Properties:\n      PublicAccess", "Properties:\n      VersioningConfiguration: {Status: Enabled}\n      PublicAccess", "bucket Bucket: VersioningConfiguration is not"},
		"lifecycle by tag":   {"Prefix: uploads/,", "TagFilters: [],", "bucket Bucket: LifecycleConfiguration: Rules: TagFilters is not"},
		"secret property":    {"GenerateStringKey: key", "GenerateStringKey: key, ExcludeCharacters: a", "secret Secret: GenerateSecretString: ExcludeCharacters is not"},
		"intrinsic":          {"!Ref Days", "!ImportValue Days", "template.yaml:12: Fn::ImportValue is not"},
		"long intrinsic":     {"!Ref Days", "{Fn::Cidr: [a]}", "template.yaml:12: Fn::Cidr is not"},
		"intrinsic beside":   {"!Ref Days", "{Ref: Days, x: y}", "Ref stands beside other keys"},
		"pseudo parameter":   {"!Ref Days", "!Ref AWS::NotificationARNs", "AWS::NotificationARNs is not"},
		"reference":          {"!Ref Days", "!Ref Dayz", "template.yaml:12: Dayz is neither a parameter nor a resource"},
		"sub reference":      {"things-${Stage}", "things-${Stages}", "Stages is neither"},
		"attribute":          {"!GetAtt Table.Arn", "!GetAtt Table.StreamArn", "attribute StreamArn of Table (AWS::DynamoDB::Table) is not"},
		"globals":            {"Globals:\n", "Globals:\n  Api: {}\n", "Globals: Api is not"},
		"policy template":    {"- Statement:", "- DynamoDBCrudPolicy: {TableName: x}\n        - Statement:", "policy template DynamoDBCrudPolicy is not"},
		"managed policy":     {"- Statement:", "- AWSLambdaExecute\n        - Statement:", "managed policy AWSLambdaExecute is not"},
		"statement element":  {"Action: dyn", "NotAction: dyn", "NotAction is not"},
		"condition operator": {"ForAllValues:StringLike", "ForAnyValue:StringLike", "operator ForAnyValue:StringLike is not one the local stack evaluates"},
		"condition key":      {"dynamodb:LeadingKeys", "dynamodb:Select", "condition key dynamodb:Select is not"},
		"runtime":            {"provided.al2023", "nodejs24.x", "Runtime nodejs24.x is not"},
		"stage":              {"StageName: $default", "StageName: prod", "StageName prod is not"},
		"time zone":          {"rate(1 day),", "rate(1 day), ScheduleExpressionTimezone: Europe/Madrid,", "ScheduleExpressionTimezone Europe/Madrid is not"},
		"alias":              {"OWN: here", "OWN: &x {b: *x}", "YAML alias *x is not"},
		"merge key":          {"Outputs:\n", "Outputs:\n  <<: {}\n", "merge key"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.old, c.new, c.want) })
	}
}

func TestWhatAWSWouldRefuseIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"key twice":              {"    Timeout: 20\n", "    Timeout: 20\n    Timeout: 30\n", "template.yaml:12: key Timeout stands twice"},
		"route twice":            {"Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api", "Rest: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: '/things/{thing}'", "event Rest: GET /things/{thing} is already the route of function Work: event Get"},
		"path":                   {"/things/{id}", "things", "Path things is not one an HTTP API has"},
		"greedy in the middle":   {"/things/{id}", "/{a+}/b", "Path /{a+}/b is not"},
		"method":                 {"Method: get", "Method: FETCH", "Method FETCH is not"},
		"another API":            {"Properties: {ApiId: !Ref Api, Method", "Properties: {ApiId: other, Method", "ApiId does not name the template's HttpApi Api"},
		"no handler":             {"    Handler: bootstrap\n", "", "function Work: Handler is missing"},
		"timeout":                {"Timeout: 20", "Timeout: 901", "Timeout is 901, a whole number from 1 to 900 is expected"},
		"a list as a variable":   {"OWN: here", "OWN: [a]", "Variables: OWN is a list"},
		"short visibility":       {"Timeout: 20", "Timeout: 40", "VisibilityTimeout of queue Queue is less"},
		"foreign queue":          {"{Queue: !GetAtt Queue.Arn", "{Queue: arn:x", "arn:x is no queue of the template"},
		"foreign dead letters":   {"!GetAtt Dead.Arn", "arn:x", "queue Queue: RedrivePolicy: arn:x is no queue"},
		"batch without a window": {"{Queue: !GetAtt Queue.Arn", "{BatchSize: 11, Queue: !GetAtt Queue.Arn", "BatchSize above 10 needs"},
		"undefined key":          {"KeySchema: [{AttributeName: pk", "KeySchema: [{AttributeName: sk", "key attribute sk is not in AttributeDefinitions"},
		"key order":              {"KeyType: HASH", "KeyType: RANGE", "KeySchema takes a HASH key"},
		"secret template":        {`"{}"`, `"{"`, "SecretStringTemplate is not a JSON object"},
		"default":                {"Default: 7", "Default: 0", "parameter Days: \"0\" is outside MinValue 1"},
		"not a number":           {"Default: 7", "Default: x", "parameter Days: \"x\" is not a number"},
		"pattern, whole":         {"https://a.example", "https://a.example/b", "does not match AllowedPattern"},
		"no default":             {"Default: test, ", "", "parameter Stage: it has no default and no value is given"},
		"circle of names":        {"things-${Stage}", "x-${Table}", "its name depends on itself"},
		"unknown condition":      {"Type: AWS::SQS::Queue\n", "Type: AWS::SQS::Queue\n    Condition: Never\n", "condition Never is not in the template"},
		"effect":                 {"Effect: Allow", "Effect: Maybe", "Effect Maybe is not"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.old, c.new, c.want) })
	}
}

func refused(t *testing.T, old, new, want string) {
	t.Helper()
	faulty := strings.Replace(small, old, new, 1)
	if faulty == small {
		t.Fatalf("%q is not in the small template", old)
	}
	_, err := parse("template.yaml", []byte(faulty), nil)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("want %q in the error, got:\n%v", want, err)
	}
}

func TestParametersGiven(t *testing.T) {
	for want, parameters := range map[string]map[string]string{
		"value is given for parameter Stages": {"Stages": "live"},
		`parameter Stage: "prod" is not one`:  {"Stage": "prod"},
		"parameter Days: \"-1\" is outside":   {"Days": "-1"},
	} {
		if _, err := parse("t", []byte(small), parameters); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q, got %v", parameters, want, err)
		}
	}
}

func TestAllFindingsComeInTheOrderOfLines(t *testing.T) {
	faulty := strings.NewReplacer("!Ref Days", "!Ref Nope", "Dead.Arn", "Dead.Nope", "${AWS::Region}", "${Nope}").Replace(small)
	_, err := parse("t", []byte(faulty), nil)
	var lines []string
	for finding := range strings.SplitSeq(err.Error(), "\n") {
		lines = append(lines, strings.Split(finding, ":")[1])
	}
	if diff := cmp.Diff([]string{"12", "24", "57"}, lines); diff != "" {
		t.Error(diff, err)
	}
}

func TestIntrinsics(t *testing.T) {
	const frame = `
Parameters:
  Stage: {Type: String, Default: live}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings: {Sizes: {live: {memory: "512"}}}
Conditions:
  Live: !Equals [!Ref Stage, live]
  Never: !Not [!Condition Live]
  Either: !Or [Condition: Live, !Condition Never]
  Both: {"Fn::And": [{Condition: Live}, {Condition: Never}]}
Resources:
  Queue: {Type: "AWS::SQS::Queue", Properties: {QueueName: !If [Live, jobs, !Ref AWS::NoValue]}}
  Ghost: {Type: "AWS::SQS::Queue", Condition: Never}
  Topic: {Type: "AWS::SNS::Topic"}
  Role: {Type: "AWS::IAM::Role"}
  Name: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !If [Never, other, !Sub "${Queue.QueueName}-kept"]}}
Outputs:
  Hidden: {Condition: Never, Value: x}
  It: {Value: `
	for expression, want := range map[string]string{
		`!Ref Queue`:                                       "http://sqs.us-east-1.localhost/000000000000/jobs",
		`{Ref: Topic}`:                                     "arn:aws:sns:us-east-1:000000000000:Topic",
		`!Sub "${Name.Value}!"`:                            "jobs-kept!",
		`!GetAtt Role.Arn`:                                 "arn:aws:iam::000000000000:role/Role",
		`!GetAtt Queue.QueueName`:                          "jobs",
		`!GetAtt [Queue, Arn]`:                             "arn:aws:sqs:us-east-1:000000000000:jobs",
		`{"Fn::GetAtt": "Queue.Arn"}`:                      "arn:aws:sqs:us-east-1:000000000000:jobs",
		`!Sub "${Stage}-${Queue.QueueName}-${!kept}"`:      "live-jobs-${kept}",
		`!Sub ["${a}/${Stage}", {a: !Ref AWS::AccountId}]`: "000000000000/live",
		`{"Fn::Sub": "${AWS::Partition}"}`:                 "aws",
		`!Join ["-", [a, !Ref Stage]]`:                     "a-live",
		`!Join [",", !Ref Zones]`:                          "a,b,c",
		`!Select [1, !Ref Zones]`:                          "b",
		`!Select [2, !Split ["/", "x/y/z"]]`:               "z",
		`!FindInMap [Sizes, !Ref Stage, memory]`:           "512",
		`!If [Live, yes, no]`:                              "yes",
		`!If [Never, !Ref Ghost, other]`:                   "other",
		`!If [Either, !If [Both, a, b], c]`:                "b",
	} {
		got, err := parse("t", []byte(frame+expression+"}\n"), nil)
		if err != nil || got.Outputs["It"] != want {
			t.Errorf("%s is %q, want %q; error %v", expression, got.Outputs["It"], want, err)
		} else if names := slices.Collect(maps.Keys(got.Outputs)); len(names) != 1 {
			t.Errorf("outputs %v: one whose condition is false is given", names)
		}
	}
	for expression, want := range map[string]string{
		`!Ref Ghost`:               "does not exist under these parameters",
		`!If [Nope, a, b]`:         "condition Nope is not in the template",
		`!Condition Live`:          "Condition is not an intrinsic function",
		`!Select [9, !Ref Zones]`:  "Fn::Select: these arguments give nothing",
		`!FindInMap [Sizes, x, y]`: "Fn::FindInMap: these arguments give nothing",
		`!GetAtt Queue`:            "Fn::GetAtt takes a resource and an attribute",
		`!Sub "${Zones}"`:          "${Zones} is a list, not a text",
	} {
		_, err := parse("t", []byte(frame+expression+"}\n"), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", expression, want, err)
		}
	}
}

func TestAConditionThatDependsOnItselfIsRefused(t *testing.T) {
	_, err := parse("t", []byte("Conditions: {A: !Not [Condition: B], B: !Not [Condition: A]}\nResources: {}\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "depends on itself") {
		t.Error(err)
	}
}

func TestAKeptValueThatDependsOnItselfIsRefused(t *testing.T) {
	_, err := parse("t", []byte("Resources:\n  A: {Type: AWS::SSM::Parameter, Properties: {Value: !GetAtt B.Value}}\n  B: {Type: AWS::SSM::Parameter, Properties: {Value: !GetAtt A.Value}}\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "its value depends on itself") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("Resources: {a: !Sub [b]}"))
	f.Fuzz(func(t *testing.T, content []byte) { parse("t", content, nil) })
}

func TestGlobalsMergeAsSAMSays(t *testing.T) {
	r := &reader{file: "t"}
	read := func(content string) *value {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(content), &n); err != nil {
			t.Fatal(err)
		}
		return r.resolve(n.Content[0])
	}
	got := merge(read("{text: a, list: [1], map: {x: 1, y: 1}, base: b}"), read("{text: c, list: [2], map: {y: 2}, own: o}"))
	list, _ := got.fields["list"].texts()
	if got.fields["text"].text != "c" || !slices.Equal(list, []string{"1", "2"}) || got.fields["base"].text != "b" || got.fields["own"].text != "o" {
		t.Errorf("merged %+v", got.fields)
	}
	if inner := got.fields["map"].fields; inner["x"].text != "1" || inner["y"].text != "2" {
		t.Errorf("merged mapping %+v", inner)
	}
}
