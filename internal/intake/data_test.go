package intake_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"causeway/internal/intake"
	"causeway/internal/intake/sheet"
)

// dataset returns a file of the public data beside the checkout, or else the
// small one of ours with the same faults.
func dataset(t testing.TB, name string) (content []byte, public bool) {
	t.Helper()
	dirs := []string{os.Getenv("CAUSEWAY_DATA"), filepath.Join("..", "..", "..", "shared", "data")}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		if b, err := os.ReadFile(filepath.Join(dir, "linkage", name)); err == nil {
			return b, true
		}
	}
	b, err := os.ReadFile(filepath.Join("testdata", "guess", "febrl.csv"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is not beside the checkout (set CAUSEWAY_DATA): our own small file is read instead", name)
	return b, false
}

func dryRun(t testing.TB, content []byte, each func(*intake.Row) error) intake.Report {
	t.Helper()
	p, err := intake.Propose(context.Background(), bytes.NewReader(content), codes(t), sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	table, err := intake.OpenTable(bytes.NewReader(content), &p.Mapping, codes(t), sheet.DefaultLimits(), today)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rep, err := intake.DryRun(context.Background(), table, each)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// The persons of FEBRL 4 (synthetic, public): the originals, and the copies with
// errors made on purpose. The counts were taken from the files by other means.
func TestPublicPersons(t *testing.T) {
	for _, c := range []struct {
		name                          string
		rows, bornUnknown, impossible int64
	}{
		{"dataset4a.csv.gz", 5000, 94, 0},
		{"dataset4b.csv.gz", 5000, 199 + 64, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			content, public := dataset(t, c.name)
			if !public {
				c.rows, c.bornUnknown, c.impossible = 200, 26, 19
			}
			var unknown, named int64
			rep := dryRun(t, content, func(r *intake.Row) error {
				if r.Birth.Earliest.IsZero() {
					unknown++
				}
				if len(r.Names) > 0 {
					named++
				}
				return nil
			})
			if rep.Rows != c.rows || unknown != c.bornUnknown || rep.Codes["no-such-date"] != c.impossible {
				t.Errorf("got %d rows, %d births not known, %d impossible; want %d, %d, %d",
					rep.Rows, unknown, rep.Codes["no-such-date"], c.rows, c.bornUnknown, c.impossible)
			}
			if rep.Stopped != rep.Codes[intake.NoName] || rep.Rows-named != rep.Stopped {
				t.Errorf("%d rows stopped, %d of them without a name", rep.Stopped, rep.Codes[intake.NoName])
			}
			t.Logf("%d ready, %d noted, %d stopped, %v", rep.Ready, rep.Noted, rep.Stopped, rep.Codes)
		})
	}
}

func BenchmarkRows(b *testing.B) {
	content, _ := dataset(b, "dataset4b.csv.gz")
	b.ReportAllocs()
	var rows int64
	for b.Loop() {
		rows += dryRun(b, content, nil).Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
