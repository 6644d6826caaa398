package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"causeway/internal/fault"
)

// The file. Measured together, at one million cases, on two cores.
const (
	pageSize = 4096
	// Until the file has 262,144 pages, SQLite goes through the whole table of the
	// writer's cache at nearly every commit (pages moved in a balance pass through
	// the number of the lock page): a larger one costs more than it saves.
	writerCache = 8 << 10  // KiB of page cache of the writer
	readerCache = 32 << 10 // KiB of page cache of each reader
	// The log is copied into the file whenever it has grown by this many pages:
	// often enough that it stays small and its blocks are written over (which
	// syncs faster than a growing file), seldom enough that pages which change
	// often are copied once for many changes.
	checkpointPages = 8000
	walLimit        = 64 << 20 // bytes the log is cut to after a checkpoint
	busyMillis      = 10000    // wait for another process (verify, migrate)
	statementCache  = 512      // prepared statements kept per connection
)

// sqliteEngine is one file with a writer connection and a pool of readers.
type sqliteEngine struct {
	cfg         Config
	writer      *writer
	readers     *readers
	checkpoints *checkpointer
	pools       []*sql.DB // to close at the end
}

func createSQLite(ctx context.Context, cfg Config) (err error) {
	if len(cfg.FileKey) != 32 {
		return fault.New(fault.Invalid, "file-key-length")
	}
	f, err := os.OpenFile(cfg.Path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fault.New(fault.Conflict, "database-exists")
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "disk-failure", fmt.Errorf("create database file: %w", err))
	}
	defer func() {
		if err != nil {
			for _, name := range sqliteFiles(cfg.Path) {
				_ = os.Remove(name) // ours: made a moment ago
			}
		}
	}()
	if err := f.Close(); err != nil {
		return fmt.Errorf("create database file: %w", err)
	}
	pool, err := sqlitePool(cfg, 1, writerSetup)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := runMigrations(ctx, SQLite, pool, cfg.Migrations); err != nil {
		return cleanSQLite(err)
	}
	if err := pool.Close(); err != nil {
		return cleanSQLite(err)
	}
	return syncDir(filepath.Dir(cfg.Path))
}

// sqliteFiles names the files of a database.
func sqliteFiles(path string) []string {
	return []string{path, path + "-wal", path + "-shm", path + "-journal"}
}

// syncDir makes the names of new files durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

func openSQLite(ctx context.Context, cfg Config) (*sqliteEngine, error) {
	pool, err := existingSQLite(ctx, cfg)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{cfg: cfg, pools: []*sql.DB{pool}}
	if err := e.connect(ctx, pool); err != nil {
		return nil, errors.Join(cleanSQLite(err), e.close())
	}
	return e, nil
}

func (e *sqliteEngine) connect(ctx context.Context, pool *sql.DB) error {
	if err := checkSchema(ctx, SQLite, pool, e.cfg.Migrations); err != nil {
		return err
	}
	reading, err := sqlitePool(e.cfg, e.cfg.Readers, readerSetup)
	if err != nil {
		return err
	}
	e.pools = append(e.pools, reading)
	if e.readers, err = newReaders(ctx, reading, &e.cfg); err != nil {
		return err
	}
	c, err := newSQLiteConn(ctx, pool, e.cfg.Path)
	if err != nil {
		return err
	}
	e.writer = newWriter(c, &e.cfg)
	e.checkpoints, err = newCheckpointer(e.cfg, e.writer)
	return err
}

// existingSQLite returns the pool of one writer connection to a file that is
// there, is ours and opens with the key.
func existingSQLite(ctx context.Context, cfg Config) (*sql.DB, error) {
	if len(cfg.FileKey) != 32 {
		return nil, fault.New(fault.Invalid, "file-key-length")
	}
	if err := looksEncrypted(cfg.Path); err != nil {
		return nil, err
	}
	pool, err := sqlitePool(cfg, 1, writerSetup)
	if err != nil {
		return nil, err
	}
	var version, unfinished int
	err = pool.QueryRowContext(ctx, `PRAGMA schema_version`).Scan(&version)
	if err == nil {
		err = pool.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&unfinished)
	}
	switch {
	case err != nil:
		err = cleanSQLite(err)
	case os.Chmod(cfg.Path+"-shm", 0o600) != nil:
		// The driver makes the log's index readable for everybody.
		err = fault.New(fault.Unavailable, "disk-failure")
	case unfinished != 0:
		err = fault.New(fault.Unavailable, "incomplete-restore")
	}
	if err != nil {
		_ = pool.Close() // the first error is the one to report
		return nil, err
	}
	return pool, nil
}

// looksEncrypted refuses files that cannot be ours whatever the key.
func looksEncrypted(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Unavailable, "no-database")
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "disk-failure", fmt.Errorf("open database file: %w", err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.Wrap(fault.Unavailable, "disk-failure", fmt.Errorf("open database file: %w", err))
	}
	var head [16]byte
	_, err = io.ReadFull(f, head[:])
	if err != nil || info.Size()%4096 != 0 || string(head[:15]) == "SQLite format 3" {
		return fault.New(fault.Unavailable, "not-a-database")
	}
	return nil
}

