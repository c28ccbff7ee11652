package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeyConditionsAreRead(t *testing.T) {
	names := map[string]string{"#p": "pk"}
	values := map[string]value{":p": value(`{"S":"a"}`), ":q": value(`{"S":"b"}`)}
	p, q := values[":p"], values[":q"]
	equals := comparison{"pk", "=", []value{p}}
	for expression, want := range map[string][]comparison{
		"pk=:p":                                {equals},
		"((#p) = :p)":                          nil,
		"(#p = :p) AND (sk < :q)":              {equals, {"sk", "<", []value{q}}},
		"#p = :p and sk >= :q":                 {equals, {"sk", ">=", []value{q}}},
		"sk BETWEEN :p AND :q AND #p = :p":     {{"sk", "BETWEEN", []value{p, q}}, equals},
		"(#p = :p) AND (begins_with (sk, :q))": {equals, {"sk", "begins_with", []value{q}}},
		"#p = :p AND":                          nil,
		"#p = :unknown":                        nil,
		"#unknown = :p":                        nil,
		"#p <> :p":                             nil,
		"#p = :p OR sk = :q":                   nil,
		"(#p = :p":                             nil,
		"":                                     nil,
	} {
		got, err := keyCondition(expression, names, values)
		if (err == nil) != (want != nil) {
			t.Errorf("%q: error %v", expression, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(comparison{})); err == nil && diff != "" {
			t.Errorf("%q: %s", expression, diff)
		}
	}
}

func TestKeyValuesCompareAsInDynamoDB(t *testing.T) {
	for _, ordered := range [][2]string{
		{`{"S":"Z"}`, `{"S":"a"}`}, {`{"S":"a"}`, `{"S":"aa"}`}, {`{"S":"z"}`, `{"S":"é"}`},
		{`{"N":"9"}`, `{"N":"10"}`}, {`{"N":"-1E2"}`, `{"N":"0.5"}`}, {`{"B":"AA=="}`, `{"B":"AQ=="}`},
	} {
		a, b := value(ordered[0]), value(ordered[1])
		if compareScalars(a, b) >= 0 || compareScalars(b, a) <= 0 || compareScalars(a, a) != 0 {
			t.Errorf("%s does not come before %s", a, b)
		}
	}
	if compareScalars(value(`{"N":"1"}`), value(`{"N":"1.0"}`)) != 0 {
		t.Error("1 and 1.0 differ")
	}
}
