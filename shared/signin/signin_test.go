package signin_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/signin"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

var lifetimes = people.Lifetimes{Idle: time.Hour, Administrator: 8 * time.Hour, Member: 24 * time.Hour}

func opener(now clock.Clock) *signin.Opener {
	return &signin.Opener{Server: httpapi.New(httpapi.Config{PublicURL: "https://settings.example"}), Trail: audit.Trail{Keep: time.Hour, Clock: now},
		Lifetimes: lifetimes, Clock: now}
}

func at(now time.Time) clock.Clock { return func() time.Time { return now } }

// Whoever judged the proof commits what uses it up together with the session.
func ExampleOpener_Open() {
	user := &people.User{ID: "usr_1", Root: "org_1", Organization: "org_1", Role: "rol_1", Portal: people.UserAccess, Status: people.Active}
	tx := table.NewTx()
	session, cookie := opener(clock.System).Open(context.Background(), tx, user, &tenant.Access{}, people.Session{Method: people.ByPassword})
	fmt.Println(session.User, session.Method, cookie.Name, cookie.MaxAge, tx.Empty())
	// Output: usr_1 password __Host-tenantry 86400 false
}

func TestLOG6_ASessionLastsAsLongAsItsUserMayAndNoLongerThanTheProofSays(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	for name, one := range map[string]struct {
		portal people.PortalAccess
		ends   time.Duration // 0: the proof says nothing
		lasts  time.Duration
	}{
		"a member":                          {people.UserAccess, 0, 24 * time.Hour},
		"an administrator":                  {people.AdministratorAccess, 0, 8 * time.Hour},
		"sooner":                            {people.UserAccess, 90 * time.Minute, 90 * time.Minute},
		"later than the product lets":       {people.AdministratorAccess, 30 * time.Hour, 8 * time.Hour},
		"over, within what clocks may skew": {people.UserAccess, -30 * time.Second, time.Second},
	} {
		proved := people.Session{Method: people.ByPassword}
		if one.ends != 0 {
			proved.ExpiresAt = now.Add(one.ends).Unix()
		}
		s, cookie := opener(at(now)).Open(t.Context(), table.NewTx(), &people.User{ID: "usr_1", Root: "org_1", Portal: one.portal}, &tenant.Access{}, proved)
		if s.ExpiresAt != now.Add(one.lasts).Unix() || cookie.MaxAge != int(one.lasts.Seconds()) {
			t.Errorf("%s: until %s, the cookie %d s", name, time.Unix(s.ExpiresAt, 0).Sub(now), cookie.MaxAge)
		}
	}
}

func TestPER6_AProofThatIsOlderThanTheSessionIsNoFreshOne(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	for name, one := range map[string]struct{ proved, want time.Duration }{
		"an hour ago":            {-time.Hour, -time.Hour},
		"now":                    {0, 0},
		"a clock that runs fast": {40 * time.Second, 0},
	} {
		s, _ := opener(at(now)).Open(t.Context(), table.NewTx(), &people.User{ID: "usr_1", Root: "org_1"}, &tenant.Access{},
			people.Session{Method: people.ByPassword, AuthenticatedAt: now.Add(one.proved).Unix()})
		if got := time.Unix(s.AuthenticatedAt, 0).Sub(now); got != one.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAUT5_EachSignInIsCountedByItsMethod(t *testing.T) {
	t.Parallel()
	opened, u, now := tabletest.New(t), &people.User{ID: "usr_1", Root: "org_1", Organization: "org_1"}, time.Now()
	for range 2 {
		tx := table.NewTx()
		opener(at(now)).Open(t.Context(), tx, u, &tenant.Access{}, people.Session{Method: people.ByPassword})
		if err := opened.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	var counted struct {
		Count  int    `dynamodbav:"count"`
		LastAt string `dynamodbav:"lastAt"`
	}
	if found, err := opened.Get(t.Context(), table.MethodKey(u.ID, string(people.ByPassword)), &counted); !found || err != nil || counted.Count != 2 || counted.LastAt != clock.Format(now) {
		t.Errorf("found %v, %v: %+v", found, err, counted)
	}
}
