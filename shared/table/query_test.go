package table

import "testing"

func TestINS5_ACursorIsBoundToAQuestionAsInTheReleasesBefore(t *testing.T) {
	t.Parallel()
	q := Question{Index: 1, PK: "USERS#org_1", Prefix: "ada", Descending: true, About: "org_1/ada", Limit: 20}
	if got := string(q.identity()); got != "1\x00USERS#org_1\x00ada\x00true\x00org_1/ada" {
		t.Errorf("bound to %q", got)
	}
	other := q
	other.Before = "b"
	if string(other.identity()) == string(q.identity()) {
		t.Error("the end of a list is no part of what its cursors are bound to")
	}
}
