package template

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	functionType = "AWS::Serverless::Function"
	httpAPIType  = "AWS::Serverless::HttpApi"
	tableType    = "AWS::DynamoDB::Table"
	queueType    = "AWS::SQS::Queue"
	secretType   = "AWS::SecretsManager::Secret"
	logGroupType = "AWS::Logs::LogGroup"
	topicType    = "AWS::SNS::Topic"
	bucketType   = "AWS::S3::Bucket"

	distributionType  = "AWS::CloudFront::Distribution"
	originAccessType  = "AWS::CloudFront::OriginAccessControl"
	edgeFunctionType  = "AWS::CloudFront::Function"
	answerHeadersType = "AWS::CloudFront::ResponseHeadersPolicy"
	roleType          = "AWS::IAM::Role"
	kept              = "AWS::SSM::Parameter"
)

// resource is one entry of Resources before its properties are read.
type resource struct {
	id         string
	line       int
	kind       string
	properties *yaml.Node
	exists     bool // its condition holds
	naming     bool // its name is being worked out: meeting it again is a circle
}

// arn names something of this stack's account, such as arn("sqs", "Queue").
func arn(service, name string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", Partition, service, Region, Account, name)
}

// declareResources takes down what exists, so that references can be resolved in any order.
func (r *reader) declareResources(n *yaml.Node) {
	if n == nil {
		r.refuse(1, "section Resources is missing")
	}
	for _, e := range r.entries(n) {
		res := &resource{id: e.key, line: e.line, exists: true}
		for _, field := range r.entries(e.node) {
			_, known := noEffect.resource[field.key]
			switch {
			case field.key == "Type":
				res.kind = field.node.Value
			case field.key == "Properties":
				res.properties = field.node
			case field.key == "Condition":
				res.exists = r.holds(field.node.Value, field.line)
			case !known:
				r.refuse(field.line, "resource %s: %s is not something the local stack models", e.key, field.key)
			}
		}
		r.resources = append(r.resources, res)
	}
}

// existing finds a resource by its logical id and refuses one that is not there, or not under these parameters.
func (r *reader) existing(id string, line int) *resource {
	i := slices.IndexFunc(r.resources, func(res *resource) bool { return res.id == id })
	switch {
	case i < 0:
		r.refuse(line, "%s is neither a parameter nor a resource of the template", id)
		return nil
	case !r.resources[i].exists:
		r.refuse(line, "%s does not exist under these parameters, its condition is false", id)
		return nil
	}
	return r.resources[i]
}

// name is what the resource is called where it lives: the name that the template gives, else the logical id.
func (r *reader) name(res *resource) string {
	key := map[string]string{
		functionType: "FunctionName", tableType: "TableName", queueType: "QueueName", secretType: "Name",
		logGroupType: "LogGroupName", topicType: "TopicName", bucketType: "BucketName",
	}[res.kind]
	if name, ok := r.written(res, key, "name"); ok {
		return name
	}
	if res.kind == bucketType {
		return "local-" + strings.ToLower(res.id) // as CloudFormation makes it: of the stack's name and the logical id
	}
	return res.id
}

// written is the text of a property that may be asked for before its resource is read; what says what it is, for a circle.
func (r *reader) written(res *resource, key, what string) (string, bool) {
	for _, e := range r.entries(res.properties) {
		if e.key != key {
			continue
		}
		if res.naming {
			r.refuse(e.line, "%s: its %s depends on itself", res.id, what)
			break
		}
		res.naming = true
		v := r.resolve(e.node)
		res.naming = false
		if v.kind == scalar {
			return v.text, true
		}
	}
	return "", false
}

// refValue is what Ref gives for a resource, as each type's documentation says.
func (r *reader) refValue(res *resource) string {
	switch name := r.name(res); res.kind {
	case queueType:
		return fmt.Sprintf("http://sqs.%s.localhost/%s/%s", Region, Account, name)
	case secretType:
		return arn("secretsmanager", "secret:"+name)
	case topicType:
		return arn("sns", name)
	default:
		return name
	}
}

// attribute is what GetAtt gives for a resource.
func (r *reader) attribute(id, attribute string, line int) string {
	res := r.existing(id, line)
	if res == nil {
		return ""
	}
	name := r.name(res)
	switch res.kind + "." + attribute {
	case functionType + ".Arn":
		return arn("lambda", "function:"+name)
	case tableType + ".Arn":
		return arn("dynamodb", "table/"+name)
	case queueType + ".Arn":
		return arn("sqs", name)
	case queueType + ".QueueName":
		return name
	case queueType + ".QueueUrl", secretType + ".Id", topicType + ".TopicArn":
		return r.refValue(res)
	case bucketType + ".Arn":
		return "arn:" + Partition + ":s3:::" + name
	case bucketType + ".DomainName":
		return name + ".s3.amazonaws.com"
	case bucketType + ".RegionalDomainName":
		return fmt.Sprintf("%s.s3.%s.amazonaws.com", name, Region)
	case distributionType + ".DomainName":
		return name + ".cloudfront.net"
	case originAccessType + ".Id":
		return name
	case edgeFunctionType + ".FunctionARN":
		return "arn:" + Partition + ":cloudfront::" + Account + ":function/" + name
	case logGroupType + ".Arn":
		return arn("logs", "log-group:"+name+":*")
	case kept + ".Value":
		if value, ok := r.written(res, "Value", "value"); ok {
			return value
		}
	case roleType + ".Arn":
		return fmt.Sprintf("arn:%s:iam::%s:role/%s", Partition, Account, name)
	case httpAPIType + ".ApiEndpoint":
		return fmt.Sprintf("https://%s.execute-api.%s.amazonaws.com", name, Region)
	}
	r.refuse(line, "attribute %s of %s (%s) is not one the local stack knows", attribute, id, res.kind)
	return ""
}

// readGlobals gives the properties that all resources of a type share.
func (r *reader) readGlobals(n *yaml.Node) map[string]*value {
	shared := map[string]*value{}
	for _, e := range r.entries(n) {
		switch e.key {
		case "Function":
			shared[functionType] = r.resolve(e.node)
		case "HttpApi":
			shared[httpAPIType] = r.resolve(e.node)
		default:
			r.refuse(e.line, "Globals: %s is not something the local stack models", e.key)
		}
	}
	return shared
}

// readResources reads every resource that exists under these parameters.
func (r *reader) readResources(shared map[string]*value) *Template {
	t := &Template{}
	for _, res := range r.resources {
		if !res.exists {
			continue
		}
		properties := merge(shared[res.kind], r.resolve(res.properties))
		open := func(what string) *section { return r.open(properties, what+" "+res.id, res.line) }
		switch res.kind {
		case functionType:
			t.Functions = append(t.Functions, r.readFunction(res, open("function")))
		case httpAPIType:
			r.readHTTPAPI(open("API"))
		case tableType:
			t.Tables = append(t.Tables, r.readTable(res, open("table")))
		case queueType:
			t.Queues = append(t.Queues, r.readQueue(res, open("queue")))
		case bucketType:
			t.Buckets = append(t.Buckets, r.readBucket(res, open("bucket")))
		case answerHeadersType:
			t.AnswerHeaders = append(t.AnswerHeaders, r.readAnswerHeaders(res, open("headers")))
		case secretType:
			t.Secrets = append(t.Secrets, r.readSecret(res, open("secret")))
		default:
			if _, known := noEffect.resourceTypes[res.kind]; !known {
				r.refuse(res.line, "resource %s: type %s is not one the local stack runs", res.id, res.kind)
			}
		}
	}
	r.checkRoutes(t.Functions)
	r.checkQueues(t)
	return t
}
