package table

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Every key of the table, and what is asked by it. root is the id of a tree's main organization.
//
//	asked                                            by
//	an organization                                  OrganizationKey
//	which one is the platform                        PlatformKey
//	the suborganizations of a main organization,     index 1, OrganizationsUnder(root or partner), by name
//	  the clients of a partner
//	all main organizations, by type and name         index 2, MainOrganizations
//	may a tree sign in (type, suspended, policy)     AccessKey
//	the active administrators of a tree              AdministratorsKey
//	counts of a tree or of one organization          Counts(root, prefix)
//	a user                                           UserKey
//	the users of an organization, by name            index 1, UsersOf(org)
//	the users of a tree, by address                  index 2, UsersOf(root)
//	who in the tree has this address                 AddressKey
//	who anywhere signs in by this address            EmailKey
//	a user's password, second factor                 CredentialKey
//	a user's sessions, challenges                    SessionKey, ChallengeKey; the partition UserPartition(user)
//	when and how a user signed in                    MethodKey
//	a user's account with a provider                 AccountKey
//	whose an account with a provider is              SubjectKey
//	the keys that a user made                        MadeKey; the partition UserPartition(user)
//	has the maker of a key left                      DepartureKey
//	the keys that a partner's people made elsewhere  AbroadKey
//	the events elsewhere that name a partner         MentionKey
//	an API key                                       KeyKey
//	the API keys of an organization, by age          index 1, KeysOf(org)
//	a role, the roles of an organization             RoleKey; the partition OrganizationPartition(org)
//	which role of an organization has this name      RoleNameKey
//	how many named roles an organization has         RolesKey
//	an organization's colours and images             BrandingKey
//	files that wait to be taken into use             UploadKey; the partition OrganizationPartition(org)
//	audit events by month, organization, actor       AuditKey; index 1 AuditOf(org); index 2 AuditBy(actor)
//	a mail waiting to be sent                        OutboxKey; the partitions OutboxPartition(shard)
//	the answer given to an Idempotency-Key           IdempotencyKey
//	how often something was tried in a window        RateKey
//	a partner's one-time code                        OnceKey
//	a domain, the domains of an organization         DomainKey; the partition OrganizationPartition(org)
//	what a tree knows of the name of a domain        DomainNameKey
//	which tree a verified domain belongs to          DomainClaimKey
//	an SSO connection, all that belongs to it        ConnectionKey; the partition ConnectionPartition(connection)
//	the connections of a tree or an organization     index 1, ConnectionsOf(root, org)
//	a test of a connection                           ConnectionTestKey
//	our own keys of a connection                     ConnectionKeysKey
//	whom a name id of a connection's IdP means       ConnectionNameKey
//	what nobody signed, by day                       ConnectionJunkKey
//	whom an IdP let go, by ten minutes               ConnectionLeftKey
//	when that was told of                            ConnectionWarnKey
//	from where a SCIM token was used, by day         TokenNetworkKey
//	the SAML log of a connection                     ConnectionLogKey; the partition ConnectionLogPartition(connection)
//	the SCIM log of a connection                     DirectoryLogKey; the partition DirectoryLogPartition(connection)
//	whom the IdP of a connection deleted             ConnectionGoneKey
//	what an IdP sent of a user or a group            DocumentKey
//	what an IdP sent, in the order in which it came  DirectoryPlaceKey; the partition DirectoryPartition(connection)
//	what is unique in a directory                    DirectoryNameKey
//	what else is looked up in a directory            DirectoryLookupKey
//	where a page of a directory begins               DirectoryAnchorKey
//	who is in a group                                MembershipKey; the partition GroupPartition(group)
//	changes of a group's members that are under way  IntentKey, IntentChangesKey
//	groups whose members are being taken out         GroupGoneKey
//	what a group that was deleted was mapped to      RememberedKey
//	which group is mapped to which role              MappingsKey
//	a Sync assigned roles, those of a tree           SyncRunKey
//	which Sync assigned roles is under way           SyncLockKey
//	from when on one waits for somebody's word       SyncGuardKey
//	what a Sync assigned roles found and did         SyncChangeKey; the partition SyncPartition(run)
//	what a job that applies a mapping did to a user  AppliedKey
//	a timer                                          TimerKey
//	the timers of a kind that fall due, in order     index 2, TimersDue(kind, shard)
//	a job of a tree                                  JobKey
//	a part of a file whose people are being invited  ImportKey
//	when was the installation restored               RestoredKey

