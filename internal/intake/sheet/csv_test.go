package sheet_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/intake/sheet"
)

// file makes a source of bytes.
func file(b []byte) sheet.Source { return bytes.NewReader(b) }

// rows reads everything and returns the rows as they are numbered.
func rows(t testing.TB, b []byte, opts sheet.Options, lim sheet.Limits) ([]sheet.Row, error) {
	t.Helper()
	r, err := sheet.Open(file(b), opts, lim)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var list []sheet.Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, sheet.Row{Number: row.Number, Cells: append([]string(nil), row.Cells...)})
	}
}

func row(n int64, cells ...string) sheet.Row { return sheet.Row{Number: n, Cells: cells} }

func TestCSVRows(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opts       sheet.Options
		want       []sheet.Row
	}{
		{"plain", "a,b\n1,2\n", sheet.Options{}, []sheet.Row{row(1, "a", "b"), row(2, "1", "2")}},
		{"no newline at the end", "a,b\n1,2", sheet.Options{}, []sheet.Row{row(1, "a", "b"), row(2, "1", "2")}},
		{"blanks after commas", "a, b ,\tc\n", sheet.Options{}, []sheet.Row{row(1, "a", "b", "c")}},
		{"blank rows keep their number", "a\n\n,,\nb\n", sheet.Options{}, []sheet.Row{row(1, "a"), row(4, "b")}},
		{"old line ends", "a,b\r1,2\r", sheet.Options{}, []sheet.Row{row(1, "a", "b"), row(2, "1", "2")}},
		{"quoted", "\"a,1\",\"say \"\"no\"\"\"\r\n", sheet.Options{}, []sheet.Row{row(1, "a,1", `say "no"`)}},
		{"newlines in a cell", "\"one\r\ntwo\rthree\",b\nc", sheet.Options{}, []sheet.Row{row(1, "one\ntwo\nthree", "b"), row(2, "c")}},
		{"text behind a quote", `"Al" Amin, b`, sheet.Options{}, []sheet.Row{row(1, "Al Amin", "b")}},
		{"quote inside", `5"4, b`, sheet.Options{}, []sheet.Row{row(1, `5"4`, "b")}},
		{"blanks kept inside quotes", `" a ", b`, sheet.Options{}, []sheet.Row{row(1, " a ", "b")}},
		{"empty cells", ",,x,", sheet.Options{}, []sheet.Row{row(1, "", "", "x", "")}},
		{"semicolons and single quotes", "'a;1';b", sheet.Options{Delimiter: ";", Quote: "'"}, []sheet.Row{row(1, "a;1", "b")}},
		{"no quotes", `"a,b"`, sheet.Options{Quote: sheet.NoQuote}, []sheet.Row{row(1, `"a`, `b"`)}},
		{"tabs", "a\t\tb", sheet.Options{Delimiter: "\t"}, []sheet.Row{row(1, "a", "", "b")}},
		{"byte-order mark", "\ufeffa,b", sheet.Options{Encoding: sheet.UTF8}, []sheet.Row{row(1, "a", "b")}},
		{"broken bytes stay", "a\xff,b", sheet.Options{}, []sheet.Row{row(1, "a\xff", "b")}},
		{"windows-1256", "\xe3\xed\xe3\xe4\xc9,\xcd\xe3\xcf", sheet.Options{Encoding: "windows-1256"}, []sheet.Row{row(1, "ميمنة", "حمد")}},
		{"utf-16", "\xff\xfeA\x00,\x00\xe9\x00", sheet.Options{Encoding: "utf-16le"}, []sheet.Row{row(1, "A", "é")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Format = sheet.CSV
			got, err := rows(t, []byte(c.text), c.opts, sheet.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got, c.want); d != "" {
				t.Errorf("got, want: %s", d)
			}
		})
	}
}

