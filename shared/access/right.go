package access

// Right is something that a person or a key may do in an organization. Every operation of the API names the one it needs.
type Right string

// The rights, by the rows of the permission table (table.go).
const (
	Public   Right = "public" // nobody needs to be signed in
	SignedIn Right = "self"   // one's own profile, credentials and sessions

	ReadGeneral  Right = "general.read"
	ReadContact  Right = "general.read-contact" // the email and the partner of an organization
	EditGeneral  Right = "general.edit"
	ReadSettings Right = "settings.read" // microservices, products, modules, users, roles, domains, SSO, API keys, audit
	EditSettings Right = "settings.edit"
	ReadMainOnly Right = "main-only.read" // categories, Authentication policy
	EditMainOnly Right = "main-only.edit" // categories on or off, SCIM, mapping, ranks, sync, suborganizations
	EditPolicy   Right = "policy.edit"    // Authentication policy, closing, other people's second factors, break-glass, partner and its access
	EditProducts Right = "products.edit"  // products, advanced agent options
	Oversee      Right = "oversee"        // release a domain, suspend, recovery

	ListOrganizations Right = "organizations.list"
	CreateClients     Right = "clients.create"
	CreatePartners    Right = "partners.create"
)

// Relation is what a caller is to an organization.
type Relation string

// The relations, a column of the permission table each; OfTree and Stranger have no rights at all. To OfTree an organization
// of its own tree is known (403), to Stranger it does not exist (404).
const (
	PlatformAdministrator Relation = "platform administrator"
	ManagingPartner       Relation = "partner's administrator, access manage"
	ReadingPartner        Relation = "partner's administrator, access read"
	MainAdministrator     Relation = "administrator of the main organization"
	OwnAdministrator      Relation = "administrator of the suborganization"
	Member                Relation = "user"
	OfTree                Relation = "of the tree, elsewhere"
	Stranger              Relation = "stranger"
)
