package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/scim"
)

func TestSCI10_NoMoreIsExaminedThanMemorySufficesFor(t *testing.T) {
	t.Parallel()
	sent := func(bytes int) []*one { return []*one{{document: &directory.Document{Sent: make([]byte, bytes)}}} }
	left := examination(bytesExamined)
	for range 32 {
		if err := left.take(sent(1<<20), ofUsers()); err != nil {
			t.Fatal(err)
		}
	}
	var refused *scim.Error
	if err := left.take(sent(1), ofUsers()); !errors.As(err, &refused) || refused.Kind != scim.TooMany || !strings.Contains(refused.Detail, "32 MB") || !strings.Contains(refused.Detail, "userName") {
		t.Errorf("one more byte: %v", err)
	}
}
