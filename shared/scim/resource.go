package scim

import "iter"

// Resource is a user or group with its attributes in the schema's spelling: what clients set, kept as they sent it, and what the server
// adds (id, meta, groups of a user, members of a group) where somebody needs it.
type Resource struct {
	Type   *ResourceType
	Values Object
}

// Text is the text at a path such as userName, name.familyName or manager.value; of several values the primary one's, else the first's.
// It is empty where there is none.
func (r *Resource) Text(name string) string {
	at, wrong := r.Type.locate(name)
	if wrong != nil || at.attribute == nil {
		return ""
	}
	text := ""
	for i, one := range at.elements(r.Values) {
		value := one
		o, parts := one.(Object)
		if parts && at.sub != nil {
			value = o[at.sub.Name]
		}
		if found, ok := value.(string); ok && (i == 0 || text == "" || isPrimary(o)) {
			text = found
		}
	}
	return text
}

// Kept is what there is to store of the resource: what the client set, without what the server adds for answers.
func (r *Resource) Kept() Object {
	kept := Object{}
	for name, value := range r.Values {
		if a := r.Type.attribute(name); a == nil || a.Mutability != readOnly && !a.Apart {
			kept[name] = value
		}
	}
	return kept
}

// Active tells whether the user may sign in. A user who was created without the attribute may; one who has nothing there may not, since
// it was taken away from a user who might not.
func (r *Resource) Active() bool {
	value, sent := r.Values["active"]
	return !sent || value == true
}

// Addresses are the user's email addresses, as they were sent: the primary one first, then those of type work, then the rest.
func (r *Resource) Addresses() []string {
	var primary, work, rest []string
	for address, o := range r.emails() {
		switch {
		case isPrimary(o):
			primary = append(primary, address)
		case isWork(o):
			work = append(work, address)
		default:
			rest = append(rest, address)
		}
	}
	return unique(append(append(primary, work...), rest...))
}

// WorkAddresses are those of the user's email addresses that were sent as of type work, as they were sent.
func (r *Resource) WorkAddresses() (work []string) {
	for address, o := range r.emails() {
		if isWork(o) {
			work = append(work, address)
		}
	}
	return unique(work)
}

// emails gives the email addresses with what was sent of each, in the order in which they were sent.
func (r *Resource) emails() iter.Seq2[string, Object] {
	return func(yield func(string, Object) bool) {
		elements, _ := r.Values["emails"].([]any)
		for _, one := range elements {
			o, _ := one.(Object)
			if address, _ := o["value"].(string); address != "" && !yield(address, o) {
				return
			}
		}
	}
}

func isWork(o Object) bool {
	kind, _ := o["type"].(string)
	return lower(kind) == "work"
}

// DisplayName is what the user is called: displayName, else name.formatted, else the given and the family name, else userName.
func (r *Resource) DisplayName() string {
	for _, name := range []string{"displayName", "name.formatted"} {
		if text := r.Text(name); text != "" {
			return text
		}
	}
	given, family := r.Text("name.givenName"), r.Text("name.familyName")
	switch {
	case given != "" && family != "":
		return given + " " + family
	case given+family != "":
		return given + family
	}
	return r.Text("userName")
}
