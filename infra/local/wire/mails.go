package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// mails is the wire's side of SES, version 2 of its API, which an emulator keeps the inbox of.
type mails struct {
	url    *url.URL
	client *http.Client
	sent   func(context.Context) // after each mail that the emulator took
}

func newMails(at *url.URL, sent func(context.Context)) mails {
	if sent == nil {
		sent = func(context.Context) {}
	}
	return mails{url: at, client: keepAlive(), sent: sent}
}

// needs asks for ses:SendEmail on the identity of the sender, which is its address or its domain, and on the configuration set
// where one is named:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
func (m mails) needs(c *call) ([]need, *refusal) {
	if c.method != http.MethodPost || c.path != "/v2/email/outbound-emails" {
		return nil, &refusal{http.StatusNotFound, "NotFoundException", "The local stack knows only SendEmail of SES, not " + c.method + " " + c.path + "."}
	}
	c.action = "SendEmail"
	var request struct{ FromEmailAddress, ConfigurationSetName string }
	if err := json.Unmarshal(c.body, &request); err != nil {
		return nil, &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	from, err := mail.ParseAddress(request.FromEmailAddress)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "BadRequestException", "FromEmailAddress: " + err.Error()}
	}
	domain := from.Address[strings.LastIndex(from.Address, "@")+1:]
	needs := []need{{action: "ses:SendEmail", resource: mailARN("identity", from.Address), instead: mailARN("identity", domain)}}
	c.record.Actions, c.record.Resource, c.record.Items = []string{needs[0].action}, needs[0].resource, 1
	if request.ConfigurationSetName != "" {
		needs = append(needs, need{action: "ses:SendEmail", resource: mailARN("configuration-set", request.ConfigurationSetName)})
	}
	return needs, nil
}

func mailARN(kind, name string) string {
	return fmt.Sprintf("arn:%s:ses:%s:%s:%s/%s", template.Partition, template.Region, template.Account, kind, name)
}

func (m mails) do(ctx context.Context, c *call) (answer, error) {
	if m.url == nil {
		return answer{}, fmt.Errorf("this stack sends no mail")
	}
	to := m.url.JoinPath(c.path)
	to.RawQuery = c.query
	request, err := http.NewRequestWithContext(ctx, c.method, to.String(), bytes.NewReader(c.body))
	if err != nil {
		return answer{}, fmt.Errorf("send a mail: %w", err)
	}
	for _, name := range []string{"Content-Type", "Authorization", "X-Amz-Date"} {
		request.Header.Set(name, c.header.Get(name))
	}
	a, err := fetch(m.client, request)
	if err == nil && a.status == http.StatusOK {
		m.sent(ctx)
	}
	return a, err
}

func (m mails) pass(ctx context.Context, c *call) (answer, error) { return m.do(ctx, c) }

func (m mails) throttled(*call) answer {
	return m.refuse(refusal{http.StatusTooManyRequests, "TooManyRequestsException", "Too many requests"})
}

func (m mails) conflicting(*call) (answer, bool) { return answer{}, false }

// refuse answers in the AWS REST JSON protocol, whose codes are in a header.
func (m mails) refuse(r refusal) answer {
	a := jsonAnswer("1.1", r.status, map[string]string{"message": r.message})
	a.header.Set("Content-Type", "application/json")
	a.header.Set("X-Amzn-Errortype", r.code)
	return a
}