// OrganizationKey is an organization.
func OrganizationKey(org string) Key { return Key{OrganizationPartition(org), "ORG"} }

// OrganizationPartition holds an organization and all of its settings.
func OrganizationPartition(org string) string { return "ORG#" + org }

// PlatformKey says which organization is the platform: there is one at most.
func PlatformKey() Key { return same("PLATFORM") }

// OrganizationsUnder lists, by name, the suborganizations of a main organization or the clients of a partner.
func OrganizationsUnder(above, name, org string) Place {
	return Place{1, "ORGS#" + above, sortable(name) + "#" + org}
}

// MainOrganizations lists all main organizations by type and name.
func MainOrganizations(kind, name, org string) Place {
	return Place{2, "MAINS", kind + "#" + sortable(name) + "#" + org}
}

// AccessKey is what every request of a tree is decided with: its type, whether it is suspended, its policy and epochs.
func AccessKey(root string) Key { return Key{treePartition(root), "ACCESS"} }

// AdministratorsKey is the set of the active administrators of a tree's main organization.
func AdministratorsKey(root string) Key { return Key{treePartition(root), "ADMINS"} }

// UserKey is a user of the tree root.
func UserKey(root, user string) Key { return Key{treePartition(root), "USER#" + user} }

// AddressKey says which user of the tree has an address, invited ones too.
func AddressKey(root, email string) Key { return Key{treePartition(root), "ADDRESS#" + claimed(email)} }

// EmailKey says which user of the installation signs in by an address: the one who proved it (LOG-10).
func EmailKey(email string) Key { return Key{"EMAIL#" + claimed(email), "EMAIL"} }

// UsersByName lists the users who have a role in an organization.
func UsersByName(org, name, user string) Place {
	return Place{1, "USERS#" + org, sortable(name) + "#" + user}
}

// UsersByAddress lists the users of a tree who have a role.
func UsersByAddress(root, email, user string) Place {
	return Place{2, "USERS#" + root, sortable(email) + "#" + user}
}

// UserPartition holds what belongs to one user alone: credentials, sessions, what the user made.
func UserPartition(user string) string { return "USER#" + user }

// CredentialKey is a user's password, second factor or recovery codes.
func CredentialKey(user, kind string) Key { return Key{UserPartition(user), "CREDENTIAL#" + kind} }

// SessionKey is a session of a user, by the hash of its token.
func SessionKey(user, hash string) Key { return Key{UserPartition(user), "SESSION#" + hash} }

// ChallengeKey is a sign-in of a user that waits for its second step, by the hash of its token.
func ChallengeKey(user, hash string) Key { return Key{UserPartition(user), "CHALLENGE#" + hash} }

// MethodKey is when, how often and from where a user signed in by a method.
func MethodKey(user, method string) Key { return Key{UserPartition(user), "METHOD#" + method} }

// AccountKey is the account of a user with a provider, such as google.
func AccountKey(user, provider string) Key { return Key{UserPartition(user), "ACCOUNT#" + provider} }

// SubjectKey says which user of the installation an account with a provider signs in.
func SubjectKey(subject string) Key { return same("SUBJECT#" + subject) }

// MadeKey remembers that a user made an API key.
func MadeKey(user, key string) Key { return Key{UserPartition(user), "MADE#" + key} }

// DepartureKey says since when a user has left: the keys that the user made end some days later (LOG-7).
func DepartureKey(user string) Key { return Key{UserPartition(user), "LEFT"} }

