package access

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/tenant"
)

var update = flag.Bool("update", false, "write docs/permissions.md")

// relations are the columns of the table, in the order of the specification.
func relations() []Relation {
	return []Relation{PlatformAdministrator, ManagingPartner, ReadingPartner, MainAdministrator, OwnAdministrator, Member, OfTree, Stranger}
}

// row is a right with what the specification says of it.
type row struct {
	right Right
	what  string
	cells string // yes (x) or no (-) for each of relations, in their order
}

// specified is the table of PER, cell by cell: platform administrator, partner with manage, partner with read,
// administrator of the main organization, administrator of a suborganization, user, elsewhere in the tree, stranger.
func specified() []row {
	return []row{
		{ReadGeneral, "Read General, Branding, Home", "xxxxxx--"},
		{ReadContact, "Read the email and the partner in General", "xxxxx---"},
		{EditGeneral, "Edit General, Branding, Home", "xx-xx---"},
		{ReadSettings, "Read Microservices, Products, Modules, Users, Roles, Domains, SSO, API keys, Audit", "xxxxx---"},
		{EditSettings, "Edit Microservices, Products, Modules, Users, Roles, Domains, SSO, API keys", "xx-xx---"},
		{ReadMainOnly, "Read categories, the Authentication policy, provisioning, suborganizations", "xxxxx---"},
		{EditMainOnly, "Turn categories on or off; SCIM, mapping, ranks, sync; suborganizations", "xx-x----"},
		{EditPolicy, "Authentication policy, closing, other people's second factors, break-glass; the partner and its access", "x--x----"},
		{EditProducts, "Products, advanced agent options", "x-------"},
		{Oversee, "Release a domain, suspend, recover", "x-------"},
	}
}

// outside are the rights that are about no one organization, by the type of the main organization that one administers:
// platform, partner, client.
func outside() []row {
	return []row{
		{ListOrganizations, "List main organizations (a partner: its clients that grant it access)", "xx-"},
		{CreateClients, "Create clients (a partner: as its own)", "xx-"},
		{CreatePartners, "Create partners", "x--"},
	}
}

func TestTheTableIsTheSpecification(t *testing.T) {
	for _, row := range specified() {
		for i, relation := range relations() {
			if got, want := Allows(relation, row.right), row.cells[i] == 'x'; got != want {
				t.Errorf("%s: %s: %t, specified %t", relation, row.right, got, want)
			}
		}
	}
	for _, row := range outside() {
		for i, kind := range []tenant.Type{tenant.Platform, tenant.Partner, tenant.Client} {
			if got, want := installation[kind][row.right], row.cells[i] == 'x'; got != want {
				t.Errorf("administrators of a %s: %s: %t, specified %t", kind, row.right, got, want)
			}
		}
	}
}

// declared are the values of a type's constants in right.go.
func declared(t *testing.T, kind string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "right.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && fmt.Sprint(spec.Type) == kind {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	slices.Sort(values)
	return values
}

func TestEveryRightAndRelationIsSpecified(t *testing.T) {
	rights := []string{string(Public), string(SignedIn)}
	for _, row := range append(specified(), outside()...) {
		rights = append(rights, string(row.right))
	}
	slices.Sort(rights)
	if got := declared(t, "Right"); !slices.Equal(got, rights) {
		t.Errorf("rights declared %v, specified %v", got, rights)
	}
	var known []string
	for _, relation := range relations() {
		known = append(known, string(relation))
	}
	slices.Sort(known)
	if got := declared(t, "Relation"); !slices.Equal(got, known) {
		t.Errorf("relations declared %v, specified %v", got, known)
	}
}

func TestWhatIsUnknownIsRefused(t *testing.T) {
	for _, relation := range append(relations(), "", "owner") {
		for _, right := range []Right{"", "everything"} {
			if Allows(relation, right) {
				t.Errorf("%q may %q", relation, right)
			}
		}
	}
	for _, row := range append(specified(), outside()...) {
		if Allows("owner", row.right) || Allows("", row.right) {
			t.Errorf("nobody in particular may %s", row.right)
		}
	}
}

