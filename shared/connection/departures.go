package connection

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// This file counts whom the IdP of a connection deactivates and deletes, so that a mistake or an attack there is told of at once (SCI-9).

const (
	departuresWithin = time.Hour
	departuresBucket = 10 * time.Minute
	departuresKept   = 2 * time.Hour

	// More than mostDepartures in the hour is unusual for anybody; more than the tenth part of all users is, where they are as many as
	// fewestDepartures: of five people one leaves now and then.
	mostDepartures   = 50
	fewestDepartures = 10
)

type departures struct {
	N int `dynamodbav:"n"`
}

// NoteDeparture counts that somebody left, and gives how many did in the last hour, up to ten minutes more than it. It is a note beside
// what was changed: one that is lost with a crash is missing in the number.
func NoteDeparture(ctx context.Context, t *table.Table, connection string, now time.Time) (n int, err error) {
	bucket := func(at time.Time) string { return clock.Format(at.Truncate(departuresBucket)) }
	one := table.Touch(table.ConnectionLeftKey(connection, bucket(now))).Add("n", 1).Set("expiresAt", table.Expiry(now.Add(departuresKept)))
	if _, err := t.Apply(ctx, one); err != nil {
		return 0, err
	}
	first := table.ConnectionLeftKey(connection, "")
	rows, _, err := t.Rows(ctx, table.Question{PK: first.PK, Prefix: first.SK, Descending: true, Limit: int(departuresWithin/departuresBucket) + 1}, table.Key{})
	for _, row := range rows {
		var counted departures
		if row.SK < first.SK+bucket(now.Add(-departuresWithin)) {
			break
		}
		if err := row.Read(&counted); err != nil {
			return 0, err
		}
		n += counted.N
	}
	return n, err
}

// Unusual tells whether so many departures in an hour are worth a warning, of a connection with so many users.
func Unusual(departures, users int) bool {
	return departures > mostDepartures || departures >= fewestDepartures && departures*10 > users
}

// WarnOfDepartures has the change note that the administrators are told of them. It fails with again where they were in the last hour.
func WarnOfDepartures(tx *table.Tx, connection string, now time.Time, again error) {
	told := expression.Name("at")
	tx.Update(table.Touch(table.ConnectionWarnKey(connection)).Set("at", clock.Format(now)).
		If(told.AttributeNotExists().Or(told.LessThan(expression.Value(clock.Format(now.Add(-departuresWithin))))), again))
}
