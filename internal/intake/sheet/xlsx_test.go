package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"causeway/internal/fault"
	"causeway/internal/intake/sheet"
)

// workbook returns the file that fill makes with an independent library.
func workbook(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func xlsx(sheetName string) sheet.Options {
	return sheet.Options{Format: sheet.XLSX, Sheet: sheetName}
}

func TestWorkbookCells(t *testing.T) {
	b := workbook(t, func(f *excelize.File) {
		day, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		custom := `"le" dd/mm/yyyy`
		written, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
		zeros := "00000000"
		padded, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
		clock := "hh:mm"
		hours, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
		f.SetSheetRow("Sheet1", "A1", &[]any{"name", "born", "number", "flag"})
		f.SetSheetRow("Sheet1", "A3", &[]any{"مريم", 40271, 12345678901, true})
		f.SetCellStyle("Sheet1", "B3", "B3", day)
		f.SetSheetRow("Sheet1", "A4", &[]any{"Zoë _x0041_", 40271.5, 1234, 0.1 + 0.2})
		f.SetCellStyle("Sheet1", "B4", "B4", written)
		f.SetCellStyle("Sheet1", "C4", "C4", padded)
		f.SetCellValue("Sheet1", "E5", 0.25)
		f.SetCellStyle("Sheet1", "E5", "E5", hours)
		f.SetCellRichText("Sheet1", "A6", []excelize.RichTextRun{{Text: "An"}, {Text: "na", Font: &excelize.Font{Bold: true}}})
		f.SetCellStr("Sheet1", "B6", "03/04/2010")
	})
	got, err := rows(t, b, xlsx(""), sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{
		row(1, "name", "born", "number", "flag"),
		row(3, "مريم", "2010-04-03", "12345678901", "true"),
		row(4, "Zoë A", "2010-04-03T12:00:00", "00001234", "0.3"),
		row(5, "", "", "", "", "0.25"),
		row(6, "Anna", "03/04/2010"),
	}
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("got, want: %s", d)
	}
}

func TestWorkbookDays(t *testing.T) {
	for _, c := range []struct {
		serial float64
		from04 bool
		want   string
	}{
		{1, false, "1900-01-01"},
		{59, false, "1900-02-28"},
		{61, false, "1900-03-01"},
		{36526, false, "2000-01-01"},
		{36526.999999, false, "2000-01-02"},
		{0, false, "0"},
		{-5, false, "-5"},
		{2958465, false, "9999-12-31"},
		{2958466, false, "2958466"},
		{35064, true, "2000-01-01"},
	} {
		b := workbook(t, func(f *excelize.File) {
			f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &c.from04})
			style, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
			f.SetCellStr("Sheet1", "A1", "x")
			f.SetCellValue("Sheet1", "B1", c.serial)
			f.SetCellStyle("Sheet1", "B1", "B1", style)
		})
		got, err := rows(t, b, xlsx(""), sheet.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Cells[1] != c.want {
			t.Errorf("serial %v from 1904 %v: got %s, want %s", c.serial, c.from04, got[0].Cells[1], c.want)
		}
	}
}