// AbroadKey remembers that a key of another tree was made by the people of the partner root.
func AbroadKey(root, key string) Key { return Key{treePartition(root), "ABROAD#" + key} }

// MentionKey remembers that an event of another tree's audit names the partner root.
func MentionKey(root, event string) Key { return Key{treePartition(root), "MENTION#" + event} }

// KeyKey is an API key of the tree root.
func KeyKey(root, key string) Key { return Key{treePartition(root), "KEY#" + key} }

// KeysOf lists the API keys of an organization, by age.
func KeysOf(org, key string) Place { return Place{1, "KEYS#" + org, key} }

// RoleKey is a role of an organization.
func RoleKey(org, role string) Key { return Key{OrganizationPartition(org), "ROLE#" + role} }

// RoleNameKey says which named role of an organization has a name, regardless of case.
func RoleNameKey(org, name string) Key {
	return Key{OrganizationPartition(org), "ROLENAME#" + Fold(name)}
}

// RolesKey is how many named roles an organization of the tree root has.
func RolesKey(root, org string) Key { return Key{treePartition(root), "ROLES#" + org} }

// BrandingKey is an organization's colours and images.
func BrandingKey(org string) Key { return Key{OrganizationPartition(org), "BRANDING"} }

// UploadKey is a file of an organization that waits to be taken into use.
func UploadKey(org, upload string) Key { return Key{OrganizationPartition(org), "UPLOAD#" + upload} }

// AuditKey is an event of a tree; at is when it happened.
func AuditKey(root string, at time.Time, event string) Key {
	return Key{"AUDIT#" + root + "#" + at.UTC().Format("2006-01"), event}
}

// AuditOf lists the events of an organization.
func AuditOf(org, event string) Place { return Place{1, "AUDIT#" + org, event} }

// AuditBy lists the events of an actor.
func AuditBy(actor, event string) Place { return Place{2, "AUDITBY#" + actor, event} }

// OutboxShards is how many partitions the mails in waiting are spread over.
const OutboxShards = 8

// OutboxKey is a mail waiting to be sent.
func OutboxKey(shard int, mail string) Key { return Key{OutboxPartition(shard), mail} }

// OutboxPartition holds mails waiting to be sent, the oldest first.
func OutboxPartition(shard int) string { return fmt.Sprintf("OUTBOX#%d", shard) }

// IdempotencyKey is the answer to a request, by its caller and the hash of the caller's Idempotency-Key.
func IdempotencyKey(caller, hash string) Key { return same("IDEM#" + caller + "#" + hash) }

// RateKey counts what a subject did in one window of time.
func RateKey(subject string, window int64) Key {
	return same(fmt.Sprintf("RATE#%s#%d", subject, window))
}

// OnceKey is a one-time item by the hash of its token.
func OnceKey(hash string) Key { return same("ONCE#" + hash) }

// DomainKey is a domain of an organization.
func DomainKey(org, domain string) Key { return Key{OrganizationPartition(org), "DOMAIN#" + domain} }

// DomainNameKey is what a tree knows of the name of a domain: who of it registered the domain, and whether it is verified.
func DomainNameKey(root, name string) Key { return Key{treePartition(root), "DOMAIN#" + name} }

// DomainClaimKey says whose a verified domain is: there is one tree at most (DOM-5).
func DomainClaimKey(name string) Key { return Key{"DOMAIN#" + name, "CLAIM"} }

// ConnectionKey is an SSO connection.
func ConnectionKey(connection string) Key { return Key{ConnectionPartition(connection), "CONNECTION"} }

// ConnectionPartition holds a connection and what belongs to it alone.
func ConnectionPartition(connection string) string { return "CONNECTION#" + connection }

// ConnectionsOf lists the connections of a tree, those of an organization together, by age.
func ConnectionsOf(root, org, connection string) Place {
	return Place{1, "CONNECTIONS#" + root, org + "#" + connection}
}

