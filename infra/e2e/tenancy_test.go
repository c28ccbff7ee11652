package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// This file walks every operation of the API with every reference in it: with another tree's value, with one that does not
// exist, and with one of the own tree that is not the caller's to touch. The first two must not be told apart (PER-4).

// world is two trees that know nothing of each other, and who looks after the first.
type world struct {
	mine, other         *Tree
	callers             []caller
	job                 string            // of the main organization that is the callers'
	otherJob            string            // and of the other one
	export, otherExport string            // the same of exports
	domains             map[string]string // a domain of each organization
	roles               map[string]string // and a named role
	connections         map[string]string // and an SSO connection
	trials              map[string]string // and a test of that one
	groups              map[string]string // a group that an IdP pushed into a main organization
	syncs               map[string]string // and a Sync assigned roles there
	cursors             map[string]string // of the other tree's lists, by operation
	upload              string            // of the main organization that is the callers'
	otherUpload         string            // and of the other one
}

// caller is a kind of person of the permission table, with how that one sends a request and where it stands.
type caller struct {
	kind   string
	person Person
	do     func(t testing.TB, method, path string, body any, headers ...string) Answer
	org    string // the organization that it acts on
	user   string // somebody there
	all    bool   // sees every organization
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{mine: newTree(t), other: newTree(t), cursors: map[string]string{}}
	w.job = anyJob(t, w.mine, w.mine.Org, "failed")
	w.export, w.otherExport = anyExport(t, w.mine, w.mine.Org), anyExport(t, w.other, w.other.Org)
	w.otherJob = anyJob(t, w.other, w.other.Org, "running")
	w.upload = uploaded(t, w.mine.Admin, w.mine.Org, "logo", "photo.png")
	w.otherUpload = uploaded(t, w.other.Admin, w.other.Org, "logo", "photo.png")
	manage, read := newTreeOf(t, platform(t), "partner"), newTreeOf(t, platform(t), "partner")
	readable := newTree(t)
	employ(t, w.mine, manage, "manage")
	employ(t, readable, read, "read")
	w.domains, w.roles, w.connections, w.trials = map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}
	for _, tree := range []*Tree{w.mine, w.other, readable, manage} {
		for _, org := range append(tree.Subs, tree.Org) {
			w.domains[org] = tree.register(t, org, someDomain()).ID
			w.roles[org] = madeRole(t, tree.Admin, org, "Walked "+unique())
			w.connections[org] = tree.complete(t, org, tree.begin(t, org, "okta")).ID
			w.trials[org] = tree.trial(t, org, w.connections[org])
		}
	}
	w.groups, w.syncs = map[string]string{}, map[string]string{}
	for _, tree := range []*Tree{w.mine, w.other, readable} {
		w.groups[tree.Org] = tree.pusher(t).push(t, "Walked")
		w.syncs[tree.Org] = anySync(t, tree, "waiting")
	}
	root, a := platform(t), w.mine
	w.callers = []caller{
		{"platform administrator", root, root.DoWithKey, a.Org, a.User.ID, true},
		{"managing partner", manage.Admin, manage.Admin.Do, a.Org, a.User.ID, false},
		{"managing partner's key, in a suborganization", manage.Admin, manage.Admin.DoWithKey, a.Subs[0], a.SubOne.ID, false},
		{"reading partner", read.Admin, read.Admin.DoWithKey, readable.Org, readable.User.ID, false},
		{"partner's user", manage.User, manage.User.Do, manage.Org, manage.User.ID, false},
		{"main administrator", a.Admin, a.Admin.Do, a.Org, a.User.ID, false},
		{"main administrator's key", a.Admin, a.Admin.DoWithKey, a.Org, a.User.ID, false},
		{"suborganization's administrator", a.Sub, a.Sub.Do, a.Subs[0], a.SubOne.ID, false},
		{"suborganization's key", a.Sub, a.Sub.DoWithKey, a.Subs[0], a.SubOne.ID, false},
		{"user", a.User, a.User.Do, a.Org, a.Second.ID, false},
		{"suborganization's user", a.SubOne, a.SubOne.Do, a.Subs[0], a.Sub.ID, false},
	}
	return w
}

