package scim

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMembers reads and applies a patch that adds that many members.
func BenchmarkMembers(b *testing.B) {
	for _, n := range []int{1, 256, MostMemberChanges} {
		members := make([]string, n)
		for i := range members {
			members[i] = fmt.Sprintf(`{"$ref":null,"value":"usr_01JD3V0Q6ZJ5Q8F1V5N2S%05d"}`, i)
		}
		body := []byte(`{"Operations":[{"op":"Add","path":"members","value":[` + strings.Join(members, ",") + `]}]}`)
		b.Run(fmt.Sprint(n), func(b *testing.B) { patchGroup(b, body) })
	}
}

// patchGroup reads the patch and applies it to a group, again and again.
func patchGroup(b *testing.B, body []byte) {
	group := made(b, Group, `{"displayName":"Guides"}`)
	for b.Loop() {
		edit, err := ReadPatch(Group, body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := edit.Apply(group); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRemovals reads and applies a patch that removes that many members by a path each, as Okta does.
func BenchmarkRemovals(b *testing.B) {
	for _, n := range []int{1, 256, MostMemberChanges} {
		operations := make([]string, n)
		for i := range operations {
			operations[i] = fmt.Sprintf(`{"op":"remove","path":"members[value eq \"usr_01JD3V0Q6ZJ5Q8F1V5N2S%05d\"]"}`, i)
		}
		body := []byte(`{"Operations":[` + strings.Join(operations, ",") + `]}`)
		b.Run(fmt.Sprint(n), func(b *testing.B) { patchGroup(b, body) })
	}
}

// BenchmarkFilter reads the filter that Entra ID and Okta ask before everything, and asks it of a user.
func BenchmarkFilter(b *testing.B) {
	user := made(b, User, barbara)
	for b.Loop() {
		f, err := ParseFilter(`userName eq "barbara@acme.example"`, User)
		if err != nil || !f.Match(user) {
			b.Fatal(err)
		}
	}
}

// BenchmarkUser reads a user as Entra ID creates it, and writes the answer.
func BenchmarkUser(b *testing.B) {
	body := []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"0a21f0f2","userName":"a@x","active":true,"emails":[{"primary":true,"type":"work","value":"a@x"}],
		"meta":{"resourceType":"User"},"name":{"formatted":"g f","familyName":"f","givenName":"g"},"roles":[]}`)
	for b.Loop() {
		edit, err := ReadCreate(User, body)
		if err != nil {
			b.Fatal(err)
		}
		changes, err := edit.Apply(nil)
		if err != nil {
			b.Fatal(err)
		}
		Projection{}.Apply(changes.After)
	}
}