// ConnectionTestKey is a test of a connection.
func ConnectionTestKey(connection, test string) Key {
	return Key{ConnectionPartition(connection), "TEST#" + test}
}

// ConnectionKeysKey is our own keys of a connection.
func ConnectionKeysKey(connection string) Key { return Key{ConnectionPartition(connection), "KEYS"} }

// ConnectionNameKey says whom a name id of the connection's IdP means, by its hash.
func ConnectionNameKey(connection, hash string) Key {
	return Key{ConnectionPartition(connection), "NAMEID#" + hash}
}

// ConnectionGoneKey says that somebody with the address, or of the IdP's own id, was deleted by the IdP of a connection. It keeps neither.
func ConnectionGoneKey(connection, who string) Key {
	return Key{ConnectionPartition(connection), "GONE#" + hashed(Fold(who))}
}

// ConnectionJunkKey counts what came to a connection on a day that no trusted signature covers.
func ConnectionJunkKey(connection, day string) Key {
	return Key{ConnectionPartition(connection), "JUNK#" + day}
}

// ConnectionLeftKey counts whom the IdP of a connection deactivated and deleted in the ten minutes from at on.
func ConnectionLeftKey(connection, at string) Key {
	return Key{ConnectionPartition(connection), "DEPARTURES#" + at}
}

// ConnectionWarnKey says when the administrators were told last that unusually many left.
func ConnectionWarnKey(connection string) Key {
	return Key{ConnectionPartition(connection), "DEPARTURE-WARNING"}
}

// TokenNetworkKey is the use of a SCIM token from a network on a day.
func TokenNetworkKey(connection, day, token, network string) Key {
	return Key{ConnectionPartition(connection), "NETWORK#" + day + "#" + token + "#" + network}
}

// ConnectionLogKey is a line of a connection's SAML log.
func ConnectionLogKey(connection, event string) Key {
	return Key{ConnectionLogPartition(connection), event}
}

// ConnectionLogPartition holds the SAML log of a connection, the oldest line first.
func ConnectionLogPartition(connection string) string { return "LOG#" + connection + "#SAML" }

// DirectoryLogKey is a line of a connection's SCIM log.
func DirectoryLogKey(connection, request string) Key {
	return Key{DirectoryLogPartition(connection), request}
}

// DirectoryLogPartition holds the SCIM log of a connection, the oldest line first.
func DirectoryLogPartition(connection string) string { return "LOG#" + connection + "#SCIM" }

// DirectoryPartition holds what the IdP of a connection sent by SCIM.
func DirectoryPartition(connection string) string { return "SCIM#" + connection }

// DocumentKey is what the IdP of a connection sent of a user or a group.
func DocumentKey(connection, resource string) Key {
	return Key{DirectoryPartition(connection), "DOC#" + resource}
}

// DirectoryPlaceKey is the place of a user or a group, by kind, in the order in which they came; place sorts by time.
func DirectoryPlaceKey(connection, kind, place string) Key {
	return Key{DirectoryPartition(connection), kind + "#" + place}
}

// DirectoryNameKey says whose a name is that is unique in the directory of a connection: a kind's name in its folded form.
func DirectoryNameKey(connection, kind, name string) Key {
	return Key{DirectoryPartition(connection), "NAME#" + kind + "#" + hashed(name)}
}

// DirectoryLookupKey is where a resource is found by the value of an attribute; an empty resource begins those of all.
func DirectoryLookupKey(connection, attribute, value, resource string) Key {
	return Key{DirectoryPartition(connection), "LOOKUP#" + attribute + "#" + hashed(value) + "#" + resource}
}

// DirectoryAnchorKey is where a page of all of a kind begins, by its number, for whoever walks.
func DirectoryAnchorKey(connection, kind, walker string, start int) Key {
	return Key{DirectoryPartition(connection), fmt.Sprintf("ANCHOR#%s#%s#%d", kind, walker, start)}
}

