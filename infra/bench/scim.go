package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tenantry/tenantry/shared/directory"
)

// scimChapter measures what an IdP's calls cost in a small and in a large group, how a large directory is walked, and how many users a
// second come.
func (m *measurement) scimChapter(ctx context.Context) (string, error) {
	s, err := m.running(ctx)
	if err != nil {
		return "", err
	}
	i, err := newIDP(ctx, s)
	if err != nil {
		return "", err
	}
	first, err := m.comers(ctx, s, i) // as both tables are empty: what they hold makes the emulator slower
	if err != nil {
		return "", fmt.Errorf("create users: %w", err)
	}
	if err := i.fill(ctx, m.members); err != nil {
		return "", fmt.Errorf("make a directory of %d users: %w", m.members, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "In a directory of %d users, in groups of %d and of %d. The cheapest of %d tries where a call can be repeated.\n\n", m.members, few, m.members-apart, tries)
	fmt.Fprintf(&b, "| call | members | round trips to the table | items read | read units | write units | answer | took |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, one := range i.calls(m.members) {
		cost, err := one.measure(ctx, i)
		if err != nil {
			return "", fmt.Errorf("%s: %w", one.name, err)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %g | %g | %s | %d ms |\n", one.name, one.members, cost.roundTrips, cost.read, cost.readUnits, cost.writeUnits, size(cost.bytes), cost.took.Milliseconds())
	}
	for _, walk := range []struct {
		name string
		page func(context.Context, *idp, *steps) (bool, error)
	}{{"by index", byIndex}, {"by cursor", byCursor}} {
		text, err := i.walk(ctx, walk.name, walk.page)
		if err != nil {
			return "", fmt.Errorf("walk %s: %w", walk.name, err)
		}
		b.WriteString(text)
	}
	text, err := i.deletion(ctx, s)
	if err != nil {
		return "", fmt.Errorf("delete a group: %w", err)
	}
	b.WriteString(text)
	b.WriteString(first)
	return b.String(), nil
}

func size(bytes int) string {
	if bytes < 10_000 {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

// scimCall is a call of an IdP: what it asks for the n-th time.
type scimCall struct {
	name, members string
	times         int
	ask           func(n int) (method, path string, body any)
}

// callCost is what a call of an IdP cost.
type callCost struct {
	cost
	bytes int
	took  time.Duration
}

func (i *idp) calls(users int) []scimCall {
	patch := func(group, op string, ids ...string) (string, string, any) {
		var members []map[string]string
		for _, one := range ids {
			members = append(members, map[string]string{"value": one})
		}
		return http.MethodPatch, i.path("/Groups/" + group), map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
			"Operations": []map[string]any{{"op": op, "path": "members", "value": members}}}
	}
	sizes := map[string]string{i.few: fmt.Sprint(few), i.many: fmt.Sprint(users - apart)}
	var all []scimCall
	for _, group := range []string{i.few, i.many} {
		all = append(all,
			scimCall{"add a member", sizes[group], tries, func(n int) (string, string, any) { return patch(group, "add", i.outside[n]) }},
			scimCall{"remove a member", sizes[group], tries, func(n int) (string, string, any) { return patch(group, "remove", i.outside[n]) }},
			scimCall{"add 256 members", sizes[group], 1, func(int) (string, string, any) { return patch(group, "add", i.outside[tries:tries+256]...) }},
			scimCall{"remove 256 members", sizes[group], 1, func(int) (string, string, any) {
				return patch(group, "remove", i.outside[tries:tries+256]...)
			}},
			scimCall{"read the group", sizes[group], 1, func(int) (string, string, any) { return http.MethodGet, i.path("/Groups/" + group), nil }},
			scimCall{"read it without its members", sizes[group], tries, func(int) (string, string, any) {
				return http.MethodGet, i.path("/Groups/" + group + "?excludedAttributes=members"), nil
			}})
	}
	return all
}

// measure makes the call as often as it can be, and gives the cheapest.
func (one scimCall) measure(ctx context.Context, i *idp) (callCost, error) {
	var found []callCost
	for n := range one.times {
		method, path, body := one.ask(n)
		c, err := i.measure(ctx, method, path, body, nil)
		if err != nil {
			return c, err
		}
		found = append(found, c)
	}
	return slices.MinFunc(found, func(a, b callCost) int { return a.all - b.all }), nil
}

func (i *idp) measure(ctx context.Context, method, path string, body, out any) (c callCost, err error) {
	begun := time.Now()
	request, n, err := i.sized(ctx, method, path, body, out)
	c.took, c.bytes = time.Since(begun), n
	if err != nil {
		return c, err
	}
	calls, err := i.client.calls(ctx, request)
	c.cost = sum(calls)
	return c, err
}

// steps is how far a walk is.
type steps struct {
	users, pages int
	cursor       string
}

// walked is what is read of a page.
type walked struct {
	ItemsPerPage, TotalResults int
	NextCursor                 string
}

const walkPage = 200

func byIndex(ctx context.Context, i *idp, at *steps) (more bool, err error) {
	var page walked
	err = i.ask(ctx, http.MethodGet, i.path(fmt.Sprintf("/Users?count=%d&startIndex=%d", walkPage, at.users+1)), nil, &page)
	at.users += page.ItemsPerPage
	return page.ItemsPerPage > 0 && at.users < page.TotalResults, err
}

func byCursor(ctx context.Context, i *idp, at *steps) (more bool, err error) {
	var page walked
	err = i.ask(ctx, http.MethodGet, i.path(fmt.Sprintf("/Users?count=%d&cursor=%s", walkPage, at.cursor)), nil, &page)
	at.users, at.cursor = at.users+page.ItemsPerPage, page.NextCursor
	return page.NextCursor != "", err
}

// walk reads all users, page by page, and tells what that took.
func (i *idp) walk(ctx context.Context, name string, page func(context.Context, *idp, *steps) (bool, error)) (string, error) {
	var at steps
	begun := time.Now()
	for more := true; more; at.pages++ {
		var err error
		if more, err = page(ctx, i, &at); err != nil {
			return "", err
		}
	}
	took := time.Since(begun)
	return fmt.Sprintf("\nWalked %s: %d users in %d pages of %d, %.0f s, %.0f users a second.\n", name, at.users, at.pages, walkPage, took.Seconds(), float64(at.users)/took.Seconds()), nil
}

// deletion maps a group of many, waits until they have its role, and deletes it, until the last has lost the role (SCI-3).
func (i *idp) deletion(ctx context.Context, s *stack) (string, error) {
	role, err := userRole(ctx, i.table, i.root)
	if err != nil {
		return "", err
	}
	mapping := "/v1/organizations/" + i.root + "/provisioning/groups/" + i.gone + "/mapping"
	idle := func() error { return s.ask(ctx, http.MethodPost, "/_local/queues/idle", nil, nil) }
	if err := s.ask(ctx, http.MethodPut, mapping, map[string]any{"organizationId": i.root, "roleId": role.ID}, nil); err != nil {
		return "", err
	}
	if err := idle(); err != nil {
		return "", err
	}
	var request time.Duration
	took, err := s.measured(ctx, func() error {
		one, err := i.measure(ctx, http.MethodDelete, i.path("/Groups/"+i.gone), nil, nil)
		if request = one.took; err != nil {
			return err
		}
		if err := idle(); err != nil {
			return err
		}
		left, _, err := directory.Members(ctx, i.table, i.gone, "", 1)
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%s is in the group still", left[0])
		}
		return err
	})
	each := func(n float64) float64 { return n / leavers }
	return fmt.Sprintf("\nA mapped group of %d deleted: answered in %d ms; the last member had lost the role after %.1f s, which took %.2f calls of the table\nand %.1f write units a member.\n",
		leavers, request.Milliseconds(), took.took.Seconds(), each(float64(took.Made.Calls["dynamodb"])), each(took.Made.WriteUnits)), err
}

// comers has the clients create users, all at once, and then the same calls at the emulator alone.
func (m *measurement) comers(ctx context.Context, s *stack, i *idp) (string, error) {
	alone, end, err := startEmulator(ctx, s, m.root)
	if err != nil {
		return "", err
	}
	defer end()
	var busy atomic.Int64
	clients := make([]idp, m.clients)
	for n := range clients {
		clients[n] = *i
		clients[n].http = &http.Client{Transport: &http.Transport{}}
	}
	send := func(worker int) error {
		err := clients[worker].ask(ctx, http.MethodPost, i.path("/Users"), person(), nil)
		var refused *refusal
		if errors.As(err, &refused) && refused.status == http.StatusServiceUnavailable {
			busy.Add(1)
			return nil
		}
		return err
	}
	if _, err := each(ctx, m.clients, m.clients, send); err != nil { // an instance for everybody
		return "", err
	}
	busy.Store(0)
	stack, err := each(ctx, m.clients, requests, send)
	if err != nil {
		return "", err
	}
	one, err := i.measure(ctx, http.MethodPost, i.path("/Users"), person(), nil)
	if err != nil {
		return "", err
	}
	emulator, err := each(ctx, m.clients, requests, func(int) error { return alone.repeat(ctx, one.calls) })
	return fmt.Sprintf("\nUsers created by %d clients in an empty directory, %d in all: %.0f a second through the stack, %.0f a second of\nthe same calls to the emulator alone, a ratio of %.2f; %d were answered `busy`. One takes %d round trips and %g write units.\n",
		m.clients, requests, stack, emulator, stack/emulator, busy.Load(), one.roundTrips, one.writeUnits), err
}
