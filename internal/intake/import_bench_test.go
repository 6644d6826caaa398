package intake_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"causeway/internal/access/accesstest"
	"causeway/internal/intake"
)

// A workbook goes the same way as text: sealed spool, proposal, dry run, register.
func TestImportWorkbook(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		f := excelize.NewFile()
		defer f.Close()
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		if err != nil {
			t.Fatal(err)
		}
		for i, cells := range [][]any{{"Prénom", "Nom", "Né(e) le", "Sexe"}, {"Aïcha", "Karo", 40953, "F"}, {"Ilo", "Tarn", "14/11/2009", "M"}} {
			if err := f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &cells); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetCellStyle("Sheet1", "C2", "C2", day); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		im := o.checked(t, b.String())
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); err != nil {
			t.Fatal(err)
		}
		for name, born := range map[string]string{"Aïcha Karo": "2012-02-14", "Ilo Tarn": "2009-11-14"} {
			if got := o.find(t, name).Person.Details.Birth.Latest.Reveal(); got != born {
				t.Errorf("got %s, want %s", got, born)
			}
		}
	})
}

// ticking is a clock that goes on from the office's start, so that batches have a
// length.
type ticking struct{ since time.Time }

func (c ticking) Now() time.Time { return accesstest.Start.Add(time.Since(c.since)) }

// BenchmarkImportSubForms measures an import of cases as Primero exports them, with
// people, needs and notes: 200 times the three of the test's file.
func BenchmarkImportSubForms(b *testing.B) {
	content, err := os.ReadFile("testdata/primero_cases.json")
	if err != nil {
		b.Fatal(err)
	}
	one := strings.Trim(strings.TrimSpace(string(content)), "[]")
	parts := make([]string, 200)
	for i := range parts {
		parts[i] = strings.ReplaceAll(one, "0b1f4c1e", strconv.Itoa(10_000_000+i))
	}
	measureImport(b, "["+strings.Join(parts, ",")+"]")
}

// BenchmarkImport measures a whole import into an encrypted SQLite file, and the
// longest batch.
func BenchmarkImport(b *testing.B) {
	content, _ := dataset(b, "dataset4a.csv.gz")
	measureImport(b, string(content))
}

func measureImport(b *testing.B, content string) {
	var rows int64
	var longest time.Duration
	for b.Loop() {
		b.StopTimer()
		o := open(b, accesstest.New(b))
		c := o.restart(&o.cases)
		c.Clock = ticking{time.Now()}
		im := o.checked(b, content)
		b.StartTimer()
		last := time.Now()
		done, err := c.Run(ctx, o.boss, im.ID, func(intake.Progress) {
			longest = max(longest, time.Since(last))
			last = time.Now()
		})
		if err != nil {
			b.Fatal(err)
		}
		rows += done.Registered
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "cases/s")
	b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-batch")
}
