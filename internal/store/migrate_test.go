package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// settle gives goroutines time to reach where they wait. A test that is too
// early because of it passes without testing much; it never fails.
func settle() { time.Sleep(30 * time.Millisecond) }

func openErr(cfg store.Config) error {
	db, err := store.Open(bg, cfg)
	if err == nil {
		err = errors.Join(errors.New("it opened"), db.Close())
	}
	return err
}

func TestProgramsOwnTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		// Integrity compares every table with what the migrations say.
		if err := db.Integrity(bg); err != nil {
			t.Error(err)
		}
		tables, err := db.Tables()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			if len(table.Columns) == 0 {
				t.Errorf("table %s has no columns", table.Name)
			}
		}
		ok, err := db.Lease(bg, "sequencer", [16]byte{1}, time.Minute)
		if !ok || err != nil {
			t.Errorf("lease: %v, %v", ok, err)
		}
	})
}

func TestCreateRefusesWhatExists(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		_, err := store.Create(bg, cfg)
		want(t, err, fault.Conflict, "database-exists")
		if err := openErr(cfg); err == nil || err.Error()[:9] != "it opened" {
			t.Errorf("open afterwards: %v", err)
		}
	}, tables)
}

func TestOpenRefusesWhatIsNotThere(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		if cfg.Engine == store.SQLite {
			cfg.Path = filepath.Join(t.TempDir(), "none.db")
		} else {
			cfg.Schema = storetest.SchemaName(t)
		}
		want(t, openErr(cfg), fault.Unavailable, "no-database")
		if _, err := os.Stat(cfg.Path); cfg.Path != "" && err == nil {
			t.Error("opening made a file")
		}
	}, tables)
}

func TestSchemaVersions(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		older, newer := cfg, cfg
		fewer, more := schema(), schema()
		delete(fewer, "0003_test_row.sql")
		older.Migrations = fewer
		// A lower number may come later: rooms have ranges.
		more["0004_test_flag.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" +
			"ALTER TABLE test_row ADD COLUMN flag BOOLEAN NOT NULL DEFAULT FALSE;\n" +
			"ALTER TABLE test_row RENAME COLUMN open TO unlocked;\n")}
		newer.Migrations = more
		want(t, openErr(older), fault.Unavailable, "schema-newer")
		want(t, openErr(newer), fault.Unavailable, "schema-older")
		_, err := store.Pending(bg, older)
		want(t, err, fault.Unavailable, "schema-newer")
		want(t, store.Migrate(bg, older), fault.Unavailable, "schema-newer")

		todo, err := store.Pending(bg, newer)
		if diff := cmp.Diff(todo, []store.Migration{{Version: 4, Name: "0004_test_flag.sql"}}); diff != "" || err != nil {
			t.Errorf("pending: %v\n%s", err, diff)
		}
		if err := store.Migrate(bg, newer); err != nil {
			t.Fatal(err)
		}
		want(t, openErr(cfg), fault.Unavailable, "schema-newer")
		if todo, err := store.Pending(bg, newer); len(todo) != 0 || err != nil {
			t.Errorf("still pending: %v, %v", todo, err)
		}
		db, err := store.Open(bg, newer)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Integrity(bg); err != nil {
			t.Error(err)
		}
	}, tables)
}

func TestMigrateFromTwoInstances(t *testing.T) {
	cfg := storetest.Postgres(t, tables)
	files := schema()
	files["0004_test_flag.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE test_row ADD COLUMN flag BOOLEAN;\n")}
	cfg.Migrations = files
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := store.Migrate(bg, cfg); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	wg.Wait()
	if todo, err := store.Pending(bg, cfg); len(todo) != 0 || err != nil {
		t.Errorf("pending: %v, %v", todo, err)
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		bad := cfg
		files := schema()
		files["0005_test_bad.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" +
			"CREATE TABLE test_half (id BIGINT NOT NULL PRIMARY KEY);\nCREATE TABLE test_half (id BIGINT);\n")}
		bad.Migrations = files
		if err := store.Migrate(bg, bad); !strings.Contains(err.Error(), "0005_test_bad.sql") {
			t.Errorf("got %v, want the migration's name", err)
		}
		db, err := store.Open(bg, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Integrity(bg); err != nil {
			t.Error(err)
		}
	}, tables)
}

// TestStrict: SQLite refuses what PostgreSQL would.
func TestStrict(t *testing.T) {
	db := storetest.New(t, tables)
	err := db.Write(bg, func(tx *store.Tx) error {
		return exec(tx, `INSERT INTO test_row (id, version) VALUES (1, CAST($1 AS TEXT))`, "secret")
	})
	want(t, err, fault.Invalid, "rule")
	read(t, db, func(tx *store.Tx) error {
		var clustered, strict int
		err := tx.QueryRow(bg, `SELECT wr, strict FROM pragma_table_list WHERE name = 'test_row'`).Scan(&clustered, &strict)
		if clustered != 1 || strict != 1 {
			t.Errorf("clustered %d, strict %d; want 1 and 1", clustered, strict)
		}
		return err
	})
}

