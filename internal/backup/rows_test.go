package backup_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"causeway/internal/backup"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// row is one row of a dump.
type row struct {
	Table   string
	Columns []string
	Values  []any
}

func rowsOf(t testing.TB, db *store.DB) []row {
	t.Helper()
	var out []row
	must(t, db.Dump(ctx, func(table string, columns []string, values []any) error {
		out = append(out, row{table, columns, slices.Clone(values)})
		return nil
	}))
	return out
}

// read returns every row of a backup, and the error it ended with.
func read(r *backup.Reader) ([]row, error) {
	var out []row
	for {
		table, columns, values, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, row{table, columns, values})
	}
}

// byText gives every row a text to sort and compare by.
func byText(rows []row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %v %x %v", r.Table, r.Columns, r.Values, kinds(r.Values)))
	}
	slices.Sort(out)
	return out
}

func kinds(values []any) []string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%T", v))
	}
	return out
}

// verify verifies a journal in full and returns the report.
func (n *node) verify() *journal.Report {
	n.t.Helper()
	key, err := n.ring.VerifierKeys("causeway/" + nodeName + "/1")
	must(n.t, err)
	report, err := journal.Verify(ctx, journal.FromDatabase(n.db), journal.Options{Keys: key, Now: n.clk.Now()}, nil)
	must(n.t, err)
	if report.Exit != journal.Sound {
		n.t.Errorf("journal is %s: %+v", report.Says, report.First())
	}
	return report
}

func (n *node) anchorNote() []byte {
	n.t.Helper()
	_, err := n.journal.Sequence(ctx)
	must(n.t, err)
	signed, err := n.journal.Checkpoint(ctx)
	must(n.t, err)
	return []byte(signed)
}

func must(t testing.TB, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

// want checks the code of an error.
func want(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Errorf("got %v, want %s %q", err, kind, code)
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// files returns every file below the folders, with its content.
func files(t testing.TB, folders ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, folder := range folders {
		must(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			out[path] = b
			return err
		}))
	}
	return out
}

// noneInClear fails when a file holds a child's name, what was noted, or rows in
// clear, or can be read by others.
func noneInClear(t testing.TB, folders ...string) {
	t.Helper()
	for path, b := range files(t, folders...) {
		for _, secret := range []string{marker, "XA-77 401", "wants to go to school", "casework_case", title[:15], "Name of amara"} {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %q", filepath.Base(path), secret)
			}
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v, %v", filepath.Base(path), info.Mode(), err)
		}
	}
}
