package export

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// nasty are a user's cells, of which some would be formulas.
func nasty() []string {
	row := make([]string, len(columns))
	copy(row, []string{"usr_1", `=HYPERLINK("http://evil.example","x")`, "+49@acme.example", "@SUM(A1)", "\tcmd", "Núria, \"quoted\"\nand a line", "-1", "plain"})
	return row
}

func TestUSR1_NoCellOfAnExportIsAFormula(t *testing.T) {
	t.Parallel()
	text, err := (&roster{}).sheet().written(CSV, [][]string{nasty()}, true)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 || cmp.Diff(columns, rows[0]) != "" {
		t.Fatalf("%v %q", err, rows)
	}
	for i, cell := range rows[1] {
		if was := nasty()[i]; cell != was && cell != "'"+strings.ReplaceAll(was, "\r\n", "\n") || cell != "" && strings.ContainsAny(cell[:1], "=+-@\t") {
			t.Errorf("%q is written as %q", was, cell)
		}
	}
	if again, _ := (&roster{}).sheet().written(CSV, [][]string{nasty()}, false); !bytes.HasSuffix(text, again) || bytes.Contains(again, []byte("organizationId")) {
		t.Errorf("a further part is %q", again)
	}
}

func TestUSR1_AWorkbookHoldsTextsOnly(t *testing.T) {
	t.Parallel()
	content, err := (&roster{}).sheet().written(Excel, [][]string{nasty()}, true)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Users")
	if err != nil || len(rows) != 2 || cmp.Diff(columns, rows[0]) != "" {
		t.Fatalf("%v %q", err, rows)
	}
	for i, cell := range rows[1] {
		at, _ := excelize.CoordinatesToCellName(i+1, 2)
		if formula, _ := book.GetCellFormula("Users", at); formula != "" || cell != nasty()[i] {
			t.Errorf("%s is %q, with the formula %q", at, cell, formula)
		}
	}
}
