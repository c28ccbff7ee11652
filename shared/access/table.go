package access

import "github.com/tenantry/tenantry/shared/tenant"

// permissions is the permission table of the product: what each relation may do. docs/permissions.md is generated from it
// and a test holds it against the specification, cell by cell.
var permissions = map[Relation]map[Right]bool{
	PlatformAdministrator: rights(ReadGeneral, ReadContact, EditGeneral, ReadSettings, EditSettings, ReadMainOnly, EditMainOnly,
		EditPolicy, EditProducts, Oversee),
	ManagingPartner:   rights(ReadGeneral, ReadContact, EditGeneral, ReadSettings, EditSettings, ReadMainOnly, EditMainOnly),
	ReadingPartner:    rights(ReadGeneral, ReadContact, ReadSettings, ReadMainOnly),
	MainAdministrator: rights(ReadGeneral, ReadContact, EditGeneral, ReadSettings, EditSettings, ReadMainOnly, EditMainOnly, EditPolicy),
	OwnAdministrator:  rights(ReadGeneral, ReadContact, EditGeneral, ReadSettings, EditSettings, ReadMainOnly),
	Member:            rights(ReadGeneral),
	OfTree:            {},
	Stranger:          {},
}

// installation is what may be done outside of any one organization, by the type of the main organization that one
// administers.
var installation = map[tenant.Type]map[Right]bool{
	tenant.Platform: rights(ListOrganizations, CreateClients, CreatePartners),
	tenant.Partner:  rights(ListOrganizations, CreateClients),
}

func rights(list ...Right) map[Right]bool {
	set := map[Right]bool{}
	for _, right := range list {
		set[right] = true
	}
	return set
}

// Allows is the one decision: whether a relation has a right.
func Allows(relation Relation, right Right) bool { return permissions[relation][right] }
