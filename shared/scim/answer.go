package scim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ContentType is that of every answer, errors too.
const ContentType = "application/scim+json"

const listURN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// List is the answer to a list or search. By index it has Start; by cursor the cursors, empty at an end.
type List struct {
	Total     int // -1 where it is not known, by cursor only
	Start     int // 0 by cursor
	Resources []Object
	Next      string
	Previous  string
}

// MarshalJSON writes the list; Resources is there where it is empty.
func (l List) MarshalJSON() ([]byte, error) {
	resources := l.Resources
	if resources == nil {
		resources = []Object{}
	}
	body := Object{"schemas": []any{listURN}, "itemsPerPage": len(resources), "Resources": resources}
	if l.Total >= 0 {
		body["totalResults"] = l.Total
	}
	if l.Start > 0 {
		body["startIndex"] = l.Start
	}
	if l.Next != "" {
		body["nextCursor"] = l.Next
	}
	if l.Previous != "" {
		body["previousCursor"] = l.Previous
	}
	return json.Marshal(body)
}

// Meta is what a server knows of a resource.
type Meta struct {
	Created      time.Time
	LastModified time.Time
	Version      int
}

// Identified is the resource with its id and meta, for answers and for filters; base is where the server lives, without a slash at its end.
func (r *Resource) Identified(base, id string, m Meta) *Resource {
	values := Object{}
	for name, value := range r.Values {
		values[name] = value
	}
	values["id"] = id
	values["meta"] = Object{
		"resourceType": r.Type.Name, "created": written(m.Created), "lastModified": written(m.LastModified),
		"location": Location(base, r.Type, id), "version": Version(m.Version),
	}
	return &Resource{r.Type, values}
}

// MembersOf are users as members of a group, for its answer; brief are their ids alone, for the very many.
func MembersOf(base string, users []string, brief bool) []any {
	members := make([]any, 0, len(users))
	for _, id := range users {
		if brief {
			members = append(members, Object{"value": id})
			continue
		}
		members = append(members, Object{"value": id, "$ref": Location(base, User, id), "type": "User"})
	}
	return members
}

// GroupOf is a group as one of a user's, for the user's answer.
func GroupOf(base, id, name string) Object {
	return Object{"value": id, "$ref": Location(base, Group, id), "display": name, "type": "direct"}
}

// Location is the address of a resource, for Location, meta.location and $ref.
func Location(base string, t *ResourceType, id string) string { return base + t.Endpoint + "/" + id }

// Version is the weak entity tag of a version.
func Version(n int) string { return `W/"` + strconv.Itoa(n) + `"` }

// CheckMatch judges an If-Match header: it refuses with 412 what names neither the version nor *. None is no condition.
func CheckMatch(header, version string) error {
	if header == "" || lists(header, version) {
		return nil
	}
	return Refused(http.StatusPreconditionFailed, "The resource changed: its version is %s. Read it again and repeat the change on what is there now.", version)
}

// NotModified judges an If-None-Match header of a GET.
func NotModified(header, version string) bool { return header != "" && lists(header, version) }

// lists tells whether a list of entity tags has the version, by weak comparison (RFC 9110 section 8.8.3.2).
func lists(header, version string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(version, "W/") {
			return true
		}
	}
	return false
}
