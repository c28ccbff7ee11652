package table_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/table"
)

// erasedAs says of every key of keys.go how what stands under it is erased along with the tree org_1, whose one user is usr_1,
// one connection con_1 and one group grp_1 (GEN-6). A key in a partition that is erased whole needs no words; any other says how, or why it need not be.
var erasedAs = map[string]struct {
	key table.Key
	how string
}{
	"OrganizationKey":    {key: table.OrganizationKey("org_1")},
	"RoleKey":            {key: table.RoleKey("org_1", "rol_1")},
	"RoleNameKey":        {key: table.RoleNameKey("org_1", "Auditor")},
	"RolesKey":           {key: table.RolesKey("org_1", "org_1")},
	"DomainKey":          {key: table.DomainKey("org_1", "dom_1")},
	"AccessKey":          {key: table.AccessKey("org_1")},
	"AdministratorsKey":  {key: table.AdministratorsKey("org_1")},
	"UserKey":            {key: table.UserKey("org_1", "usr_1")},
	"AddressKey":         {key: table.AddressKey("org_1", "a@b.example")},
	"KeyKey":             {key: table.KeyKey("org_1", "key_1")},
	"JobKey":             {key: table.JobKey("org_1", "job_1")},
	"DomainNameKey":      {key: table.DomainNameKey("org_1", "b.example")},
	"AbroadKey":          {key: table.AbroadKey("org_1", "key_1"), how: "in a partner's partition for a client's keys: with each key"},
	"MentionKey":         {key: table.MentionKey("org_1", "evt_1"), how: "in a partner's partition for a client's events: with each event"},
	"BrandingKey":        {key: table.BrandingKey("org_1")},
	"UploadKey":          {key: table.UploadKey("org_1", "upl_1")},
	"CredentialKey":      {key: table.CredentialKey("usr_1", "password")},
	"SessionKey":         {key: table.SessionKey("usr_1", "hash")},
	"ChallengeKey":       {key: table.ChallengeKey("usr_1", "hash")},
	"MethodKey":          {key: table.MethodKey("usr_1", "password")},
	"AccountKey":         {key: table.AccountKey("usr_1", "google")},
	"SubjectKey":         {key: table.SubjectKey("hash"), how: "with the account of its user"},
	"MadeKey":            {key: table.MadeKey("usr_1", "key_1"), how: "in the partition of a maker of another tree: with each key"},
	"DepartureKey":       {key: table.DepartureKey("usr_1"), how: "of somebody who left before: with the last of their keys"},
	"AuditKey":           {key: table.AuditKey("org_1", time.Unix(0, 0), "evt_1")},
	"EmailKey":           {key: table.EmailKey("a@b.example"), how: "with its user, unless somebody else has it by then"},
	"DomainClaimKey":     {key: table.DomainClaimKey("b.example"), how: "with its domain, unless somebody else has it by then"},
	"OutboxKey":          {key: table.OutboxKey(0, "mai_1"), how: "by its owner; a mail is kept for three days anyway"},
	"TimerKey":           {key: table.TimerKey("job", "org_1/job_1"), how: "with what it is for: the erasure, the other jobs, the domains; those of files and people, which are few, by their list"},
	"IdempotencyKey":     {key: table.IdempotencyKey("usr_1", "hash"), how: "expires in a day, and nobody of a closed tree leaves one"},
	"RateKey":            {key: table.RateKey("tree/org_1", 0), how: "expires with its window, an hour at most"},
	"OnceKey":            {key: table.OnceKey("hash"), how: "expires in a day"},
	"PlatformKey":        {key: table.PlatformKey(), how: "names the platform, which is not closed"},
	"ConnectionKey":      {key: table.ConnectionKey("con_1")},
	"ConnectionTestKey":  {key: table.ConnectionTestKey("con_1", "tst_1")},
	"ConnectionKeysKey":  {key: table.ConnectionKeysKey("con_1")},
	"ConnectionNameKey":  {key: table.ConnectionNameKey("con_1", "hash")},
	"ConnectionGoneKey":  {key: table.ConnectionGoneKey("con_1", "a@b.example")},
	"ConnectionJunkKey":  {key: table.ConnectionJunkKey("con_1", "2026-03-01")},
	"ConnectionLeftKey":  {key: table.ConnectionLeftKey("con_1", "2026-03-01T12:10:00.000Z")},
	"ConnectionWarnKey":  {key: table.ConnectionWarnKey("con_1")},
	"TokenNetworkKey":    {key: table.TokenNetworkKey("con_1", "2026-03-01", "tok_1", "192.0.2.0/24")},
	"ConnectionLogKey":   {key: table.ConnectionLogKey("con_1", "evt_1")},
	"ImportKey":          {key: table.ImportKey("job_1", 0), how: "expires in two days, and a tree is erased a week or more after nobody could import any more"},
	"DocumentKey":        {key: table.DocumentKey("con_1", "usr_1")},
	"DirectoryPlaceKey":  {key: table.DirectoryPlaceKey("con_1", "USER", "01J")},
	"DirectoryNameKey":   {key: table.DirectoryNameKey("con_1", "USER", "a@b.example")},
	"DirectoryLookupKey": {key: table.DirectoryLookupKey("con_1", "USER.externalId", "1", "usr_1")},
	"DirectoryAnchorKey": {key: table.DirectoryAnchorKey("con_1", "USER", "stk_1", 101)},
	"DirectoryLogKey":    {key: table.DirectoryLogKey("con_1", "evt_1")},
	"MembershipKey":      {key: table.MembershipKey("grp_1", "usr_1")},
	"IntentKey":          {key: table.IntentKey("grp_1")},
	"IntentChangesKey":   {key: table.IntentChangesKey("grp_1", "int_1")},
	"GroupGoneKey":       {key: table.GroupGoneKey("con_1", "grp_1")},
	"RememberedKey":      {key: table.RememberedKey("con_1", "staff")},
	"SyncRunKey":         {key: table.SyncRunKey("org_1", "run_1")},
	"SyncLockKey":        {key: table.SyncLockKey("org_1")},
	"SyncGuardKey":       {key: table.SyncGuardKey("org_1")},
	"SyncChangeKey":      {key: table.SyncChangeKey("run_1", "usr_1"), how: "with its run"},
	"AppliedKey":         {key: table.AppliedKey("job_1", "usr_1"), how: "expires in two days, and a tree is erased a week or more after nobody could map any more"},
	"MappingsKey":        {key: table.MappingsKey("org_1")},
	"RestoredKey":        {key: table.RestoredKey("org_1"), how: "one of 16 equal items of the installation"},
	"RestoredShard":      {key: table.RestoredShard(0), how: "the same"},
}

