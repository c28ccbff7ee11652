package audit

// ActorType says what kind of thing acted.
type ActorType string

// The kinds of actors.
const (
	ByUser   ActorType = "user"
	ByKey    ActorType = "key"
	BySCIM   ActorType = "scim"
	BySync   ActorType = "sync"
	BySystem ActorType = "system"
)

// Actor is who did something: a type and an id. Names are joined at reading, so that erasing a person erases the name
// everywhere (GEN-7).
type Actor struct {
	Type ActorType `dynamodbav:"type" json:"type" enum:"user,key,scim,sync,system" doc:"What kind of thing acted"`
	ID   string    `dynamodbav:"id" json:"id" doc:"Its id; of the system, what did it"`
	// Across is partner or platform where the actor is of another tree than what it acted on, otherwise empty.
	Across string `dynamodbav:"across,omitempty" json:"across,omitempty" enum:"partner,platform" doc:"Of what it is where it is not of this tree"`
}

// System is the product itself, doing what the named part of it does.
func System(part string) Actor { return Actor{Type: BySystem, ID: part} }

// Stamp stands in every item that people edit: its version, which is its ETag, and who made and changed it when.
type Stamp struct {
	Version   int    `dynamodbav:"version"`
	CreatedAt string `dynamodbav:"createdAt"`
	CreatedBy Actor  `dynamodbav:"createdBy"`
	UpdatedAt string `dynamodbav:"updatedAt"`
	UpdatedBy Actor  `dynamodbav:"updatedBy"`
}

// Made is the stamp of an item made now.
func Made(by Actor, at string) Stamp {
	return Stamp{Version: 1, CreatedAt: at, CreatedBy: by, UpdatedAt: at, UpdatedBy: by}
}
