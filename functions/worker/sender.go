package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/tenantry/tenantry/shared/start"
)

// sender hands mails to SES.
type sender struct {
	client *sesv2.Client
	from   string  // empty: no mail leaves (INS-4)
	set    *string // SES's configuration set; nil: none
	log    *slog.Logger
}

func newSender(config aws.Config, own start.Config, log *slog.Logger) *sender {
	s := &sender{client: sesv2.NewFromConfig(config), from: own.MailFrom, log: log}
	if own.MailConfiguration != "" {
		s.set = &own.MailConfiguration
	}
	return s
}

// send sends one mail to one address. That SES refuses the address or the mail for good is logged and is no error: another
// try would end the same. No log line and no error of it holds the address.
func (s *sender) send(ctx context.Context, mail, to string, w written) error {
	if s.from == "" {
		s.log.InfoContext(ctx, "mail not sent: there is no sender", "mail", mail)
		return nil
	}
	_, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress:     &s.from,
		ConfigurationSetName: s.set,
		Destination:          &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(w.Subject),
			Body:    &types.Body{Text: utf8(w.Text), Html: utf8(w.HTML)},
			// RFC 3834: so that absence notices and other robots do not answer.
			Headers: []types.MessageHeader{{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")}},
		}},
	})
	var rejected *types.MessageRejected
	var malformed *types.BadRequestException
	switch {
	case errors.As(err, &rejected), errors.As(err, &malformed):
		s.log.ErrorContext(ctx, "mail refused by SES for good", "event", "mail.refused", "mail", mail, "code", code(err))
		return nil
	case err != nil:
		return fmt.Errorf("send mail %s: SES: %s", mail, code(err))
	}
	return nil
}

// code is what SES or the connection failed with, without the message, which may quote the address.
func code(err error) string {
	var answer interface{ ErrorCode() string }
	if errors.As(err, &answer) {
		return answer.ErrorCode()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return "no answer"
}

func utf8(text string) *types.Content {
	return &types.Content{Data: &text, Charset: aws.String("UTF-8")}
}