// employ makes partner the partner of the client with that access.
func employ(t testing.TB, client, partner *Tree, access string) {
	t.Helper()
	client.Admin.DoWithKey(t, "PUT", "/v1/organizations/"+client.Org+"/partner", map[string]string{"code": partnerCode(t, partner)}).Expect(t, 200)
	client.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+client.Org, map[string]string{"partnerAccess": access}).Expect(t, 200)
}

// reference is how to fill one reference of an operation.
type reference struct {
	own   func(w *world, c caller) string // what is right for the caller
	other func(w *world, t testing.TB) string
	// random makes a value of the same form that names nothing.
	random func() string
	// hidden says why the reference is not walked: nobody's in particular, for instance.
	hidden string
}

func fresh(kind string) func() string {
	return func() string { return kind + "_" + ulid.Make().String() }
}

// references are those of the API, by operation and name, or by name alone.
var references = map[string]reference{
	"path org":    {own: func(_ *world, c caller) string { return c.org }, other: func(w *world, _ testing.TB) string { return w.other.Org }, random: fresh("org")},
	"path user":   {own: func(_ *world, c caller) string { return c.user }, other: func(w *world, _ testing.TB) string { return w.other.User.ID }, random: fresh("usr")},
	"body userId": {own: func(_ *world, c caller) string { return c.user }, other: func(w *world, _ testing.TB) string { return w.other.Second.ID }, random: fresh("usr")},
	"path key": {own: func(w *world, c caller) string { return keyID(c.person.Key) },
		other: func(w *world, _ testing.TB) string { return keyID(w.other.Admin.Key) }, random: fresh("key")},
	"path export": {own: func(w *world, _ caller) string { return w.export },
		other: func(w *world, _ testing.TB) string { return w.otherExport }, random: fresh("job")},
	"path job": {own: func(w *world, _ caller) string { return w.job },
		other: func(w *world, _ testing.TB) string { return w.otherJob }, random: fresh("job")},
	"path domain": {own: func(w *world, c caller) string { return w.domains[c.org] },
		other: func(w *world, _ testing.TB) string { return w.domains[w.other.Org] }, random: fresh("dom")},
	"path role": {own: func(w *world, c caller) string { return w.roles[c.org] },
		other: func(w *world, _ testing.TB) string { return w.roles[w.other.Org] }, random: fresh("rol")},
	"path group": {own: func(w *world, c caller) string { return w.group(c.org) },
		other: func(w *world, _ testing.TB) string { return w.groups[w.other.Org] }, random: fresh("grp")},
	"body groupIds": {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.groups[w.other.Org] }, random: fresh("grp")},
	"path run": {own: func(w *world, c caller) string { return w.sync(c.org) },
		other: func(w *world, _ testing.TB) string { return w.syncs[w.other.Org] }, random: fresh("run")},
	"body runId":     {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.syncs[w.other.Org] }, random: fresh("run")},
	"body previewId": {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.syncs[w.other.Org] }, random: fresh("run")},
	"path test": {own: func(w *world, c caller) string { return w.trials[c.org] },
		other: func(w *world, _ testing.TB) string { return w.trials[w.other.Org] }, random: fresh("tst")},
	"path scimToken": {own: func(*world, caller) string { return fresh("tok")() }, hidden: "a token's id is looked up under its connection alone"},
	"path ownKey":    {own: func(*world, caller) string { return noKey }, hidden: "a key of our own is looked up under its connection alone"},
	"path connection": {own: func(w *world, c caller) string { return w.connections[c.org] },
		other: func(w *world, _ testing.TB) string { return w.connections[w.other.Org] }, random: fresh("con")},
	"query to":         {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.connections[w.other.Org] }, random: fresh("con")},
	"body entityId":    {hidden: "an IdP's name for itself, which several trees may have (SSO-2)"},
	"path certificate": {own: func(*world, caller) string { return strings.Repeat("0", 64) }, hidden: "a certificate's SHA-256 is the same wherever it is trusted"},
	"body justInTime":  {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.other.Roles[w.other.Org].User }, random: fresh("rol")},
	"path session": {own: func(*world, caller) string { return fresh("ses")() },
		other: func(w *world, t testing.TB) string { return sessionID(t, w.other.User) }, random: fresh("ses")},
	"path token":             {hidden: "whoever holds a mailed link has it, of whatever tree"},
	"body challenge":         {hidden: "belongs to a sign-in, which has no tree yet"},
	"body code":              {hidden: "a second factor's or a recovery code is the caller's own"},
	"body roleId":            {own: func(w *world, c caller) string { return w.userRole(c.org) }, other: func(w *world, _ testing.TB) string { return w.other.Roles[w.other.Org].User }, random: fresh("rol")},
	"query roleId":           {own: func(w *world, c caller) string { return w.userRole(c.org) }, other: func(w *world, _ testing.TB) string { return w.other.Roles[w.other.Org].User }, random: fresh("rol")},
	"body organizationId":    {own: func(_ *world, c caller) string { return c.org }, other: func(w *world, _ testing.TB) string { return w.other.Org }, random: fresh("org")},
	"query organizationId":   {own: func(_ *world, c caller) string { return c.org }, other: func(w *world, _ testing.TB) string { return w.other.Org }, random: fresh("org")},
	"body partnerId":         {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.other.Org }, random: fresh("org")},
	"body breakGlassUserIds": {own: func(*world, caller) string { return "" }, other: func(w *world, _ testing.TB) string { return w.other.Admin.ID }, random: fresh("usr")},
	"path provider":          {own: func(*world, caller) string { return "microsoft" }, hidden: "Microsoft or Google, for everybody the same"},
	"path kind":              {own: func(*world, caller) string { return "logo" }, hidden: "logo or cover, of the organization"},
	"body uploadId": {own: func(w *world, _ caller) string { return w.upload },
		other: func(w *world, _ testing.TB) string { return w.otherUpload }, random: fresh("upl")},
	"query cursor":          {own: func(*world, caller) string { return "" }, random: func() string { return "eyJwayI6Ik9SRyJ9.AAAA" }},
	"set-partner body.code": {own: func(*world, caller) string { return "" }, hidden: "a partner's code is for whoever holds it"},
}

