package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/problem"
)

// The bounds of a file. Those of a workbook hold before it is parsed: its parts are unpacked, counted and thrown away first, since
// what a library makes of XML may take many times its size.
const (
	mostFile     = 750 << 10
	mostUnpacked = 8 << 20
	mostElements = 250_000 // opening and closing tags: at most some 100 MB of memory
	mostParts    = 200
	mostRows     = 2_000 // that are not empty, without the first
	mostLines    = 10_000
	mostColumns  = 50
	longestCell  = 1_000 // bytes
)

// row is a row of a file that is not empty.
type row struct {
	number int // as a spreadsheet counts it, from 1
	cells  []string
}

// unreadable is the refusal of a file as a whole.
func unreadable(format string, args ...any) error {
	return problem.Invalid("body.content", fmt.Sprintf(format, args...), nil)
}

// rows reads the rows of the file that are not empty, those with the names of the columns among them.
func (in *NewImport) rows() ([]row, error) {
	if len(in.Content) > mostFile {
		return nil, unreadable("has more than %d bytes: split the file", mostFile)
	}
	sheet := &sheet{}
	read := sheet.readCSV
	if in.Format == export.Excel {
		read = sheet.readWorkbook
	}
	if err := read(in.Content); err != nil {
		return nil, err
	}
	if len(sheet.rows) == 0 {
		return nil, unreadable("is empty: its first row names the columns, such as name;email;role")
	}
	return sheet.rows, nil
}

// sheet collects the rows of a file.
type sheet struct{ rows []row }

// add adds a row unless it is empty, and refuses what is over the bounds.
func (s *sheet) add(number int, cells []string) error {
	filled := false
	for i, cell := range cells {
		if len(cell) > longestCell {
			return unreadable("has a cell of more than %d bytes in row %d", longestCell, number)
		}
		cells[i] = strings.TrimSpace(cell)
		filled = filled || cells[i] != ""
	}
	switch {
	case !filled:
		return nil
	case len(cells) > mostColumns:
		return unreadable("has more than %d columns in row %d", mostColumns, number)
	case len(s.rows) > mostRows || number > mostLines:
		return unreadable("has more than %d rows: split the file", mostRows)
	}
	s.rows = append(s.rows, row{number, cells})
	return nil
}

// readCSV reads what spreadsheets write as CSV: with a byte order mark or not, with commas, semicolons or tabs, lines ending either
// way, and cells of several lines in quotation marks.
func (s *sheet) readCSV(content []byte) error {
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return unreadable("is an Excel workbook: send it with the format xlsx")
	}
	if !utf8.Valid(content) {
		return unreadable(`is not UTF-8: save it as "CSV UTF-8"`)
	}
	text, comma, number := separated(strings.TrimPrefix(string(content), "\ufeff"))
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = comma, -1
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return unreadable("has a quotation mark in a wrong place in line %d: one that belongs to a text is doubled, and the text stands between two of them", wrong.Line)
		} else if err != nil {
			return err
		}
		line, _ := reader.FieldPos(0)
		at := line + number
		for i, cell := range cells {
			number -= strings.Count(cell, "\n") // one row of a spreadsheet, which takes several lines of the text
			cells[i] = export.Plain(cell)
		}
		if err := s.add(at, cells); err != nil {
			return err
		}
	}
}

// separated tells which character separates the cells of the text: what its first line says, as Excel may write it (sep=;), or
// what stands most often there. before is how many rows stand before the text.
func separated(text string) (rest string, comma rune, before int) {
	first, after, _ := strings.Cut(text, "\n")
	if named, found := strings.CutPrefix(strings.TrimRight(first, "\r"), "sep="); found && len(named) == 1 && strings.Contains(",;\t", named) {
		return after, rune(named[0]), 1
	}
	comma = ','
	for _, other := range ";\t" {
		if strings.Count(first, string(other)) > strings.Count(first, string(comma)) {
			comma = other
		}
	}
	return text, comma, 0
}

// readWorkbook reads the first sheet of an Excel workbook. Whatever the library makes of a file that is none, it is the file's
// fault.
func (s *sheet) readWorkbook(content []byte) (err error) {
	if err := small(content); err != nil {
		return err
	}
	broken := unreadable("is not an Excel workbook that can be read: save it as .xlsx, without a password")
	defer func() {
		if panicked := recover(); panicked != nil {
			err = broken
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked})
	if err != nil {
		return broken
	}
	defer book.Close()
	names := book.GetSheetList()
	if len(names) == 0 {
		return broken
	}
	lines, err := book.Rows(names[0])
	if err != nil {
		return broken
	}
	defer lines.Close()
	for number := 1; lines.Next(); number++ {
		cells, err := lines.Columns()
		if err != nil {
			return broken
		}
		if number > mostLines {
			return unreadable("has rows behind row %d of its first sheet", mostLines)
		}
		if err := s.add(number, cells); err != nil {
			return err
		}
	}
	if lines.Error() != nil {
		return broken
	}
	return nil
}

// small refuses a workbook that is over the bounds, or no archive at all. What an archive says of the size of its parts is not
// believed: they are unpacked as far as the bounds go.
func small(content []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return unreadable("is not an Excel workbook: save it as .xlsx, without a password")
	}
	large := unreadable("is too large a workbook: leave only the sheet with the people in it, without formats, or save it as CSV")
	if len(archive.File) > mostParts {
		return large
	}
	unpacked, elements := 0, 0
	buffer := make([]byte, 32<<10)
	for _, file := range archive.File {
		part, err := file.Open()
		if err != nil {
			return unreadable("is damaged: save it again")
		}
		for err == nil && unpacked <= mostUnpacked && elements <= mostElements {
			var n int
			n, err = part.Read(buffer)
			unpacked, elements = unpacked+n, elements+bytes.Count(buffer[:n], []byte("<"))
		}
		part.Close()
		if unpacked > mostUnpacked || elements > mostElements {
			return large
		}
		if !errors.Is(err, io.EOF) {
			return unreadable("is damaged: save it again")
		}
	}
	return nil
}
