package store_test

import (
	"context"
	"errors"
	"slices"
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

// schema is the suite's own: what the rooms' tables are made of, in small.
func schema() fstest.MapFS {
	return fstest.MapFS{
		"0001_store_lease.sql": {Data: []byte(`-- +goose Up
CREATE TABLE store_lease (name TEXT NOT NULL PRIMARY KEY, holder BYTEA NOT NULL, held_until BIGINT NOT NULL);
`)},
		"0002_test_unit.sql": {Data: []byte(`-- +goose Up
-- A comment; with a semicolon, and the word BIGINT.
CREATE TABLE test_unit (
    id     BYTEA NOT NULL PRIMARY KEY,
    parent BYTEA REFERENCES test_unit (id),
    name   TEXT  NOT NULL UNIQUE CHECK (name <> '')
);
`)},
		"0003_test_row.sql": {Data: []byte(`-- +goose Up
CREATE TABLE test_row (
    id      BIGINT  NOT NULL PRIMARY KEY,
    unit    BYTEA   REFERENCES test_unit (id),
    label   TEXT    NOT NULL DEFAULT 'a;b -- $1 BIGINT',
    open    BOOLEAN NOT NULL DEFAULT TRUE,
    sealed  BYTEA,
    version BIGINT  NOT NULL DEFAULT 1,
    CONSTRAINT test_row_version CHECK (version BETWEEN 1 AND 9)
); -- clustered
CREATE UNIQUE INDEX test_row_sealed ON test_row (sealed) WHERE open;
CREATE INDEX test_row_label ON test_row (label, id);
`)},
	}
}

var tables = storetest.WithMigrations(schema())

const (
	insertRow  = `INSERT INTO test_row (id, label) VALUES ($1, $2)`
	insertUnit = `INSERT INTO test_unit (id, parent, name) VALUES ($1, $2, $3)`
	countRows  = `SELECT COUNT(*) FROM test_row`
)

var bg = context.Background()

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(bg, fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func read(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Read(bg, fn); err != nil {
		t.Fatalf("read: %v", err)
	}
}

func exec(tx *store.Tx, query string, args ...any) error {
	_, err := tx.Exec(bg, query, args...)
	return err
}

func count(t *testing.T, db *store.DB) int {
	t.Helper()
	n := 0
	read(t, db, func(tx *store.Tx) error { return tx.QueryRow(bg, countRows).Scan(&n) })
	return n
}

// want fails unless err is a fault of this kind and code.
func want(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code || err == nil {
		t.Errorf("got error %v, want %v %q", err, kind, code)
	}
}

type color string // rooms have named string types

func TestValuesComeBackAsTheyWent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const big = int64(1)<<62 + 1
		write(t, db, func(tx *store.Tx) error {
			return errors.Join(
				exec(tx, `INSERT INTO test_row (version, id, open, sealed, label) VALUES ($5, $1, $2, $3, $4)`,
					big, false, []byte{0, 255}, color("наѓла \u202e ١"), 2),
				exec(tx, `INSERT INTO test_row (id, sealed, open) VALUES ($1, $2, $3)`, 2, []byte{}, false),
				exec(tx, `INSERT INTO test_row (id, sealed) VALUES ($1, $2)`, int32(3), nil),
				exec(tx, `INSERT INTO test_row (id, sealed) VALUES ($1, $2)`, uint16(4), []byte(nil)),
				exec(tx, `UPDATE test_row SET label = $2 WHERE id = $1 AND label = $3`, 4, "", "a;b -- $1 BIGINT"),
			)
		})
		type row struct {
			ID     int64
			Label  color
			Open   bool
			Sealed []byte
		}
		var got []row
		read(t, db, func(tx *store.Tx) error {
			got = nil
			rows, err := tx.Query(bg, `SELECT id, label, open, sealed FROM test_row ORDER BY id`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var r row
				if err := rows.Scan(&r.ID, &r.Label, &r.Open, &r.Sealed); err != nil {
					return err
				}
				got = append(got, r)
			}
			return rows.Err()
		})
		want := []row{
			{2, "a;b -- $1 BIGINT", false, []byte{}},
			{3, "a;b -- $1 BIGINT", true, nil},
			{4, "", true, nil},
			{big, "наѓла \u202e ١", false, []byte{0, 255}},
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got (-), want (+):\n%s", diff)
		}
	}, tables)
}

func TestTextSortsByItsBytes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		labels := []string{"b", "B", "a", "é", "z", "Ж", "-", "ab", "a b", "", "ي"}
		write(t, db, func(tx *store.Tx) error {
			for i, l := range labels {
				if err := exec(tx, insertRow, i, l); err != nil {
					return err
				}
			}
			return nil
		})
		var got []string
		read(t, db, func(tx *store.Tx) error {
			got = nil
			rows, err := tx.Query(bg, `SELECT label FROM test_row WHERE label >= $1 ORDER BY label, id`, "")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var l string
				if err := rows.Scan(&l); err != nil {
					return err
				}
				got = append(got, l)
			}
			return rows.Err()
		})
		slices.Sort(labels)
		if diff := cmp.Diff(got, labels); diff != "" {
			t.Errorf("got (-), want (+):\n%s", diff)
		}
	}, tables)
}

