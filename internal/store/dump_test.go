package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

func newClock() *clock.Fake { return clock.NewFake(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) }

// collated makes a database that sorts by a language's rules and returns its
// connection string.
func collated(t *testing.T, dsn string) string {
	t.Helper()
	name := "test_collation_" + storetest.SchemaName(t)
	pool, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(bg, `CREATE DATABASE `+name+
		` TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'`); err != nil {
		t.Skipf("this server cannot make a database with another collation: %v", err)
	}
	t.Cleanup(func() {
		pool, err := sql.Open("pgx", dsn)
		if err == nil {
			_, err = pool.ExecContext(bg, `DROP DATABASE `+name+` WITH (FORCE)`)
			err = errors.Join(err, pool.Close())
		}
		if err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	if strings.Contains(dsn, "://") {
		before, after, _ := strings.Cut(dsn, "?")
		return before[:strings.LastIndexByte(before, '/')+1] + name + "?" + after
	}
	return dsn + " dbname=" + name
}

type line struct {
	Table   string
	Columns []string
	Row     []any
}

func dump(t *testing.T, db *store.DB) []line {
	t.Helper()
	var out []line
	if err := db.Dump(bg, func(table string, columns []string, row []any) error {
		out = append(out, line{table, columns, append([]any(nil), row...)})
		return nil
	}); err != nil {
		t.Fatalf("dump: %v", err)
	}
	return out
}

func load(db *store.DB, lines []line) error {
	return db.Load(bg, func() (string, []string, []any, error) {
		if len(lines) == 0 {
			return "", nil, nil, io.EOF
		}
		l := lines[0]
		lines = lines[1:]
		return l.Table, l.Columns, l.Row, nil
	})
}

func fill(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		err := errors.Join(
			exec(tx, insertUnit, []byte("north"), nil, "North"),
			exec(tx, insertUnit, []byte("aa"), []byte("north"), "Under north"),
			exec(tx, insertUnit, []byte{}, []byte{}, "نفسه"))
		for i := range 1001 {
			err = errors.Join(err, exec(tx, `INSERT INTO test_row (id, unit, label, open, sealed) VALUES ($1, $2, $3, $4, $5)`,
				i, []byte("north"), fmt.Sprint("row ", i), i%2 == 0, sealed(i)))
		}
		return err
	})
	// Not part of a dump.
	if _, err := db.Lease(bg, "job", [16]byte{1}, time.Hour); err != nil {
		t.Fatal(err)
	}
}

// sealed is bytes for row i: of many lengths, for row 0 empty, for some none.
func sealed(i int) []byte {
	if i%7 == 3 {
		return nil
	}
	return bytes.Repeat([]byte{byte(i), byte(i >> 8)}, min(i, 1+i%60))
}

// TestDumpLoadsOnEitherEngine also covers rows that refer to later ones.
func TestDumpLoadsOnEitherEngine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		lines := dump(t, db)
		if len(lines) != 1004 || lines[0].Table != "test_unit" || lines[1003].Table != "test_row" {
			t.Fatalf("%d lines from %s to %s", len(lines), lines[0].Table, lines[len(lines)-1].Table)
		}
		lines[0], lines[1] = lines[1], lines[0]
		storetest.Each(t, func(t *testing.T, copied *store.DB) {
			if err := load(copied, lines); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sorted(dump(t, copied)), sorted(lines)); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			if err := copied.Integrity(bg); err != nil {
				t.Error(err)
			}
			// Rules are in force again.
			err := copied.Write(bg, func(tx *store.Tx) error {
				return exec(tx, insertUnit, []byte("x"), []byte("nobody"), "X")
			})
			want(t, err, fault.Invalid, "rule")
			want(t, load(copied, lines), fault.Conflict, "not-empty")
		}, tables)
	}, tables)
}

func sorted(lines []line) map[string]line {
	out := map[string]line{}
	for _, l := range lines {
		out[fmt.Sprintf("%s %x", l.Table, l.Row[0])] = l
	}
	return out
}

func TestDumpIsOneSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		n := 0
		if err := db.Dump(bg, func(table string, _ []string, _ []any) error {
			if n++; n == 1 {
				write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 5000, "late") })
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n != 1004 {
			t.Errorf("%d rows, want 1004", n)
		}
	}, tables)
}

func TestDumpStopsWithItsReceiver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fill(t, db)
		if err := db.Dump(bg, func(string, []string, []any) error { return errOwn }); !errors.Is(err, errOwn) {
			t.Errorf("got %v", err)
		}
	}, tables)
}

func TestLoadOfAnOlderDump(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := load(db, []line{{"test_row", []string{"label", "id"}, []any{"x", int64(1)}}}); err != nil {
			t.Fatal(err)
		}
		read(t, db, func(tx *store.Tx) error {
			var open bool
			err := tx.QueryRow(bg, `SELECT open FROM test_row WHERE id = 1`).Scan(&open)
			if !open {
				t.Error("a missing column did not take its default")
			}
			return err
		})
	}, tables)
}