// TestFullPages: on PostgreSQL primary keys and ordinary indexes fill their pages,
// unique ones, whose keys may come anywhere, do not; comments and all else stay.
func TestFullPages(t *testing.T) {
	const full = " WITH (fillfactor = 100)"
	for from, to := range map[string]string{
		`CREATE TABLE a_b (id BYTEA NOT NULL PRIMARY KEY, n BIGINT NOT NULL);`:                    `CREATE TABLE a_b (id BYTEA NOT NULL PRIMARY KEY` + full + `, n BIGINT NOT NULL);`,
		`CREATE TABLE a_b (n BIGINT PRIMARY KEY CHECK (n >= 0));`:                                 `CREATE TABLE a_b (n BIGINT PRIMARY KEY` + full + ` CHECK (n >= 0));`,
		"CREATE TABLE a_b (c BYTEA CHECK (length(c) = 16),\n PRIMARY KEY (c, d)\n); -- clustered": "CREATE TABLE a_b (c BYTEA CHECK (length(c) = 16),\n PRIMARY KEY (c, d)" + full + "\n); -- clustered",
		`CREATE INDEX a_i ON a_b (c, d) WHERE c IN ('x', 'y'); DROP INDEX a_j;`:                   `CREATE INDEX a_i ON a_b (c, d)` + full + ` WHERE c IN ('x', 'y'); DROP INDEX a_j;`,
		`CREATE UNIQUE INDEX a_i ON a_b (c);`:                                                     `CREATE UNIQUE INDEX a_i ON a_b (c);`,
		`UPDATE a_b SET t = 'CREATE INDEX a ON b (c)'; -- PRIMARY KEY (c)`:                        `UPDATE a_b SET t = 'CREATE INDEX a ON b (c)'; -- PRIMARY KEY (c)`,
	} {
		if got := store.PostgresDDL(from); got != to {
			t.Errorf("got  %s\nwant %s", got, to)
		}
	}
}

func TestWrongFile(t *testing.T) {
	cfg := storetest.SQLite(t, tables)
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	other := cfg
	other.FileKey = key
	want(t, openErr(other), fault.Unavailable, "wrong-file-key")
	want(t, store.Migrate(bg, other), fault.Unavailable, "wrong-file-key")
	other.FileKey = key[:31]
	want(t, openErr(other), fault.Invalid, "file-key-length")
	other.FileKey = nil
	want(t, openErr(other), fault.Invalid, "file-key-length")

	for name, content := range map[string]string{
		"empty": "", "short": "hello", "plain": "SQLite format 3\x00" + strings.Repeat("x", 4096-16),
	} {
		t.Run(name, func(t *testing.T) {
			bad := cfg
			bad.Path = filepath.Join(t.TempDir(), "bad.db")
			if err := os.WriteFile(bad.Path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			want(t, openErr(bad), fault.Unavailable, "not-a-database")
		})
	}
}

func TestWrongServer(t *testing.T) {
	cfg := storetest.Postgres(t, tables)
	bad := cfg
	bad.DSN = "host=127.0.0.1 port=1 user=nobody password=secret dbname=none connect_timeout=1"
	err := openErr(bad)
	want(t, err, fault.Unavailable, "try-again")
	bad.DSN = "postgres://nobody:secret@[::1"
	if err2 := openErr(bad); strings.Contains(err.Error()+err2.Error(), "secret") {
		t.Errorf("the error quotes the password: %v, %v", err, err2)
	}
	bad = cfg
	bad.DSN = collated(t, cfg.DSN)
	want(t, openErr(bad), fault.Unavailable, "wrong-collation")
	_, err = store.Create(bg, bad)
	want(t, err, fault.Unavailable, "wrong-collation")
}

func TestEngineMustBeNamed(t *testing.T) {
	want(t, openErr(store.Config{}), fault.Invalid, "unknown-engine")
	_, err := store.Create(context.Background(), store.Config{Engine: "other"})
	want(t, err, fault.Invalid, "unknown-engine")
	_, err = store.Pending(bg, store.Config{})
	want(t, err, fault.Invalid, "unknown-engine")
}

func TestLeases(t *testing.T) {
	clk := newClock()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := [16]byte{1}, [16]byte{2}
		step := func(name string, holder [16]byte, want bool) {
			t.Helper()
			if got, err := db.Lease(bg, name, holder, time.Minute); err != nil || got != want {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		}
		step("sequencer", a, true)
		step("sequencer", b, false)
		step("deadlines", b, true)
		step("sequencer", a, true)
		clk.Advance(50 * time.Second)
		step("sequencer", a, true) // renewed
		clk.Advance(50 * time.Second)
		step("sequencer", b, false)
		clk.Advance(11 * time.Second)
		step("sequencer", b, true) // ran out
		step("sequencer", a, false)
		if err := errors.Join(db.Release(bg, "sequencer", a), db.Release(bg, "nothing", a)); err != nil {
			t.Error(err)
		}
		step("sequencer", a, false) // not its to release
		if err := db.Release(bg, "sequencer", b); err != nil {
			t.Error(err)
		}
		step("sequencer", a, true)
	}, tables, storetest.WithClock(clk))
}
