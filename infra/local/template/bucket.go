package template

import (
	"strings"
	"time"
)

// Bucket is one S3 bucket.
type Bucket struct {
	ID        string
	Name      string
	ARN       string
	CORS      []CORSRule
	Lifecycle []LifecycleRule
}

// CORSRule says what pages of other origins may ask of a bucket.
type CORSRule struct {
	Methods, Origins, Headers, Exposed []string
	MaxAge                             time.Duration
}

// LifecycleRule says what S3 removes by itself from the keys under a prefix; 0 days: nothing.
type LifecycleRule struct {
	Prefix             string
	ExpirationDays     int // of objects, since they were written
	AbortMultipartDays int // of uploads in parts, since they were begun
}

// readBucket reads a bucket. Versions and rules that filter by anything but a prefix are refused.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
func (r *reader) readBucket(res *resource, s *section) Bucket {
	s.get("BucketName")
	b := Bucket{ID: res.id, Name: r.name(res), ARN: r.attribute(res.id, "Arn", res.line)}
	if b.Name != strings.ToLower(b.Name) || len(b.Name) < 3 || len(b.Name) > 63 {
		s.refuse(s.value.line, "%s is no bucket's name: 3 to 63 characters in lower case", b.Name)
	}
	cors := s.open("CorsConfiguration")
	for _, rule := range cors.list("CorsRules") {
		b.CORS = append(b.CORS, CORSRule{
			Methods: rule.texts("AllowedMethods"), Origins: rule.texts("AllowedOrigins"), Headers: rule.texts("AllowedHeaders"),
			Exposed: rule.texts("ExposedHeaders"), MaxAge: rule.seconds("MaxAge", 0, 0, 86400),
		})
		rule.end(noEffect.bucketRule)
	}
	cors.end(nil)
	lifecycle := s.open("LifecycleConfiguration")
	for _, rule := range lifecycle.list("Rules") {
		b.Lifecycle = append(b.Lifecycle, rule.lifecycle()...)
	}
	lifecycle.end(nil)
	s.end(noEffect.bucket)
	return b
}

// lifecycle reads one rule, none where it is disabled.
func (s *section) lifecycle() []LifecycleRule {
	rule := LifecycleRule{Prefix: s.text("Prefix", ""), ExpirationDays: s.number("ExpirationInDays", 0, 0, 36500)}
	abort := s.open("AbortIncompleteMultipartUpload")
	rule.AbortMultipartDays = abort.number("DaysAfterInitiation", 0, 0, 36500)
	abort.end(nil)
	enabled := s.oneOf("Status", "", "Enabled", "Disabled") == "Enabled"
	s.end(noEffect.bucketRule)
	if !enabled {
		return nil
	}
	return []LifecycleRule{rule}
}