// GroupPartition holds who is in a group.
func GroupPartition(group string) string { return "GROUP#" + group }

// MembershipKey is a user's membership in a group; an empty user begins those of all.
func MembershipKey(group, user string) Key { return Key{GroupPartition(group), "USER#" + user} }

// IntentKey says that members of a group are being changed in several transactions, and by which intent.
func IntentKey(group string) Key { return Key{GroupPartition(group), "INTENT"} }

// IntentChangesKey is what an intent changes.
func IntentChangesKey(group, intent string) Key {
	return Key{GroupPartition(group), "INTENT#" + intent}
}

// GroupGoneKey is a group of a directory that the IdP deleted, as long as there are members to be taken out of it.
func GroupGoneKey(connection, group string) Key {
	return Key{DirectoryPartition(connection), "GONE#" + group}
}

// RememberedKey is to which role a group of that name of a directory was mapped that the IdP deleted (SCI-3).
func RememberedKey(connection, name string) Key {
	return Key{DirectoryPartition(connection), "REMEMBERED#" + hashed(name)}
}

// MappingsKey is the groups of a tree that are mapped to roles, in the order of their ranks.
func MappingsKey(root string) Key { return Key{treePartition(root), "MAPPINGS"} }

// SyncRunKey is a Sync assigned roles of the tree root; an empty run begins those of all.
func SyncRunKey(root, run string) Key { return Key{treePartition(root), "RUN#" + run} }

// SyncLockKey says which Sync assigned roles of the tree root is under way.
func SyncLockKey(root string) Key { return Key{treePartition(root), "RUNLOCK"} }

// SyncGuardKey is from when on a Sync assigned roles of the tree root waits for somebody's word, where the tree set that.
func SyncGuardKey(root string) Key { return Key{treePartition(root), "SYNCGUARD"} }

// SyncPartition holds what a Sync assigned roles found and did.
func SyncPartition(run string) string { return "RUN#" + run }

// SyncChangeKey is what a Sync assigned roles found and did about a user; an empty user begins those of all.
func SyncChangeKey(run, user string) Key { return Key{SyncPartition(run), "CHANGE#" + user} }

// AppliedKey says what a job that applies a mapping did to a user; an empty user begins those of all.
func AppliedKey(job, user string) Key { return Key{SyncPartition(job), "APPLIED#" + user} }

// TimerKey is a timer of a kind; owner says what it is for.
func TimerKey(kind, owner string) Key { return Key{"TIMER#" + kind + "#" + owner, "TIMER"} }

// TimerShards is how many lists the timers of one kind are spread over, so that as many workers go through them.
const TimerShards = 16

// TimersDue lists the timers of a kind, the next one due first. due is as clock.Format writes it.
func TimersDue(kind string, shard int, due, owner string) Place {
	return Place{2, fmt.Sprintf("DUE#%s#%d", kind, shard), due + "#" + owner}
}

// JobKey is a job of the tree root.
func JobKey(root, job string) Key { return Key{treePartition(root), "JOB#" + job} }

// ImportKey is a part of what a job invites people by; each stands alone, so that a large file is no load on one partition.
func ImportKey(job string, part int) Key { return same(fmt.Sprintf("IMPORT#%s#%d", job, part)) }

// TreePartition holds a tree's state, its people, keys and jobs, and what else belongs to all of it.
func TreePartition(root string) string { return treePartition(root) }

// CountsPartition holds the counts of a tree.
func CountsPartition(root string) string { return countsPK(root) }