// group is one that is of the organization's tree, of the callers' where it has none.
func (w *world) group(org string) string {
	if group, found := w.groups[org]; found {
		return group
	}
	return w.groups[w.mine.Org]
}

// sync is a run of the organization, or of the callers' tree where it has none.
func (w *world) sync(org string) string {
	if run, found := w.syncs[org]; found {
		return run
	}
	return w.syncs[w.mine.Org]
}

func (w *world) userRole(org string) string {
	if roles, found := w.mine.Roles[org]; found {
		return roles.User
	}
	return fresh("rol")()
}

// keyID is the id in a key's token, which names its tree, its maker and itself.
func keyID(token string) string {
	if parts := strings.Split(token, "."); len(parts) > 2 {
		return parts[2]
	}
	return fresh("key")()
}

func sessionID(t testing.TB, p Person) string {
	t.Helper()
	for sk, session := range rawTable(t).partition(t, "USER#"+p.ID) {
		if strings.HasPrefix(sk, "SESSION#") {
			return session.text("id")
		}
	}
	t.Fatalf("%s has no session", p.Email)
	return ""
}

// find is how to fill a reference of an operation.
func find(o operation, p param) (reference, bool) {
	if r, found := references[o.ID+" "+p.Name]; found {
		return r, true
	}
	name := p.Name[strings.LastIndexByte(p.Name, '.')+1:]
	r, found := references[p.In+" "+name]
	return r, found
}

