package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/problem"
)

// mostOfASheet is how many rows a workbook holds: it is made in one piece, within the time and memory of a page.
const mostOfASheet = 20_000

// sheet is what is written as a table.
type sheet struct {
	title   string // of the sheet of a workbook
	kind    string // of the objects of JSON Lines
	columns []string
	// rows reads the page behind the cursor, and gives the cursor behind it; empty: that was all.
	rows func(ctx context.Context, cursor string) (rows [][]string, next string, err error)
}

// fill reads on from the place until a part of the file is full, or until all rows were read, and gives the part with their number. The
// first one begins with the names of the columns.
func (s *sheet) fill(ctx context.Context, format string, at place, first bool) (part []byte, n int, behind place, err error) {
	var all [][]string
	size := 0
	for at.Part != end && (size < blob.SmallestPart || format == Excel) {
		rows, next, err := s.rows(ctx, at.Cursor)
		if err != nil {
			return nil, 0, at, err
		}
		if at.Cursor = next; next == "" {
			at.Part = end
		}
		for _, row := range rows {
			size += len(strings.Join(row, ",")) + 1
		}
		if all = append(all, rows...); format == Excel && len(all) > mostOfASheet {
			return nil, 0, at, problem.New(problem.Conflict, "too-many-rows", "There are more than %d rows, which is the most that a workbook is made of. Export them as CSV.", mostOfASheet)
		}
	}
	part, err = s.written(format, all, first)
	return part, len(all), at, err
}

// written are rows as a format has them.
func (s *sheet) written(format string, rows [][]string, first bool) ([]byte, error) {
	switch format {
	case CSV:
		return s.asCSV(rows, first)
	case Excel:
		return s.asWorkbook(rows)
	}
	return s.asLines(rows)
}

// asCSV writes what RFC 4180 describes. A cell that a spreadsheet would take for a formula begins with an apostrophe:
// https://owasp.org/www-community/attacks/CSV_Injection
func (s *sheet) asCSV(rows [][]string, first bool) ([]byte, error) {
	var text bytes.Buffer
	to := csv.NewWriter(&text)
	to.UseCRLF = true
	if first {
		_ = to.Write(s.columns) // into memory
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = defused(cell)
		}
		_ = to.Write(cells)
	}
	to.Flush()
	return text.Bytes(), to.Error()
}

// defused is the text of a cell that no spreadsheet takes for a formula; Plain gives back what it was.
func defused(cell string) string {
	if formula(cell) {
		return "'" + cell
	}
	return cell
}

// Plain is the text of a cell as it was before it was written as CSV.
func Plain(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && formula(rest) {
		return rest
	}
	return cell
}

// formula tells whether a spreadsheet takes the cell for a formula, or would without the apostrophes that it begins with: those get
// one more, so that none is taken away that was there before.
func formula(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(rest)[0])
}

// asWorkbook writes an Excel workbook of one sheet. All cells are texts, and none is a formula.
func (s *sheet) asWorkbook(rows [][]string) (content []byte, err error) {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", s.title); err != nil {
		return nil, err
	}
	to, err := book.NewStreamWriter(s.title)
	if err != nil {
		return nil, err
	}
	for i, row := range append([][]string{s.columns}, rows...) {
		cells := make([]any, len(row))
		for n, cell := range row {
			cells[n] = cell
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := to.SetRow(at, cells); err != nil {
			return nil, err
		}
	}
	if err := to.Flush(); err != nil {
		return nil, err
	}
	text, err := book.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// asLines writes an object a line, with the names of the columns.
func (s *sheet) asLines(rows [][]string) ([]byte, error) {
	var text bytes.Buffer
	to := json.NewEncoder(&text)
	for _, row := range rows {
		shown := map[string]string{"kind": s.kind}
		for i, name := range s.columns {
			if row[i] != "" {
				shown[name] = row[i]
			}
		}
		if err := to.Encode(shown); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}