// sqlitePool opens connections that setup prepares. The key goes in by PRAGMA on
// the open connection, not in the data source name, which errors may quote.
func sqlitePool(cfg Config, size int, setup func(*sqlite3.Conn) error) (*sql.DB, error) {
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("database path: %w", err)
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	// modeof: the log and its index get the permissions of the file.
	name := "file:" + escaped + "?vfs=" + sqliteVFS + "&mode=rw&modeof=" + escaped + "&_txlock=immediate"
	key := hex.EncodeToString(cfg.FileKey)
	pool, err := driver.Open(name, func(c *sqlite3.Conn) error {
		if c.Exec(`PRAGMA hexkey='`+key+`'`) != nil {
			return &dbError{engine: SQLite, class: classKey, state: "file key refused"}
		}
		if err := setup(c); err != nil {
			return err
		}
		return syncsFully(c)
	})
	if err != nil {
		return nil, &dbError{engine: SQLite, class: classOther, state: "data source name refused"}
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool, nil
}

// syncsFully refuses a connection that would answer a commit before the log is
// with the disk: [walFile] rests on it.
func syncsFully(c *sqlite3.Conn) error {
	stmt, _, err := c.Prepare(`PRAGMA synchronous`)
	if err != nil {
		return err
	}
	defer stmt.Close()
	const full = 2
	if !stmt.Step() || stmt.ColumnInt(0) < full {
		return errors.Join(stmt.Err(), &dbError{engine: SQLite, class: classOther, state: "synchronous is not FULL"})
	}
	return nil
}

func pragmas(c *sqlite3.Conn, list ...string) error {
	for _, p := range list {
		if err := c.Exec(`PRAGMA ` + p); err != nil {
			return err
		}
	}
	return nil
}

func writerSetup(c *sqlite3.Conn) error {
	return pragmas(c,
		"busy_timeout="+strconv.Itoa(busyMillis),
		"page_size="+strconv.Itoa(pageSize), // has effect on a new file only
		"journal_mode=WAL",
		"synchronous=FULL", // a commit that was answered survives the power cut
		"foreign_keys=ON",
		"temp_store=MEMORY",
		"secure_delete=ON",
		"cache_size=-"+strconv.Itoa(writerCache),
		"wal_autocheckpoint="+strconv.Itoa(checkpointPages),
		"journal_size_limit="+strconv.Itoa(walLimit),
	)
}

func readerSetup(c *sqlite3.Conn) error {
	return pragmas(c,
		"busy_timeout="+strconv.Itoa(busyMillis),
		"query_only=ON",
		"synchronous=FULL",
		"foreign_keys=ON",
		"temp_store=MEMORY",
		"cache_size=-"+strconv.Itoa(readerCache),
	)
}

// scanSetup is for reading every page once: a cache would be of no use.
func scanSetup(c *sqlite3.Conn) error {
	if err := readerSetup(c); err != nil {
		return err
	}
	return pragmas(c, "cache_size=-2048")
}

func (e *sqliteEngine) close() error {
	var errs []error
	if e.writer != nil {
		errs = append(errs, e.writer.close())
	}
	if e.checkpoints != nil {
		errs = append(errs, e.checkpoints.close())
	}
	if e.readers != nil {
		errs = append(errs, e.readers.close())
	}
	for _, pool := range e.pools {
		errs = append(errs, pool.Close())
	}
	return cleanSQLite(errors.Join(errs...))
}

// cleanSQLite turns the driver's errors into ours.
func cleanSQLite(err error) error { return clean(SQLite, err, sqliteError) }

// sqliteError recognises an error of SQLite.
func sqliteError(err error) *dbError {
	var e *sqlite3.Error
	var ec sqlite3.ExtendedErrorCode
	var pc sqlite3.ErrorCode
	switch {
	case errors.As(err, &e):
		ec = e.ExtendedCode()
	case errors.As(err, &ec):
	case errors.As(err, &pc):
		ec = sqlite3.ExtendedErrorCode(pc)
	default:
		return nil
	}
	out := &dbError{engine: SQLite, class: sqliteClass(ec), state: strconv.Itoa(int(ec))}
	if code := sqlite3.ErrorCode(ec & 0xff); e != nil && (code == sqlite3.CONSTRAINT || code == sqlite3.ERROR) {
		// These two name columns and pieces of the statement, which is a
		// constant; SQLite never puts a bound value into them.
		out.where = strings.TrimPrefix(e.Error(), "sqlite3: ")
	}
	return out
}

func sqliteClass(code sqlite3.ExtendedErrorCode) class {
	switch code {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_ROWID:
		return classExists
	case sqlite3.CONSTRAINT_FOREIGNKEY, sqlite3.CONSTRAINT_CHECK,
		sqlite3.CONSTRAINT_NOTNULL, sqlite3.CONSTRAINT_DATATYPE:
		return classRule
	}
	switch sqlite3.ErrorCode(code & 0xff) {
	case sqlite3.BUSY, sqlite3.LOCKED:
		return classBusy
	case sqlite3.FULL:
		return classFull
	case sqlite3.IOERR, sqlite3.CANTOPEN, sqlite3.CORRUPT, sqlite3.READONLY:
		return classIO
	case sqlite3.NOTADB:
		return classKey
	case sqlite3.INTERRUPT:
		return classCancelled
	}
	return classOther
}