// bodies are bodies that would be accepted, but for the references that are filled in. An operation with required fields
// and without a body here fails the walk.
var bodies = map[string]func(w *world, c caller) map[string]any{
	"create-organization": func(*world, caller) map[string]any {
		return map[string]any{"type": "client", "name": "Walked", "email": "w@acme.example", "administrator": map[string]string{"email": "w-" + unique() + "@acme.example", "name": "W"}}
	},
	"edit-organization":      func(*world, caller) map[string]any { return map[string]any{"description": "walked"} },
	"create-suborganization": func(*world, caller) map[string]any { return map[string]any{"name": "Walked " + unique()} },
	"give-recovery":          func(*world, caller) map[string]any { return map[string]any{"reason": "walked"} },
	"close-organization":     func(*world, caller) map[string]any { return map[string]any{"name": "Walked"} },
	"set-partner":            func(*world, caller) map[string]any { return map[string]any{} },
	"invite-user": func(*world, caller) map[string]any {
		return map[string]any{"email": "w-" + unique() + "@acme.example", "name": "Walked"}
	},
	"create-domain":     func(*world, caller) map[string]any { return map[string]any{"name": someDomain()} },
	"create-connection": func(*world, caller) map[string]any { return map[string]any{"name": "Walked", "provider": "okta"} },
	"edit-connection":   func(*world, caller) map[string]any { return map[string]any{"name": "Walked"} },
	"take-connection-metadata": func(*world, caller) map[string]any {
		return map[string]any{"xml": string(samlsptestMetadata("https://idp.example/walked"))}
	},
	"set-group-mapping": func(*world, caller) map[string]any { return map[string]any{} },
	"rank-groups":       func(*world, caller) map[string]any { return map[string]any{} },
	"set-sync-settings": func(*world, caller) map[string]any { return map[string]any{"confirmation": confirms(30, 7)} },
	"begin-sync-run":    func(*world, caller) map[string]any { return map[string]any{"mode": "apply"} },
	"set-provisioning":  func(*world, caller) map[string]any { return map[string]any{} },
	"make-scim-token":   func(*world, caller) map[string]any { return map[string]any{} },
	"add-connection-certificate": func(*world, caller) map[string]any {
		return map[string]any{"certificate": samlsptest.Key("idp").Base64()}
	},
	"begin-export": func(*world, caller) map[string]any { return map[string]any{"what": "organization", "format": "jsonl"} },
	"import-users": func(*world, caller) map[string]any { return anImport("name,email,role\n", true) },
	"set-palette":  func(*world, caller) map[string]any { return map[string]any{"palette": palette()} },
	"take-image":   func(*world, caller) map[string]any { return map[string]any{} },
	"begin-image-upload": func(*world, caller) map[string]any {
		return map[string]any{"kind": "cover", "contentType": "image/webp", "size": 100}
	},
	"edit-user": func(*world, caller) map[string]any { return map[string]any{} },
	"create-role": func(*world, caller) map[string]any {
		return map[string]any{"name": "Walked " + unique(), "portalAccess": "user"}
	},
	"edit-role":                 func(*world, caller) map[string]any { return map[string]any{} },
	"make-api-key":              func(*world, caller) map[string]any { return map[string]any{"name": "Walked"} },
	"edit-own-profile":          func(*world, caller) map[string]any { return map[string]any{"name": "Walked"} },
	"edit-sign-in":              func(*world, caller) map[string]any { return map[string]any{} },
	"set-authentication-policy": func(*world, caller) map[string]any { return aPolicy(true, "administrators") },
}

// request is an operation with its references filled in.
type request struct {
	method, path string
	body         map[string]any
}

