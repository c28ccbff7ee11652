package scim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

func TestSCIM3_19_WhatIsLenientAboutThePatch(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Kind{
		`{"Operations":[]}`: "", `{"schemas":[],"operations":[]}`: "", `{}`: InvalidSyntax, `{"Operations":{}}`: InvalidSyntax, `[]`: InvalidSyntax, `{"Operations":null}`: InvalidSyntax,
	} {
		_, err := ReadPatch(User, []byte(body))
		if _, kind, detail := refused(t, err); kind != want {
			t.Errorf("%s: %s %s", body, kind, detail)
		}
	}
}

func TestSCIM3_20_TheOperationThatFailedIsNamed(t *testing.T) {
	t.Parallel()
	s := shapeOf(scimtest.Shape{Request: `[{"op":"replace","value":{"title":"x","nickName":"y"}},{"op":"replace","path":"emails[type sw \"x\"].value","value":"y"}]`})
	_, err := s.apply(made(t, User, small))
	if _, _, detail := refused(t, err); !strings.HasPrefix(detail, "Operation 2 of 2: ") || !strings.HasSuffix(detail, "Nothing was changed.") {
		t.Error(detail)
	}
}

func TestAPasswordIsNowhere(t *testing.T) {
	t.Parallel()
	for _, request := range []string{`{"userName":"a","password":"geheim"}`, `[{"op":"add","path":"password","value":{"x":"geheim"}}]`, `[{"op":"add","value":{"PassWord":"geheim"}}]`} {
		s := shapeOf(scimtest.Shape{Request: request})
		var current *Resource
		if request[0] == '[' {
			current = made(t, User, small)
		}
		changes, err := s.apply(current)
		if err != nil || strings.Contains(fmt.Sprintf("%+v %+v", changes, changes.After), "geheim") {
			t.Errorf("%s: %v %v", request, changes, err)
		}
	}
}

func TestHostilePatchesAreAnsweredInGoodTime(t *testing.T) {
	t.Parallel()
	long := `{"op":"add","path":"emails[` + strings.Repeat(`value eq \"x\" or `, 200) + `value eq \"y\"].display","value":"z"}`
	var keys []string
	for i := range 20_000 {
		keys = append(keys, fmt.Sprintf(`"emails[type eq \"work\"%*s].display":"x"`, i, ""))
		if len(strings.Join(keys, ",")) > 900_000 {
			break
		}
	}
	for name, request := range map[string]string{
		"many keys":       `[{"op":"add","value":{` + strings.Join(keys, ",") + `}}]`,
		"many values":     `[{"op":"add","path":"emails","value":[` + strings.Repeat(`{"value":"a"},`, 30_000) + `{}]}]`,
		"many operations": `[` + strings.Repeat(`{"op":"add","path":"title","value":"a"},`, 20_000) + `{}]`,
		"long paths":      `[` + strings.Repeat(long+",", 200) + long + `]`,
		"a long path":     `[{"op":"add","path":"` + strings.Repeat("a.", 200_000) + `","value":"a"}]`,
		"a deep path":     `[{"op":"add","path":"emails[` + strings.Repeat("(", 2_000) + `","value":"a"}]`,
	} {
		_, err := shapeOf(scimtest.Shape{Request: request}).apply(made(t, User, small))
		if status, _, _ := refused(t, err); name != "long paths" && status == 0 {
			t.Errorf("%s: taken", name)
		}
	}
}
