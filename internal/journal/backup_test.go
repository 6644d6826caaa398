package journal_test

import (
	"errors"
	"io"
	"slices"
	"testing"

	"causeway/internal/journal"
)

// TestVerifyBackup verifies the rows of a dump, in and out of order.
func TestVerifyBackup(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.fill(t, 600)
		r.checkpoint(t)
		r.fill(t, 20)
		for name, order := range map[string]func([]dumped){"as dumped": func([]dumped) {}, "backwards": slices.Reverse[[]dumped]} {
			rows := r.dump(t)
			order(rows)
			src, err := journal.FromRows(ctx, t.TempDir(), r.clk.Now(), next(rows))
			if err != nil {
				t.Fatal(err)
			}
			rep, err := journal.Verify(ctx, src, journal.Options{Keys: r.keys(t), Anchors: r.anchors(t)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want(t, rep, journal.Sound, "")
			if rep.Source != "backup" || rep.Size != 600 || rep.Pending != 20 {
				t.Errorf("%s: %s of %d and %d", name, rep.Source, rep.Size, rep.Pending)
			}
			if err := src.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestVerifyBackupRefuses(t *testing.T) {
	r := onSQLite(t)
	r.fill(t, 10)
	r.checkpoint(t)
	rows := r.dump(t)
	dir := t.TempDir()
	broken := func() (string, []string, []any, error) { return "", nil, nil, errors.New("wrong key") }
	if _, err := journal.FromRows(ctx, dir, start, broken); err == nil {
		t.Error("a broken stream: accepted")
	}
	if _, err := journal.FromRows(ctx, dir, start, next(append(rows, rows[0]))); err == nil {
		t.Error("a row twice: accepted")
	}
	empty, err := journal.FromRows(ctx, dir, start, next(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	rep, err := journal.Verify(ctx, empty, journal.Options{Keys: r.keys(t), Anchors: r.anchors(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want(t, rep, journal.Altered, "anchor-fork") // nothing where ten entries were
	if left := len(rows); left == 0 {
		t.Fatal("no rows")
	}
}

// dumped is one row of a dump.
type dumped struct {
	table   string
	columns []string
	row     []any
}

func (r *rig) dump(t testing.TB) []dumped {
	t.Helper()
	var out []dumped
	err := r.db.Dump(ctx, func(table string, columns []string, row []any) error {
		out = append(out, dumped{table, slices.Clone(columns), slices.Clone(row)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(out, dumped{"casework_case", []string{"id"}, []any{bytesOf(16)}}) // other rooms are passed over
}

func next(rows []dumped) func() (string, []string, []any, error) {
	return func() (string, []string, []any, error) {
		if len(rows) == 0 {
			return "", nil, nil, io.EOF
		}
		d := rows[0]
		rows = rows[1:]
		return d.table, d.columns, d.row, nil
	}
}