// fill makes the request of the caller, with the one reference replaced; the zero param replaces none.
func fill(w *world, c caller, o operation, replaced param, value string) (request, error) {
	r := request{method: o.Method, path: o.Path}
	if make, found := bodies[o.ID]; found {
		r.body = maps.Clone(make(w, c))
	} else if len(o.Body) > 0 {
		return r, fmt.Errorf("%s has a body and none in bodies", o.ID)
	}
	for _, p := range o.references() {
		how, found := find(o, p)
		if !found {
			return r, fmt.Errorf("the reference %s %s of %s is in no list of references", p.In, p.Name, o.ID)
		}
		put := value
		if p != replaced {
			if how.own == nil {
				continue
			}
			put = how.own(w, c)
		}
		r.put(p, put)
	}
	return r, nil
}

func (r *request) put(p param, value string) {
	switch {
	case p.In == "path":
		r.path = strings.ReplaceAll(r.path, "{"+p.Name+"}", value)
	case value == "":
	case p.In == "query":
		r.path += "?" + p.Name + "=" + value
	case strings.HasSuffix(p.Name, "Ids"):
		r.body[strings.TrimPrefix(p.Name, "body.")] = []string{value}
	default:
		r.body[strings.TrimPrefix(p.Name, "body.")] = value
	}
}

func TestPER4_TenancyWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.other.snapshot(t)
	for _, o := range api(t) {
		if o.Right == "public" {
			continue // nobody is signed in, so there is no own tree; what they reveal is TestNobodyLearnsWhetherAnAccountExists's
		}
		t.Run(o.ID, func(t *testing.T) { walk(t, w, o) })
	}
	if diff := cmp.Diff(before, w.other.snapshot(t)); diff != "" {
		t.Errorf("the other tree was changed:\n%s", diff)
	}
	inOrder(t, w.mine.Org)
	inOrder(t, w.other.Org)
}

func walk(t *testing.T, w *world, o operation) {
	for _, p := range o.references() {
		how, found := find(o, p)
		if !found {
			t.Errorf("the reference %s %s is in no list of references", p.In, p.Name)
			continue
		}
		if how.hidden != "" {
			continue
		}
		for _, c := range w.callers {
			if c.all && p == (param{"org", "path"}) {
				continue // every organization is the platform's to see
			}
			other := w.foreign(t, o, p, how)
			compare(t, w, c, o, p, other, how.random())
		}
	}
	forbidden(t, w, o)
	control(t, w, o)
}

// control sends the request with nothing replaced, as the main administrator: it must be accepted, otherwise the walk was
// refused for another reason than the reference. What would remove things that other walks need is left out.
func control(t *testing.T, w *world, o operation) {
	_, described := bodies[o.ID]
	if o.Right != "settings.read" && o.Right != "settings.edit" && o.Right != "general.read" && o.Right != "general.edit" ||
		o.changing() && !described {
		return
	}
	for _, c := range w.callers {
		if c.kind != "main administrator's key" {
			continue
		}
		r, err := fill(w, c, o, param{}, "")
		if err != nil {
			t.Error(err)
			return
		}
		if answer := c.do(t, r.method, r.path, bodyOf(r)); answer.Status >= 300 {
			t.Errorf("with nothing replaced: %d %s", answer.Status, answer.Body)
		}
	}
}

// foreign is the other tree's value of a reference.
func (w *world) foreign(t *testing.T, o operation, p param, how reference) string {
	if p.Name != "cursor" {
		return how.other(w, t)
	}
	if w.cursors[o.ID] == "" {
		w.cursors[o.ID] = foreignCursor(t, w, o)
	}
	return w.cursors[o.ID]
}

// foreignCursor is a cursor that the other tree's administrator got for the same list; a list too short to have one gives
// that of a list that is not.
func foreignCursor(t *testing.T, w *world, o operation) string {
	for _, path := range []string{strings.ReplaceAll(strings.ReplaceAll(o.Path, "{org}", w.other.Org), "{user}", w.other.Admin.ID), "/v1/organizations/" + w.other.Org + "/users"} {
		var page struct{ NextCursor string }
		answer := w.other.Admin.DoWithKey(t, "GET", path+"?limit=1", nil)
		if answer.Status == 200 && json.Unmarshal(answer.Body, &page) == nil && page.NextCursor != "" {
			return page.NextCursor
		}
	}
	t.Fatalf("no list of the other tree gave a cursor for %s", o.ID)
	return ""
}