func TestGEN6_EveryKeySaysHowItIsErased(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "keys.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, declared := range file.Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && f.Name.IsExported() && f.Recv == nil && gives(f, "Key") {
			names = append(names, f.Name.Name)
			if _, said := erasedAs[f.Name.Name]; !said {
				t.Errorf("%s: say in erasedAs how what stands under it is erased along with its tree, and have functions/worker/eraser.go do it", f.Name.Name)
			}
		}
	}
	whole := append([]string{table.TreePartition("org_1"), table.CountsPartition("org_1"), table.OrganizationPartition("org_1"), table.UserPartition("usr_1"),
		table.ConnectionPartition("con_1"), table.ConnectionLogPartition("con_1"), table.DirectoryPartition("con_1"), table.GroupPartition("grp_1"), table.DirectoryLogPartition("con_1")},
		table.AuditPartitions("org_1", time.Unix(0, 0), time.Unix(0, 0))...)
	for name, one := range erasedAs {
		if !slices.Contains(names, name) {
			t.Errorf("%s is no key any more", name)
		}
		if !slices.Contains(whole, one.key.PK) && one.how == "" {
			t.Errorf("%s is in no partition that is erased whole: say how it is erased", name)
		}
	}
}

// gives tells whether the function has that one result.
func gives(f *ast.FuncDecl, kind string) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) != 1 {
		return false
	}
	result, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	return ok && result.Name == kind
}

func TestAuditPartitionsAreAMonthEach(t *testing.T) {
	t.Parallel()
	got := table.AuditPartitions("org_1", time.Date(2025, 11, 30, 23, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if strings.Join(got, " ") != "AUDIT#org_1#2025-11 AUDIT#org_1#2025-12 AUDIT#org_1#2026-01 AUDIT#org_1#2026-02" {
		t.Errorf("%q", got)
	}
}
