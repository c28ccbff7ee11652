package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/tenantry/tenantry/shared/problem"
)

// read reads a file, and tells why it is refused.
func read(format, content string) (rows []row, why string) {
	rows, err := (&NewImport{Format: format, Content: []byte(content)}).rows()
	if e := problem.As(err); e != nil {
		return nil, e.Fields[0].Message
	} else if err != nil {
		return nil, "failed: " + err.Error()
	}
	return rows, ""
}

func TestUSR1_WhatSpreadsheetsWriteAsCSVIsRead(t *testing.T) {
	t.Parallel()
	want := []row{{1, []string{"name", "email"}}, {2, []string{"Núria, Gil", "n@acme.example"}}}
	for name, text := range map[string]string{
		"commas":              "name,email\n\"Núria, Gil\",n@acme.example\n",
		"semicolons and CRLF": "name;email\r\nNúria, Gil;n@acme.example\r\n",
		"a byte order mark":   "\ufeffname;email\r\n\"Núria, Gil\";n@acme.example",
		"tabs":                "name\temail\nNúria, Gil\t n@acme.example \n",
		"Excel's own line":    "name;email\nNúria, Gil;n@acme.example\n;\n \n\n",
	} {
		rows, why := read("csv", text)
		if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" || why != "" {
			t.Errorf("%s: %s %s", name, why, diff)
		}
	}
}

func TestUSR1_RowsAreCountedAsASpreadsheetCountsThem(t *testing.T) {
	t.Parallel()
	rows, why := read("csv", "sep=;\nname;email\n\"Ana\nof\r\ntwo\";a@x.example\n\nBea;b@x.example\n")
	var numbers []int
	for _, one := range rows {
		numbers = append(numbers, one.number)
	}
	if diff := cmp.Diff([]int{2, 3, 5}, numbers); diff != "" || why != "" {
		t.Errorf("%s %s", why, diff)
	}
}

func TestUSR1_ACellThatAnExportDefusedComesBackAsItWas(t *testing.T) {
	t.Parallel()
	rows, _ := read("csv", "name,email\n'=1+1,'+49@acme.example\n'plain,''=1\n")
	want := [][]string{{"name", "email"}, {"=1+1", "+49@acme.example"}, {"'plain", "'=1"}}
	for i, one := range rows {
		if diff := cmp.Diff(want[i], one.cells); diff != "" {
			t.Error(diff)
		}
	}
}

// workbook is an Excel workbook with the rows.
func workbook(t testing.TB, rows ...[]any) string {
	t.Helper()
	book := excelize.NewFile()
	for i, one := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &one); err != nil {
			t.Fatal(err)
		}
	}
	text, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestUSR1_TheFirstSheetOfAWorkbookIsRead(t *testing.T) {
	t.Parallel()
	rows, why := read("xlsx", workbook(t, []any{"name", "email", "department"}, nil, []any{"=Ana", "a@acme.example", 42}))
	want := []row{{1, []string{"name", "email", "department"}}, {3, []string{"=Ana", "a@acme.example", "42"}}}
	if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" || why != "" {
		t.Errorf("%s %s", why, diff)
	}
}

// archive is a zip archive of parts.
func archive(t testing.TB, parts map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range parts {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// understated is an archive whose directory says that its parts are of that many bytes.
func understated(text string, bytes byte) string {
	at := strings.Index(text, "PK\x01\x02")
	return text[:at+24] + string(bytes) + "\x00\x00\x00" + text[at+28:]
}

func TestUSR1_AFileOverTheBoundsIsRefusedBeforeItIsParsed(t *testing.T) {
	t.Parallel()
	sheet := func(inside string) map[string]string {
		return map[string]string{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + inside + "</sheetData></worksheet>"}
	}
	many := map[string]string{}
	for i := range 300 {
		many[fmt.Sprint("part", i)] = ""
	}
	for name, c := range map[string]struct{ format, content, says string }{
		"larger than all":             {"csv", strings.Repeat("x", mostFile+1), "split the file"},
		"too many rows":               {"csv", "name\n" + strings.Repeat("x\n", mostRows+1), "split the file"},
		"rows far below":              {"csv", "name\n" + strings.Repeat("\n", mostLines) + "x\n", "split the file"},
		"too many columns":            {"csv", strings.Repeat("x;", mostColumns+1), "columns"},
		"a long cell":                 {"csv", "name\n" + strings.Repeat("x", longestCell+1), "cell"},
		"not UTF-8":                   {"csv", "name\nJos\xe9", "CSV UTF-8"},
		"a stray quotation mark":      {"csv", "name\nAna \"x\" y", "quotation mark in a wrong place in line 2"},
		"an open quotation mark":      {"csv", "name\n\"Ana", "quotation mark"},
		"nothing":                     {"csv", "\ufeff\n", "empty"},
		"a workbook as CSV":           {"csv", workbook(t, []any{"name"}), "xlsx"},
		"CSV as a workbook":           {"xlsx", "name;email", "not an Excel workbook"},
		"any archive":                 {"xlsx", archive(t, map[string]string{"a": "b"}), "not an Excel workbook"},
		"a locked workbook":           {"xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "without a password"},
		"a bomb":                      {"xlsx", archive(t, sheet(strings.Repeat(" ", 100<<20))), "too large"},
		"a bomb of elements":          {"xlsx", archive(t, sheet(strings.Repeat("<c/>", mostElements))), "too large"},
		"a bomb of parts":             {"xlsx", archive(t, many), "too large"},
		"a bomb that says it is none": {"xlsx", understated(archive(t, sheet(strings.Repeat(" ", 100<<20))), 9), "damaged"},
		"a row far below":             {"xlsx", rowAt(t, 1_000_000), "rows"},
		"a row far to the right":      {"xlsx", rowAt(t, 2, "XFD2"), "columns"},
	} {
		began := time.Now()
		if _, why := read(c.format, c.content); !strings.Contains(why, c.says) {
			t.Errorf("%s: %q", name, why)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// rowAt is a workbook with a row there, at the cell if one is given.
func rowAt(t testing.TB, number int, cell ...string) string {
	t.Helper()
	at := append(cell, fmt.Sprint("A", number))[0]
	book := excelize.NewFile()
	for where, text := range map[string]string{"A1": "name", at: "x"} {
		if err := book.SetCellStr("Sheet1", where, text); err != nil {
			t.Fatal(err)
		}
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// FuzzSheet reads what nobody wrote: it is read within the bounds or refused.
func FuzzSheet(f *testing.F) {
	f.Add(true, []byte("\ufeffname;email\r\n\"A\nB\";a@x.example"))
	f.Add(false, []byte(workbook(f, []any{"name", "email"}, []any{"Ana", "a@x.example"})))
	f.Add(false, []byte(archive(f, map[string]string{"xl/workbook.xml": "<workbook><sheets><sheet name='a'/></sheets></workbook>"})))
	f.Fuzz(func(t *testing.T, text bool, content []byte) {
		format := map[bool]string{true: "csv", false: "xlsx"}[text]
		rows, why := read(format, string(content))
		if strings.HasPrefix(why, "failed") || len(rows) > mostRows+1 || why == "" && len(rows) == 0 {
			t.Errorf("%d rows, %s", len(rows), why)
		}
		for _, one := range rows {
			if one.number < 1 || len(one.cells) > mostColumns {
				t.Errorf("%+v", one)
			}
		}
	})
}