// AuditPartitions hold the events of a tree from one time to another, a month each.
func AuditPartitions(root string, from, to time.Time) []string {
	var all []string
	month := time.Date(from.UTC().Year(), from.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for ; !month.After(to); month = month.AddDate(0, 1, 0) {
		all = append(all, AuditKey(root, month, "").PK)
	}
	return all
}

// RestoredShards is how many equal items the mark of a restore is kept in. Every request reads one of them, and a partition
// gives 3,000 strongly consistent reads a second: 16 are enough for four times as many requests as API Gateway lets through
// (10,000 a second, its default for an account).
const RestoredShards = 16

// RestoredKey is the mark of a restore as it is read for a tree or a user: always the same of the shards.
func RestoredKey(subject string) Key {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(subject)) // never fails
	return RestoredShard(int(sum.Sum32() % RestoredShards))
}

// RestoredShard is one of the equal items of the mark of a restore.
func RestoredShard(shard int) Key { return same(fmt.Sprintf("RESTORED#%d", shard)) }

// DirectoryCount counts what of a kind the IdP of a connection brought; with an empty connection, it is the prefix of all.
func DirectoryCount(connection, kind string) string {
	if connection == "" {
		return "SCIM#"
	}
	return "SCIM#" + connection + "#" + kind
}

// GroupCount counts the members of a group, and GroupChanges how often they changed.
func GroupCount(group string) string { return GroupCounts(group) + "MEMBERS" }

// GroupChanges counts how often the members of a group changed: a part of its ETag.
func GroupChanges(group string) string { return GroupCounts(group) + "CHANGES" }

// GroupConflicts counts the members of a group whom another mapped group gives a role too, or who have one by another (SCI-6).
func GroupConflicts(group string) string { return GroupCounts(group) + "CONFLICTS" }

// GroupCounts is the prefix of all counts of a group.
func GroupCounts(group string) string { return GroupPartition(group) + "#" }

// WithoutRoleCount counts the users of a tree who have no role.
func WithoutRoleCount() string { return "WITHOUT-ROLE" }

// MembersCount is the name of the count of an organization's users of one role; with an empty role, the prefix of all.
func MembersCount(org, role string) string { return "ORG#" + org + "#MEMBERS#" + role }

// KeysCount is the name of the count of an organization's API keys of one role.
func KeysCount(org, role string) string { return "ORG#" + org + "#KEYS#" + role }

// SuborganizationsCount is the name of the count of a client's suborganizations.
func SuborganizationsCount(org string) string { return "ORG#" + org + "#SUBORGANIZATIONS" }

// ClientsCount is the name of the count of a partner's clients, those included that grant it nothing.
func ClientsCount(partner string) string { return "ORG#" + partner + "#CLIENTS" }

// DomainsCount is the name of the count of an organization's domains.
func DomainsCount(org string) string { return "ORG#" + org + "#DOMAINS" }

// AddressesCount is the name of the count of a tree's users whose address is of a domain, in the form of domainname.Of.
func AddressesCount(domain string) string { return "DOMAIN#" + domain }

// OrganizationCounts is the prefix of all counts of an organization.
func OrganizationCounts(org string) string { return "ORG#" + org + "#" }

func treePartition(root string) string { return "TREE#" + root }

func countsPK(root string) string { return "COUNTS#" + root }

func countShardKey(root, name string, shard int) Key {
	return Key{countsPK(root), fmt.Sprintf("%s#%02d", name, shard)}
}

func same(value string) Key { return Key{value, value} }

// Fold is the form in which names and addresses are compared: compatibility-composed and case-folded, without surrounding
// space, so that two that look the same are the same.
func Fold(value string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(strings.TrimSpace(value))))
}

// claimed is the form in which an address stands in a key. A few characters fold to many: what a key does not take (1,024
// bytes) is refused nowhere, since anything can be asked for, and stands as its hash.
func claimed(email string) string {
	folded := Fold(email)
	if len(folded) <= 600 {
		return folded
	}
	return hashed(folded)
}

func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// sortable bounds a folded name to what an index's key takes (1,024 bytes, with the id behind it).
func sortable(value string) string {
	folded := strings.ReplaceAll(Fold(value), "#", " ")
	for len(folded) > 600 {
		folded = string([]rune(folded)[:len([]rune(folded))-1])
	}
	return folded
}