func TestCSVRefusals(t *testing.T) {
	small := sheet.Limits{FileBytes: 1000, PlainBytes: 1500, TextBytes: 100, Rows: 3, Columns: 3, CellBytes: 8}
	for _, c := range []struct {
		name, text string
		opts       sheet.Options
		code       string
		place      sheet.Place
	}{
		{"too many columns", "a,b,c\na,b,c,d\n", sheet.Options{}, "too-many-columns", sheet.Place{Row: 2}},
		{"too many rows", "a\nb\nc\nd\n", sheet.Options{}, "too-many-rows", sheet.Place{Row: 4}},
		{"cell too long", "a,123456789", sheet.Options{}, "cell-too-long", sheet.Place{Row: 1, Column: 2}},
		{"quoted cell too long", "a\nb,\"1234\n56789\"", sheet.Options{}, "cell-too-long", sheet.Place{Row: 2, Column: 2}},
		{"quote never closed", "a\nb,\"x", sheet.Options{}, "broken-quote", sheet.Place{Row: 2, Column: 2}},
		{"file too big", strings.Repeat("a\n", 501), sheet.Options{}, "file-too-big", sheet.Place{}},
		{"unpacks too big", packed(strings.Repeat(",\n", 1000)), sheet.Options{}, "file-too-big", sheet.Place{}},
		{"damaged packed file", packed("a,b\n")[:25], sheet.Options{}, "damaged-file", sheet.Place{}},
		{"unknown encoding", "a", sheet.Options{Encoding: "ebcdic"}, "check-fields", sheet.Place{}},
		{"unknown delimiter", "a", sheet.Options{Delimiter: "a"}, "check-fields", sheet.Place{}},
		{"unknown quote", "a", sheet.Options{Quote: "x"}, "check-fields", sheet.Place{}},
		{"unknown format", "a", sheet.Options{Format: "doc"}, "check-fields", sheet.Place{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.opts.Format == "" {
				c.opts.Format = sheet.CSV
			}
			_, err := rows(t, []byte(c.text), c.opts, small)
			if fault.CodeOf(err) != c.code || !fault.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want %s", err, c.code)
			}
			var place sheet.Place
			if errors.As(err, &place); place != c.place {
				t.Errorf("got place %v, want %v", place, c.place)
			}
		})
	}
}

func TestUnpackingStopsAtTheLimit(t *testing.T) {
	lim := sheet.DefaultLimits()
	lim.PlainBytes = 1 << 20
	_, err := rows(t, []byte(packed(strings.Repeat("a,b\n", 1<<20))), sheet.Options{Format: sheet.CSV}, lim)
	if fault.CodeOf(err) != "file-too-big" {
		t.Errorf("got %v, want file-too-big", err)
	}
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

// FuzzCSV holds the reader against encoding/csv on everything the latter accepts
// and both define alike, and against panics and broken limits on the rest.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n1,\"2,3\"\n", byte(0))
	f.Add("rec_id, given_name\nrec-1, \"o\"\"neill\"", byte(0))
	f.Add("\"a\nb\";c\r\n;\r", byte(1))
	f.Fuzz(func(t *testing.T, text string, d byte) {
		delim := sheet.Delimiters[int(d)%len(sheet.Delimiters)]
		lim := sheet.Limits{FileBytes: 1 << 20, PlainBytes: 1 << 20, Rows: 1 << 20, Columns: 1 << 20, CellBytes: 1 << 20}
		got, err := rows(t, []byte(text), sheet.Options{Format: sheet.CSV, Delimiter: string(delim)}, lim)
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("not a fault of the input: %v", err)
		}
		peer := csv.NewReader(strings.NewReader(text))
		peer.Comma, peer.FieldsPerRecord = rune(delim), -1
		want, peerErr := peer.ReadAll()
		if peerErr != nil || strings.ContainsAny(text, "\r \t\ufeff") {
			return // encoding/csv keeps blanks and lone carriage returns, spreadsheet programs do not
		}
		if err != nil {
			t.Fatalf("refused what encoding/csv reads: %v", err)
		}
		var texts [][]string
		for _, r := range got {
			texts = append(texts, r.Cells)
		}
		var filled [][]string
		for _, r := range want {
			if strings.Join(r, "") != "" {
				filled = append(filled, r)
			}
		}
		if d := cmp.Diff(texts, filled); d != "" {
			t.Errorf("got, want: %s", d)
		}
	})
}
