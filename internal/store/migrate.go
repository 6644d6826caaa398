package store

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"causeway/internal/fault"
)

// Every room's migrations lie in one folder, numbered in ranges that
// docs/ARCHITECTURE.md gives to the rooms.
//
//go:embed migrations/*.sql
var embedded embed.FS

func builtin() fs.FS {
	sub, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("store: " + err.Error()) // the folder is part of the binary
	}
	return sub
}

// Migration is one numbered change of the schema.
type Migration struct {
	Version int64
	Name    string // file name, such as "0001_store_lease.sql"
}

// migrations lists the migrations of fsys by number.
func migrations(fsys fs.FS) ([]Migration, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var out []Migration
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil || version <= 0 {
			return nil, fmt.Errorf("migration without a number: %s", name)
		}
		out = append(out, Migration{version, name})
	}
	slices.SortFunc(out, func(a, b Migration) int { return int(a.Version - b.Version) })
	return out, nil
}

// Pending returns the migrations of this binary that the database has not had
// yet, in the order they will run. It refuses with code "schema-newer" when the
// database has had one that this binary does not know.
func Pending(ctx context.Context, cfg Config) ([]Migration, error) {
	cfg = cfg.withDefaults()
	pool, err := existing(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return pending(ctx, cfg.Engine, pool, cfg.Migrations)
}

// Migrate runs the pending migrations, each in a transaction of its own. Take a
// backup first: there is no way back.
func Migrate(ctx context.Context, cfg Config) error {
	cfg = cfg.withDefaults()
	pool, err := existing(ctx, cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	todo, err := pending(ctx, cfg.Engine, pool, cfg.Migrations)
	if err != nil || len(todo) == 0 {
		return err
	}
	return runMigrations(ctx, cfg.Engine, pool, cfg.Migrations)
}

// existing opens a database without looking at its schema's version.
func existing(ctx context.Context, cfg Config) (*sql.DB, error) {
	switch cfg.Engine {
	case SQLite:
		return existingSQLite(ctx, cfg)
	case Postgres:
		return existingPostgres(ctx, cfg)
	}
	return nil, fault.New(fault.Invalid, "unknown-engine")
}

// checkSchema refuses a schema that is not exactly this binary's.
func checkSchema(ctx context.Context, engine Engine, pool *sql.DB, fsys fs.FS) error {
	todo, err := pending(ctx, engine, pool, fsys)
	if err != nil {
		return err
	}
	if len(todo) > 0 {
		return fault.Wrap(fault.Unavailable, "schema-older",
			fmt.Errorf("%d migrations pending, first %s", len(todo), todo[0].Name))
	}
	return nil
}

func pending(ctx context.Context, engine Engine, pool *sql.DB, fsys fs.FS) ([]Migration, error) {
	known, err := migrations(fsys)
	if err != nil {
		return nil, err
	}
	applied, err := applied(ctx, pool)
	if err != nil {
		return nil, cleanFor(engine, err)
	}
	var todo []Migration
	for _, m := range known {
		if !applied[m.Version] {
			todo = append(todo, m)
		}
		delete(applied, m.Version)
	}
	for version, yes := range applied {
		if yes && version > 0 { // goose notes its own start as version 0
			return nil, fault.Wrap(fault.Unavailable, "schema-newer",
				fmt.Errorf("migration %d is not known to this program", version))
		}
	}
	return todo, nil
}

// applied reads which migrations the database has had.
func applied(ctx context.Context, pool *sql.DB) (map[int64]bool, error) {
	rows, err := pool.QueryContext(ctx, sqlApplied)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var version int64
		var yes bool
		if err := rows.Scan(&version, &yes); err != nil {
			return nil, err
		}
		out[version] = yes
	}
	return out, rows.Err()
}

// runMigrations applies what is pending. Numbers are given to rooms in ranges,
// so a lower one may come after a higher one.
func runMigrations(ctx context.Context, engine Engine, pool *sql.DB, fsys fs.FS) error {
	dialect, ddl := goose.DialectPostgres, postgresDDL
	if engine == SQLite {
		dialect, ddl = goose.DialectSQLite3, sqliteDDL
	}
	options := []goose.ProviderOption{
		goose.WithTableName("store_migration"),
		goose.WithAllowOutofOrder(true),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	}
	if engine == Postgres { // several instances may be started at once
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, pool, engineFS{fsys, ddl}, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) && partial.Failed != nil {
			// Migrations hold no one's data, so their text may be named.
			return fault.Wrap(fault.Internal, "migration", fmt.Errorf("%s: %w", partial.Failed.Source.Path, partial.Err))
		}
		return cleanFor(engine, err)
	}
	return nil
}

func cleanFor(engine Engine, err error) error {
	if engine == SQLite {
		return cleanSQLite(err)
	}
	return cleanPostgres(err)
}

// engineFS shows migrations as an engine must read them.
type engineFS struct {
	fs.FS
	ddl func(string) string
}

// Open returns a file, an SQL file rewritten.
func (s engineFS) Open(name string) (fs.File, error) {
	if !strings.HasSuffix(name, ".sql") {
		return s.FS.Open(name)
	}
	text, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return nil, err
	}
	out := s.ddl(string(text))
	return &textFile{name: name, Reader: bytes.NewReader([]byte(out)), size: int64(len(out))}, nil
}

// textFile is a file in memory.
type textFile struct {
	*bytes.Reader
	name string
	size int64
}

func (f *textFile) Stat() (fs.FileInfo, error) { return textInfo{f}, nil }
func (f *textFile) Close() error               { return nil }

type textInfo struct{ f *textFile }

func (i textInfo) Name() string       { return i.f.name }
func (i textInfo) Size() int64        { return i.f.size }
func (i textInfo) Mode() fs.FileMode  { return 0o444 }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }

// Migrations returns every migration of this program, for a restore that brings
// an older database into its present form.
func Migrations() fs.FS { return builtin() }