func TestPlaceholdersGoByNumber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		read(t, db, func(tx *store.Tx) error {
			var a, b, c, d string
			err := tx.QueryRow(bg, `SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT), '$1 -- $2' /* $3 */`,
				"one", "two").Scan(&a, &b, &c, &d)
			if got := strings.Join([]string{a, b, c, d}, "|"); got != "two|one|two|$1 -- $2" {
				t.Errorf("got %s", got)
			}
			return err
		})
		err := db.Read(bg, func(tx *store.Tx) error {
			return tx.QueryRow(bg, `SELECT CAST($1 AS TEXT)`, "one", "two").Scan(new(string))
		})
		if err == nil {
			t.Error("an argument too many was taken")
		}
	}, tables)
}

// TestErrorsHaveKinds runs one failing statement per case.
func TestErrorsHaveKinds(t *testing.T) {
	cases := []struct {
		name  string
		query string
		args  []any
		kind  fault.Kind
		code  string
	}{
		{"unique", insertRow, []any{1, "secret"}, fault.Conflict, "exists"},
		{"unique column", insertUnit, []any{[]byte("u2"), nil, "unit"}, fault.Conflict, "exists"},
		{"foreign key", insertUnit, []any{[]byte("u3"), []byte("nobody"), "other"}, fault.Invalid, "rule"},
		{"check", `UPDATE test_row SET version = $1 WHERE id = 1`, []any{10}, fault.Invalid, "rule"},
		{"not null", insertUnit, []any{[]byte("u4"), nil, nil}, fault.Invalid, "rule"},
		{"bad UTF-8", insertRow, []any{9, "secret\xff"}, fault.Invalid, "text"},
		{"NUL", insertRow, []any{9, color("secret\x00")}, fault.Invalid, "text"},
		{"no such table", `SELECT secret FROM nowhere`, nil, fault.Internal, "database"},
		{"time", insertRow, []any{9, time.Unix(0, 0)}, fault.Internal, "database"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error {
			return errors.Join(exec(tx, insertRow, 1, "x"), exec(tx, insertUnit, []byte("u1"), nil, "unit"))
		})
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := db.Write(bg, func(tx *store.Tx) error { return exec(tx, c.query, c.args...) })
				want(t, err, c.kind, c.code)
				if err != nil && c.args != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error quotes an argument: %v", err)
				}
			})
		}
	}, tables)
}

func TestErrorsDoNotQuoteValues(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "secret") })
		scans := map[string]func(tx *store.Tx) error{
			"row": func(tx *store.Tx) error {
				return tx.QueryRow(bg, `SELECT label FROM test_row`).Scan(new(int64))
			},
			"rows": func(tx *store.Tx) error {
				rows, err := tx.Query(bg, `SELECT label FROM test_row`)
				if err != nil {
					return err
				}
				defer rows.Close()
				rows.Next()
				return rows.Scan(new(int64))
			},
			"comparison": func(tx *store.Tx) error {
				return exec(tx, `UPDATE test_row SET version = CAST($1 AS BIGINT) WHERE id = 1`, "secret")
			},
		}
		for name, fn := range scans {
			t.Run(name, func(t *testing.T) {
				err := db.Write(bg, fn)
				if err == nil {
					t.Fatal("no error")
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("the error quotes a value: %v", err)
				}
			})
		}
	}, tables)
}

func TestNoRowIsNotFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(bg, func(tx *store.Tx) error {
			return tx.QueryRow(bg, `SELECT label FROM test_row WHERE id = $1`, 8).Scan(new(string))
		})
		want(t, err, fault.NotFound, "not-found")
	}, tables)
}

func TestReadCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(bg, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") })
		if err == nil || count(t, db) != 0 {
			t.Errorf("a read wrote: %v", err)
		}
	}, tables)
}

func TestReadIsOneSnapshot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		read(t, db, func(tx *store.Tx) error {
			var before, after int
			if err := tx.QueryRow(bg, countRows).Scan(&before); err != nil {
				return err
			}
			write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") })
			if err := tx.QueryRow(bg, countRows).Scan(&after); err != nil {
				return err
			}
			if before != 0 || after != 0 {
				t.Errorf("got %d then %d rows, want 0 and 0", before, after)
			}
			return nil
		})
		if got := count(t, db); got != 1 {
			t.Errorf("got %d rows afterwards, want 1", got)
		}
	}, tables)
}

func TestNowStandsStill(t *testing.T) {
	clk := clock.NewFake(time.Date(2030, 5, 4, 3, 2, 1, 999999, time.UTC))
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error {
			was := tx.Now()
			clk.Advance(time.Hour)
			if tx.Now() != was || tx.Micros() != was.UnixMicro() {
				t.Errorf("the time moved within a transaction")
			}
			return nil
		})
	}, tables, storetest.WithClock(clk))
}

func TestIntegrityAndSize(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) error { return exec(tx, insertRow, 1, "x") })
		if err := db.Integrity(bg); err != nil {
			t.Errorf("integrity: %v", err)
		}
		if err := db.Checkpoint(bg); err != nil {
			t.Errorf("checkpoint: %v", err)
		}
		if n, err := db.Size(bg); err != nil || n < 8192 {
			t.Errorf("size %d, %v", n, err)
		}
		write(t, db, func(tx *store.Tx) error { return exec(tx, `CREATE TABLE test_stranger (id BIGINT)`) })
		want(t, db.Integrity(bg), fault.Internal, "database-damaged")
	}, tables)
}
