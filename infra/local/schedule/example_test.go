package schedule_test

import (
	"fmt"
	"time"

	"github.com/tenantry/tenantry/infra/local/schedule"
)

func ExampleNext() {
	friday := time.Date(2026, 3, 6, 18, 30, 0, 0, time.UTC)
	next, err := schedule.Next("cron(0 8 ? * MON-FRI *)", friday)
	fmt.Println(next.Format(time.RFC1123), err)
	// Output: Mon, 09 Mar 2026 08:00:00 UTC <nil>
}
