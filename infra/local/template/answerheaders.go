package template

// AnswerHeaders are the headers that a CDN adds to answers.
type AnswerHeaders struct {
	ID      string
	Headers map[string]string
}

// readAnswerHeaders reads a response headers policy. HSTS is left out: the stack speaks HTTP.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudfront-responseheaderspolicy-responseheaderspolicyconfig.html
func (r *reader) readAnswerHeaders(res *resource, s *section) AnswerHeaders {
	policy := AnswerHeaders{ID: res.id, Headers: map[string]string{}}
	config := s.open("ResponseHeadersPolicyConfig")
	security := config.open("SecurityHeadersConfig")
	for _, one := range []struct{ key, field, header string }{
		{"ContentTypeOptions", "", "X-Content-Type-Options"},
		{"ContentSecurityPolicy", "ContentSecurityPolicy", "Content-Security-Policy"},
		{"ReferrerPolicy", "ReferrerPolicy", "Referrer-Policy"},
		{"FrameOptions", "FrameOption", "X-Frame-Options"},
	} {
		if security.get(one.key).kind == absent {
			continue
		}
		part := security.open(one.key)
		part.truth("Override", false)
		policy.Headers[one.header] = "nosniff"
		if one.field != "" {
			policy.Headers[one.header] = part.required(one.field)
		}
		part.end(nil)
	}
	strict := security.open("StrictTransportSecurity")
	strict.number("AccessControlMaxAgeSec", 0, 0, 63072000)
	for _, flag := range []string{"IncludeSubdomains", "Preload", "Override"} {
		strict.truth(flag, false)
	}
	strict.end(nil)
	security.end(nil)
	custom := config.open("CustomHeadersConfig")
	for _, item := range custom.list("Items") {
		item.truth("Override", false)
		policy.Headers[item.required("Header")] = item.required("Value")
		item.end(nil)
	}
	custom.end(nil)
	config.end(noEffect.answerHeaders)
	s.end(nil)
	return policy
}