// TestMayAnswersByRelation holds the answers of PER-4 for every relation and right.
func TestMayAnswersByRelation(t *testing.T) {
	for _, row := range specified() {
		for i, relation := range relations() {
			c := &Caller{Root: "org_a", Relation: relation, Organization: &tenant.Organization{Root: "org_a"}}
			want := "forbidden"
			switch {
			case row.cells[i] == 'x':
				want = ""
			case relation == Stranger:
				want = "not-found"
			}
			if got := slug(c.May(row.right)); got != want {
				t.Errorf("%s, %s: answered %q, not %q", relation, row.right, got, want)
			}
		}
	}
}

// TestRightsOutsideAreForAdministratorsOfMainOrganizations tries each right with each kind of person of each kind of tree.
func TestRightsOutsideAreForAdministratorsOfMainOrganizations(t *testing.T) {
	for _, row := range outside() {
		for i, kind := range []tenant.Type{tenant.Platform, tenant.Partner, tenant.Client} {
			for _, portal := range []people.PortalAccess{people.AdministratorAccess, people.UserAccess} {
				for _, home := range []string{"org_main", "org_sub"} {
					c := &Caller{Root: "org_main", Home: home, Portal: portal, Access: tenant.Access{Type: kind}, Key: &people.APIKey{SecondFactor: true}}
					want := row.cells[i] == 'x' && portal == people.AdministratorAccess && home == "org_main"
					if got := c.May(row.right) == nil; got != want {
						t.Errorf("%s of %s in a %s tree, %s: %t, not %t", portal, home, kind, row.right, got, want)
					}
				}
			}
		}
	}
}

func slug(err error) string {
	if e := problem.As(err); e != nil {
		return e.Slug
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

const permissionsFile = "../../docs/permissions.md"

func TestTheDocumentationIsTheTable(t *testing.T) {
	text := documentation()
	if *update {
		if err := os.WriteFile(permissionsFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(permissionsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(there) != text {
		t.Error("docs/permissions.md is not what the table says: go test ./shared/access -update")
	}
}

// documentation is the table as a page.
func documentation() string {
	var b strings.Builder
	b.WriteString("# Who may do what\n\nGenerated from the table in `shared/access/table.go`, by which every request is decided; do not edit.\n\n" +
		"## In an organization\n\n" +
		"What a caller is to the organization that the address names decides. *Elsewhere in the tree* is somebody of the same tree who has\n" +
		"nothing to do with this organization: refused with 403. Whoever is of another tree, and neither its partner nor the platform, gets\n" +
		"404, as for what does not exist. Acting on another tree takes a second factor.\n\n")
	header := []string{"Right", "What"}
	for _, relation := range relations()[:7] {
		header = append(header, heading(relation))
	}
	line(&b, header)
	line(&b, slices.Repeat([]string{"---"}, len(header)))
	for _, row := range specified() {
		cells := []string{"`" + string(row.right) + "`", row.what}
		for _, relation := range relations()[:7] {
			cells = append(cells, mark(Allows(relation, row.right)))
		}
		line(&b, cells)
	}
	b.WriteString("\n## Outside of any one organization\n\nFor the administrators of a main organization, by its type, with a second factor.\n\n")
	line(&b, []string{"Right", "What", "platform", "partner", "client"})
	line(&b, slices.Repeat([]string{"---"}, 5))
	for _, row := range outside() {
		line(&b, []string{"`" + string(row.right) + "`", row.what, mark(installation[tenant.Platform][row.right]),
			mark(installation[tenant.Partner][row.right]), mark(installation[tenant.Client][row.right])})
	}
	b.WriteString("\nOne's own profile, password, second factor and sessions (`self`) are everybody's; what is `public` needs no sign-in.\n" +
		"What is delicate takes, beside the right, a sign-in within the last ten minutes or a key made with that scope.\n" +
		"In the description of the API, `x-tenantry-right` and `x-tenantry-delicate` of an operation say what it needs.\n")
	return b.String()
}

func heading(r Relation) string {
	if r == OfTree {
		return "elsewhere in the tree"
	}
	return string(r)
}

func line(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func mark(yes bool) string {
	if yes {
		return "yes"
	}
	return "-"
}
