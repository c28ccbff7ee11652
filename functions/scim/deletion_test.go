package main

import (
	"context"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/problem"
)

func TestSCI10_WhatTakesLongerThanARequestIsAnsweredAndNotCutOff(t *testing.T) {
	t.Parallel()
	for left, enough := range map[time.Duration]bool{time.Minute: true, 4 * time.Second: true, time.Second: false, -time.Second: false} {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(left))
		defer cancel()
		err := inTime(ctx)
		if e := problem.As(err); enough != (err == nil) || !enough && (e.Code != problem.Unavailable || e.RetryAfter == 0) {
			t.Errorf("with %s left: %v", left, err)
		}
	}
	if err := inTime(context.Background()); err != nil {
		t.Errorf("without an end: %v", err)
	}
}
