package table

import "testing"

func TestINS5_ACursorIsBoundToAQuestionAsInTheReleasesBefore(t *testing.T) {
	t.Parallel()
	q := Question{Index: 1, PK: "USERS#org_1", Prefix: "ada", Descending: true, About: "org_1/ada", Limit: 20}
	if got := string(q.identity()); got != "1\x00USERS#org_1\x00ada\x00true\x00org_1/ada" {
		t.Errorf("bound to %q", got)
	}
	seen := map[string]bool{string(q.identity()): true}
	for _, bounds := range [][2]string{{"", "b"}, {"b", ""}, {"b", "b"}} {
		other := q
		other.From, other.Before = bounds[0], bounds[1]
		if seen[string(other.identity())] {
			t.Errorf("%q are no part of what the cursors of a list are bound to", bounds)
		}
		seen[string(other.identity())] = true
	}
}