func TestWorkbookSheets(t *testing.T) {
	b := workbook(t, func(f *excelize.File) {
		f.SetCellStr("Sheet1", "A1", "first")
		for _, name := range []string{"Kinder", "أطفال"} {
			f.NewSheet(name)
			f.SetCellStr(name, "A1", name)
		}
		f.SetActiveSheet(1)
		f.SetSheetVisible("Sheet1", false)
	})
	g, err := inspect(t, b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(g, sheet.Guess{Options: xlsx("Kinder"), Sheets: []string{"Kinder", "أطفال", "Sheet1"}}); d != "" {
		t.Errorf("got, want: %s", d)
	}
	for name, want := range map[string]string{"": "Kinder", "أطفال": "أطفال", "Sheet1": "first"} {
		got, err := rows(t, b, xlsx(name), sheet.DefaultLimits())
		if err != nil || got[0].Cells[0] != want {
			t.Errorf("sheet %q: got %v, %v; want %s", name, got, err, want)
		}
	}
	if _, err := rows(t, b, xlsx("none"), sheet.DefaultLimits()); fault.FieldsOf(err)[0].Code != "no-such-sheet" {
		t.Errorf("got %v, want no-such-sheet", err)
	}
}

// parts makes a workbook by hand, so that it can be wrong.
func parts(t testing.TB, sheetXML, textsXML string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	for name, content := range map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml":       textsXML,
		"xl/worksheets/sheet1.xml":   sheetXML,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, head+content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const texts = `<sst><si><t>Ann</t></si><si><r><t>Be</t></r><rPh><t>hint</t></rPh><r><t>n</t></r></si></sst>`

func TestWorkbookRefusals(t *testing.T) {
	small := sheet.Limits{FileBytes: 1 << 20, PlainBytes: 4 << 20, TextBytes: 1 << 20, Rows: 100, Columns: 5, CellBytes: 1000}
	for _, c := range []struct{ name, sheet, texts, code, place string }{
		{"as it should be", `<worksheet><sheetData><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>`, texts, "", ""},
		{"without references", `<worksheet><sheetData><row><c t="s"><v>1</v></c><c t="str"><v>x</v></c></row></sheetData></worksheet>`, texts, "", ""},
		{"sheet cut off", `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2">`, texts, "damaged-file", "row 2"},
		{"sheet cut off between rows", `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`, texts, "damaged-file", "row 2"},
		{"broken XML", `<worksheet><sheetData><row r="1"><c r="A1"><v>&nope;</v></c></row></sheetData>`, texts, "damaged-file", "row 1, column 1"},
		{"text that is not there", `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>`, texts, "damaged-file", "row 1, column 1"},
		{"rows backwards", `<worksheet><sheetData><row r="3"/><row r="3"/></sheetData>`, texts, "damaged-file", "row 4"},
		{"cells backwards", `<worksheet><sheetData><row r="3"><c r="B3"/><c r="A3"/></row></sheetData>`, texts, "damaged-file", "row 3, column 3"},
		{"too many columns", `<worksheet><sheetData><row r="3"><c r="XFD3"/></row></sheetData>`, texts, "too-many-columns", "row 3"},
		{"too many rows", `<worksheet><sheetData><row r="1048576"><c r="A1048576"/></row></sheetData>`, texts, "too-many-rows", "row 1048576"},
		{"cell too long", `<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>` + strings.Repeat("a", 1001) + `</v></c></row></sheetData>`, texts, "cell-too-long", "row 1, column 1"},
		{"endless token", `<worksheet><sheetData><row r="1"><c r="` + strings.Repeat("abcdefgh", 20_000) + `"/></row></sheetData>`, texts, "cell-too-long", "row 1, column 1"},
		{"too much shared text", `<worksheet/>`, "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("0123456789abcdef", 40)+"</t></si>", 2000) + "</sst>", "file-too-big", ""},
		{"bomb", `<worksheet><sheetData>` + strings.Repeat(" ", 3<<20) + `</sheetData>`, texts, "file-too-big", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := rows(t, parts(t, c.sheet, c.texts), xlsx(""), small)
			if fault.CodeOf(err) != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			if c.code == "" {
				if len(got) != 1 || strings.Join(got[0].Cells, "|") != "Ben|x" {
					t.Errorf("got %v", got)
				}
				return
			}
			var place sheet.Place
			if !errors.As(err, &place) != (c.place == "") || c.place != "" && place.Error() != c.place {
				t.Errorf("got place %v, want %s", place, c.place)
			}
			if strings.Contains(err.Error(), "nope") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

// The peer reads the same cells; only dates are shown by it as formatted.
func TestWorkbookAgreesWithPeer(t *testing.T) {
	b := workbook(t, func(f *excelize.File) {
		for r := 1; r <= 300; r++ {
			cells := make([]any, 0, 6)
			for c := range 6 {
				switch (r + c) % 4 {
				case 0:
					cells = append(cells, fmt.Sprintf("текст %d", r*c))
				case 1:
					cells = append(cells, r*c)
				case 2:
					cells = append(cells, nil)
				case 3:
					cells = append(cells, strings.Repeat("a & b < c ", c))
				}
			}
			f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", r), &cells)
		}
	})
	peer, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	want, err := peer.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := rows(t, b, xlsx(""), sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		cells := r.Cells
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		if d := cmp.Diff(cells, want[r.Number-1]); d != "" {
			t.Fatalf("row %d: got, want: %s", r.Number, d)
		}
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>`), []byte(texts))
	f.Add([]byte(`<sheetData><row><c s="1"><v>36526</v></c></row></sheetData>`), []byte(`<sst/>`))
	f.Fuzz(func(t *testing.T, sheetXML, textsXML []byte) {
		lim := sheet.Limits{FileBytes: 1 << 20, PlainBytes: 1 << 20, TextBytes: 1 << 16, Rows: 1000, Columns: 50, CellBytes: 1000}
		got, err := rows(t, parts(t, string(sheetXML), string(textsXML)), xlsx(""), lim)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("not a fault of the input: %v", err)
		}
		for _, r := range got {
			if r.Number < 1 || r.Number > lim.Rows || len(r.Cells) > lim.Columns {
				t.Fatalf("row %d with %d cells passes the limits", r.Number, len(r.Cells))
			}
		}
	})
}

func FuzzWorkbookFile(f *testing.F) {
	f.Add(parts(f, `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`, texts))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := rows(t, b, xlsx(""), sheet.DefaultLimits())
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("not a fault of the input: %v", err)
		}
	})
}