// compare sends the request with the other tree's value and with a random one: nobody may tell the answers apart.
func compare(t *testing.T, w *world, c caller, o operation, p param, other, random string) {
	t.Helper()
	answers := map[string]string{}
	for name, value := range map[string]string{"other": other, "random": random} {
		r, err := fill(w, c, o, p, value)
		if err != nil {
			t.Error(err)
			return
		}
		answer := c.do(t, r.method, r.path, bodyOf(r))
		if answer.Status >= 500 || answer.Status < 300 && o.changing() {
			t.Errorf("%s, %s %s of the %s: %d %s", c.kind, p.In, p.Name, name, answer.Status, answer.Body)
		}
		answers[name] = anonymous(answer, value)
	}
	if answers["other"] != answers["random"] {
		t.Errorf("%s, %s %s: the other tree's value and a random one are told apart:\n%s", c.kind, p.In, p.Name, cmp.Diff(answers["random"], answers["other"]))
	}
}

func bodyOf(r request) any {
	if r.body == nil {
		return nil
	}
	return r.body
}

// anonymous is an answer without what differs between any two requests: ids of requests, dates, and the value itself.
func anonymous(answer Answer, value string) string {
	header := answer.Header.Clone()
	id := header.Get("X-Request-Id")
	for name := range header {
		if strings.HasPrefix(name, "X-Local-") || name == "Apigw-Requestid" || name == "X-Request-Id" || name == "Date" || name == "Content-Length" {
			header.Del(name)
		}
	}
	body := strings.ReplaceAll(strings.ReplaceAll(string(answer.Body), id, "REQUEST"), value, "VALUE")
	return fmt.Sprintf("%d\n%s\n%s", answer.Status, headerText(header), body)
}

func headerText(header http.Header) string {
	var text strings.Builder
	_ = header.Write(&text)
	return text.String()
}

// forbidden sends what is of the own tree and not the caller's to touch: a suborganization's administrator on the main
// organization and on its people, a user on anything. It is known to be there, so the answer is 403 and not 404.
func forbidden(t *testing.T, w *world, o operation) {
	for _, c := range w.callers {
		if !strings.HasPrefix(c.kind, "suborganization's") {
			continue
		}
		for _, p := range o.references() {
			value := map[param]string{{"org", "path"}: w.mine.Org, {"user", "path"}: w.mine.User.ID}[p]
			if value == "" {
				continue
			}
			r, err := fill(w, c, o, p, value)
			if err != nil {
				t.Error(err)
				return
			}
			if answer := c.do(t, r.method, r.path, bodyOf(r)); answer.Status != 403 {
				t.Errorf("%s, %s %s of the own tree: %d %s", c.kind, p.In, p.Name, answer.Status, answer.Body)
			}
		}
	}
}

// snapshot is everything that is stored of the tree, but for when somebody was last seen.
func (tree *Tree) snapshot(t testing.TB) map[string]row {
	t.Helper()
	all := map[string]row{}
	partitions := []string{"TREE#" + tree.Org, "COUNTS#" + tree.Org, "ORG#" + tree.Org, "USER#" + tree.Admin.ID, "USER#" + tree.User.ID}
	for _, sub := range tree.Subs {
		partitions = append(partitions, "ORG#"+sub)
	}
	for _, pk := range partitions {
		for sk, item := range rawTable(t).partition(t, pk) {
			for _, name := range []string{"lastUsedAt", "lastUsedFrom", "lastSeen"} {
				delete(item, name)
			}
			all[pk+" "+sk] = item
		}
	}
	return all
}
