package directory

// Source is where a role comes from. Each takes away only what it gave.
type Source string

// The sources.
const (
	ByPerson   Source = "person"       // an administrator, an invitation, an import, an API key
	BySCIM     Source = "scim"         // a mapped group
	JustInTime Source = "just-in-time" // the first sign-in by a connection
)

// Assignment is the organization and role of a user; the zero one is none.
type Assignment struct {
	Organization string
	Role         string
	Source       Source
	Group        string // that gives it, with BySCIM
}

// None tells whether there is no role.
func (a Assignment) None() bool { return a.Role == "" }

// Outcome is what becomes of a user when one assignment takes the place of another (SYN-3).
type Outcome string

// The outcomes.
const (
	Unchanged   Outcome = "unchanged"
	RoleGiven   Outcome = "role-given"   // had none
	RoleChanged Outcome = "role-changed" // in the same organization
	Moved       Outcome = "moved"        // to a role of another organization
	RoleTaken   Outcome = "without-role" // has none any more
)

// Compare tells the outcome. Unchanged can still be something to write: where the same role comes from another source or group.
func Compare(from, to Assignment) Outcome {
	switch {
	case from.None() && to.None(), from.Role == to.Role && from.Organization == to.Organization:
		return Unchanged
	case from.None():
		return RoleGiven
	case to.None():
		return RoleTaken
	case from.Organization != to.Organization:
		return Moved
	}
	return RoleChanged
}
