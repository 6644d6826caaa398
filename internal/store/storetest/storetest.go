// Package storetest gives tests fresh, real databases.
//
// It is never part of the program. Start at [Each].
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // to drop schemas

	"causeway/internal/clock"
	"causeway/internal/store"
)

// Variable names the environment variable with the connection string of a
// PostgreSQL server on which tests may make and drop schemas.
const Variable = "CAUSEWAY_TEST_POSTGRES"

// Option changes how a test's database is opened.
type Option func(*store.Config)

// WithClock makes the database tell time by c.
func WithClock(c clock.Clock) Option { return func(cfg *store.Config) { cfg.Clock = c } }

// WithMigrations gives the database other tables than the program's.
func WithMigrations(fsys fs.FS) Option { return func(cfg *store.Config) { cfg.Migrations = fsys } }

// WithFault makes the database fail as hook says; see [Fail].
func WithFault(hook func(op string) error) Option {
	return func(cfg *store.Config) { cfg.Fault = hook }
}

// Each runs body on a fresh SQLite file and on a fresh PostgreSQL schema. The
// second half is skipped when [Variable] is not set, and fails then when CI=true.
func Each(t *testing.T, body func(t *testing.T, db *store.DB), opts ...Option) {
	t.Helper()
	EachConfig(t, func(t *testing.T, cfg store.Config) { body(t, open(t, cfg)) }, opts...)
}

// EachConfig is Each for tests that open the database themselves: it gives them
// the configuration of one that exists.
func EachConfig(t *testing.T, body func(t *testing.T, cfg store.Config), opts ...Option) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, SQLite(t, opts...)) })
	t.Run("postgres", func(t *testing.T) { body(t, Postgres(t, opts...)) })
}

// New returns a fresh SQLite database, closed at the end of the test.
func New(t testing.TB, opts ...Option) *store.DB {
	t.Helper()
	return open(t, SQLite(t, opts...))
}

// NewPostgres returns a fresh PostgreSQL database, or skips the test.
func NewPostgres(t testing.TB, opts ...Option) *store.DB {
	t.Helper()
	return open(t, Postgres(t, opts...))
}

func open(t testing.TB, cfg store.Config) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	return db
}

// template is an SQLite file with all tables, made once per process and copied
// for each test. Its key is shared by the copies.
var template struct {
	once sync.Once
	file []byte
	key  []byte
	err  error
}

func makeTemplate() {
	dir, err := os.MkdirTemp("", "causeway-storetest-")
	if err != nil {
		template.err = err
		return
	}
	defer os.RemoveAll(dir)
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		template.err = err
		return
	}
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(dir, "template.db"), FileKey: key}
	db, err := store.Create(context.Background(), cfg)
	if err != nil {
		template.err = err
		return
	}
	if err := db.Close(); err != nil { // moves the log into the file
		template.err = err
		return
	}
	template.file, template.err = os.ReadFile(cfg.Path)
	template.key = key
}

// SQLite returns the configuration of a fresh SQLite database.
func SQLite(t testing.TB, opts ...Option) store.Config {
	t.Helper()
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "test.db")}
	for _, opt := range opts {
		opt(&cfg)
	}
	if cfg.Migrations != nil {
		cfg.FileKey = make([]byte, 32)
		if _, err := rand.Read(cfg.FileKey); err != nil {
			t.Fatalf("random key: %v", err)
		}
		create(t, cfg)
		return cfg
	}
	template.once.Do(makeTemplate)
	if template.err != nil {
		t.Fatalf("make template database: %v", template.err)
	}
	cfg.FileKey = template.key
	if err := os.WriteFile(cfg.Path, template.file, 0o600); err != nil {
		t.Fatalf("copy template database: %v", err)
	}
	return cfg
}

// Postgres returns the configuration of a fresh schema, dropped at the end of
// the test, or skips the test.
func Postgres(t testing.TB, opts ...Option) store.Config {
	t.Helper()
	dsn := os.Getenv(Variable)
	if dsn == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: in CI the tests run on PostgreSQL too", Variable)
		}
		t.Skipf("%s is not set: PostgreSQL is not tested", Variable)
	}
	cfg := store.Config{Engine: store.Postgres, DSN: dsn, Schema: SchemaName(t), Writers: 16}
	for _, opt := range opts {
		opt(&cfg)
	}
	create(t, cfg)
	return cfg
}

// SchemaName returns the name of a schema that does not exist yet and is dropped
// at the end of the test if it does then.
func SchemaName(t testing.TB) string {
	t.Helper()
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatalf("random schema name: %v", err)
	}
	name := "test_" + hex.EncodeToString(b[:])
	t.Cleanup(func() {
		if err := dropSchema(name); err != nil {
			t.Errorf("drop test schema: %v", err)
		}
	})
	return name
}

func dropSchema(name string) error {
	pool, err := sql.Open("pgx", os.Getenv(Variable))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer pool.Close()
	_, err = pool.ExecContext(context.Background(),
		`DROP SCHEMA IF EXISTS `+pgx.Identifier{name}.Sanitize()+` CASCADE`)
	return err
}

// create makes the database of cfg. Faults begin when the test opens it.
func create(t testing.TB, cfg store.Config) {
	t.Helper()
	cfg.Fault = nil
	db, err := store.Create(context.Background(), cfg)
	if err != nil {
		t.Fatalf("create test database: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatalf("close test database: %v", err)
	}
}