func TestLoadRefuses(t *testing.T) {
	id := []string{"id", "label"}
	good := line{"test_row", id, []any{int64(1), "x"}}
	cases := map[string]struct {
		line line
		code string
	}{
		"table":    {line{"test_other", id, []any{int64(2), "x"}}, "backup-table"},
		"lease":    {line{"store_lease", []string{"name"}, []any{"x"}}, "backup-table"},
		"injected": {line{`test_row" --`, id, []any{int64(2), "x"}}, "backup-table"},
		"column":   {line{"test_row", []string{"id", "other"}, []any{int64(2), "x"}}, "backup-column"},
		"twice":    {line{"test_row", []string{"id", "id"}, []any{int64(2), int64(2)}}, "backup-column"},
		"length":   {line{"test_row", id, []any{int64(2)}}, "backup-value"},
		"type":     {line{"test_row", id, []any{"secret", "x"}}, "backup-value"},
		"text":     {line{"test_row", id, []any{int64(2), "secret\x00"}}, "backup-value"},
		"dangling": {line{"test_unit", []string{"id", "parent", "name"}, []any{[]byte("a"), []byte("b"), "c"}}, "rule"},
		"again":    {good, "exists"},
		"rule":     {line{"test_row", []string{"id", "version"}, []any{int64(2), int64(0)}}, "rule"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
				db, err := store.Open(bg, cfg)
				if err != nil {
					t.Fatal(err)
				}
				err = load(db, []line{good, c.line})
				if fault.CodeOf(err) != c.code || strings.Contains(err.Error(), "secret") {
					t.Errorf("got %v, want %s", err, c.code)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
				// Nobody can mistake the rest for a database.
				db, err = store.Open(bg, cfg)
				if cfg.Engine == store.SQLite {
					want(t, err, fault.Unavailable, "incomplete-restore")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := count(t, db); got != 0 {
					t.Errorf("%d rows are left, want 0", got)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}, tables)
		})
	}
}

func TestLoadPassesOnItsSourcesError(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Load(bg, func() (string, []string, []any, error) { return "", nil, nil, errOwn })
		if !errors.Is(err, errOwn) {
			t.Errorf("got %v", err)
		}
	}, tables)
}

func TestTables(t *testing.T) {
	files := schema()
	files["0009_test_more.sql"] = &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE IF NOT EXISTS "test_late" (
    id BYTEA NOT NULL, word TEXT NOT NULL CHECK (word IN ('a,b', ')')), day BIGINT,
    PRIMARY KEY (id, day), FOREIGN KEY (day) REFERENCES test_row (id)
);
ALTER TABLE test_unit ADD COLUMN closed BOOLEAN;
ALTER TABLE test_unit RENAME COLUMN name TO title;
ALTER TABLE test_late DROP COLUMN word;
ALTER TABLE test_late RENAME TO test_later;
CREATE TABLE test_gone (text BIGINT);
DROP TABLE test_gone;
UPDATE test_unit SET title = 'BYTEA' WHERE title = 'x';
`)}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tables, err := db.Tables()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		var order []string
		for _, table := range tables {
			order = append(order, table.Name)
			for _, c := range table.Columns {
				got[table.Name] += c.Name + " " + string(c.Type) + " "
			}
		}
		if diff := cmp.Diff(order, []string{"test_unit", "test_row", "test_later"}); diff != "" {
			t.Error(diff)
		}
		if got["test_unit"] != "id BYTEA parent BYTEA title TEXT closed BOOLEAN " || got["test_later"] != "id BYTEA day BIGINT " {
			t.Errorf("got %v", got)
		}
		if err := db.Integrity(bg); err != nil {
			t.Error(err)
		}
	}, storetest.WithMigrations(files))
}

// TestNothingInClear searches every file of an SQLite database, open and closed,
// for what was written, and the permissions of the files.
func TestNothingInClear(t *testing.T) {
	const marker = "marker-7f3a-in-clear"
	cfg := storetest.SQLite(t, tables)
	dir := filepath.Dir(cfg.Path)
	db, err := store.Open(bg, cfg)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error {
		err := exec(tx, insertUnit, []byte(marker), nil, marker)
		for i := range 3000 {
			err = errors.Join(err, exec(tx, insertRow, i, strings.Repeat(marker, 3)))
		}
		return err
	})
	search := func(when string) {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%v %v", names, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{marker, "test_unit", "SQLite format", string(cfg.FileKey)} {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("%s: %s holds %q", when, filepath.Base(name), secret)
				}
			}
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s has mode %v, %v", when, filepath.Base(name), info.Mode(), err)
			}
		}
	}
	search("with its log")
	if err := db.Checkpoint(bg); err != nil {
		t.Fatal(err)
	}
	search("after a checkpoint")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	search("closed")
}
