package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"causeway/internal/clock"
	"causeway/internal/fault"
)

// Stmt is one statement of a [Tx.Batch].
type Stmt struct {
	SQL  string
	Args []any
	// Affected, where it is not nil, receives the number of rows changed.
	Affected *int64
}

// Tx is one transaction. It belongs to the goroutine that runs its function and
// ends with it.
//
// A statement that fails dooms the transaction on both engines, as PostgreSQL
// has it: later statements return the same error and nothing is committed,
// unless the failure happened inside a [Tx.Savepoint].
type Tx struct {
	session session
	now     time.Time
	fault   func(op string) error

	doomed error     // first failed statement, nil while all is well
	rows   *sql.Rows // rows of the last query, perhaps still open
	hooks  []func()  // to run after the commit
	last   []Stmt    // to run with the commit
	puts   []Stmt    // to run with the next statement that goes out
	keeps  bool      // statements of Put are kept
	ended  bool
	memo   map[any]any // of Memo
}

// session runs statements on the connection of a transaction.
type session interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
	batch(ctx context.Context, stmts []Stmt) error
	// Savepoints have no context of the caller's: half a savepoint is a state
	// nobody may see. rollbackTo releases the savepoint as well.
	savepoint() error
	release() error
	rollbackTo() error
	// clean turns a driver's error into one of ours.
	clean(err error) error
}

func newTx(s session, cfg *Config) *Tx {
	return &Tx{session: s, now: cfg.Clock.Now(), fault: cfg.Fault}
}

// Now returns the time of the transaction: the same for all its statements.
func (tx *Tx) Now() time.Time { return tx.now }

// Micros returns the time of the transaction as the database stores it.
func (tx *Tx) Micros() int64 { return clock.Micros(tx.now) }

// OnCommit registers fn to run after the transaction is committed, in the
// goroutine that called [DB.Write]. It does not run when the transaction fails,
// and once only when it was retried.
func (tx *Tx) OnCommit(fn func()) { tx.hooks = append(tx.hooks, fn) }

// Memo returns what make made in this transaction the first time key was asked for: rows
// that are read again and again. Whoever changes what it was made of changes it too, or
// forgets it ([Tx.Forget]). A savepoint that is undone forgets everything.
func (tx *Tx) Memo(key any, make func() (any, error)) (any, error) {
	if v, ok := tx.memo[key]; ok {
		return v, nil
	}
	v, err := make()
	if err != nil {
		return nil, err
	}
	if tx.memo == nil {
		tx.memo = map[any]any{}
	}
	tx.memo[key] = v
	return v, nil
}

// Forget has [Tx.Memo] make what it is asked for anew.
func (tx *Tx) Forget(key any) { delete(tx.memo, key) }

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.goesOut(ctx, "exec"); err != nil {
		return 0, err
	}
	args, err := portable(args)
	if err != nil {
		return 0, tx.fail(err)
	}
	n, err := tx.session.exec(ctx, query, args)
	if err != nil {
		return 0, tx.fail(tx.session.clean(err))
	}
	return n, nil
}

// Put runs a statement whose number of rows nobody needs, such as an insert. On
// PostgreSQL it goes out together with the next statement of another kind, or
// with the commit: rows that are written one after the other cost one round
// trip. A failure is then that one's, and the transaction's.
func (tx *Tx) Put(ctx context.Context, query string, args ...any) error {
	if !tx.keeps {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}
	if err := tx.ready(ctx, "exec"); err != nil {
		return err
	}
	stmts := []Stmt{{SQL: query, Args: args}}
	if err := portableAll(stmts); err != nil {
		return tx.fail(err)
	}
	tx.puts = append(tx.puts, stmts...)
	return nil
}

// flush sends what Put has kept.
func (tx *Tx) flush(ctx context.Context) error {
	if len(tx.puts) == 0 {
		return nil
	}
	stmts := tx.puts
	tx.puts = nil
	if err := tx.session.batch(ctx, stmts); err != nil {
		return tx.fail(tx.session.clean(err))
	}
	return nil
}

// Query runs a query. The caller closes the rows or reads them to their end
// before the next statement, and checks their Err.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.goesOut(ctx, "query"); err != nil {
		return nil, err
	}
	args, err := portable(args)
	if err != nil {
		return nil, tx.fail(err)
	}
	rows, err := tx.session.query(ctx, query, args)
	if err != nil {
		return nil, tx.fail(tx.session.clean(err))
	}
	tx.rows = rows
	return rows, nil
}

// QueryRow runs a query for one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{tx: tx, rows: rows, err: err}
}

// Batch runs statements in order: in one round trip on PostgreSQL, in turn on
// SQLite. The first failure stops it.
func (tx *Tx) Batch(ctx context.Context, stmts ...Stmt) error {
	if len(stmts) == 0 {
		return nil
	}
	if err := tx.goesOut(ctx, "batch"); err != nil {
		return err
	}
	if err := portableAll(stmts); err != nil {
		return tx.fail(err)
	}
	if err := tx.session.batch(ctx, stmts); err != nil {
		return tx.fail(tx.session.clean(err))
	}
	return nil
}

// Last puts statements at the very end of the transaction: they run in order
// after its function has returned nil, on PostgreSQL in the same round trip as
// the commit. A failure is the transaction's. Use it for rows that the rest of
// the transaction does not read, above all its journal entry.
func (tx *Tx) Last(stmts ...Stmt) error {
	if err := tx.ready(context.Background(), "batch"); err != nil {
		return err
	}
	if err := portableAll(stmts); err != nil {
		return tx.fail(err)
	}
	tx.last = append(tx.last, stmts...)
	return nil
}

func portableAll(stmts []Stmt) error {
	for i := range stmts {
		args, err := portable(stmts[i].Args)
		if err != nil {
			return err
		}
		stmts[i].Args = args
	}
	return nil
}

// Savepoint runs fn; when fn fails, everything it did in the database is undone
// and its error returned, and the transaction goes on. Hooks of OnCommit and
// statements of Last that fn registered are dropped with it.
func (tx *Tx) Savepoint(ctx context.Context, fn func() error) error {
	if err := tx.goesOut(ctx, "savepoint"); err != nil {
		return err
	}
	if err := tx.control(tx.session.savepoint()); err != nil {
		return err
	}
	hooks, last := len(tx.hooks), len(tx.last)
	done := false
	// A panic or a runtime.Goexit in fn ends the whole transaction: whoever
	// runs it rolls back, so there is nothing to undo here.
	defer func() {
		if !done {
			tx.doom(errAbandoned)
		}
	}()
	err := fn()
	done = true
	tx.closeRows()
	if err == nil {
		err = tx.doomed
	}
	if err == nil {
		err = tx.flush(ctx)
	}
	if err == nil {
		return tx.control(tx.session.release())
	}
	tx.puts = nil
	clear(tx.memo)
	if cause := asDB(tx.doomed); cause != nil && cause.class.endsTransaction() {
		return err // the whole transaction is gone, and with it the savepoint
	}
	tx.doomed = nil
	tx.hooks, tx.last = tx.hooks[:hooks], tx.last[:last]
	if undo := tx.control(tx.session.rollbackTo()); undo != nil {
		return undo
	}
	return err
}

// control passes on the result of a savepoint statement.
func (tx *Tx) control(err error) error {
	if err != nil {
		return tx.fail(tx.session.clean(err))
	}
	return nil
}

var (
	errAbandoned = errors.New("store: function left its transaction")
	errEnded     = errors.New("store: transaction used after its function returned")
	errRowsOpen  = errors.New("store: rows of the last query are still open")
)

// ready reports why no further statement may run, nil if one may.
func (tx *Tx) ready(ctx context.Context, op string) error {
	switch {
	case tx.ended:
		return fault.Wrap(fault.Internal, "database", errEnded)
	case tx.doomed != nil:
		return tx.doomed
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(fault.Unavailable, "try-again", err)
	}
	if tx.rows != nil {
		// Columns is the one way to ask closed rows whether they are closed.
		// PostgreSQL would answer "connection busy"; both engines shall agree.
		if _, err := tx.rows.Columns(); err == nil {
			return tx.fail(fault.Wrap(fault.Internal, "database", errRowsOpen))
		}
		tx.rows = nil
	}
	if tx.fault != nil {
		if err := tx.fault(op); err != nil {
			return tx.fail(tx.session.clean(err))
		}
	}
	return nil
}

// goesOut reports why no statement may go out now, nil if one may: what Put has
// kept is out then.
func (tx *Tx) goesOut(ctx context.Context, op string) error {
	if err := tx.ready(ctx, op); err != nil {
		return err
	}
	return tx.flush(ctx)
}

// fail records err as the reason why the transaction cannot go on.
func (tx *Tx) fail(err error) error {
	tx.doom(err)
	return err
}

func (tx *Tx) doom(err error) {
	if tx.doomed == nil {
		tx.doomed = err
	}
}

func (tx *Tx) closeRows() {
	if tx.rows != nil {
		_ = tx.rows.Close() // its error, if any, was the query's to report
		tx.rows = nil
	}
}

// end closes the transaction to further use and returns the error that decides
// its fate: fn's own, or the statement failure that fn overlooked. A failure
// worth retrying wins over whatever fn made of it.
func (tx *Tx) end(err error) error {
	tx.closeRows()
	tx.ended = true
	if cause := asDB(tx.doomed); cause != nil && cause.class.retry() {
		return tx.doomed
	}
	if err == nil {
		return tx.doomed
	}
	return redact(tx.session, err)
}

// Row is the answer to a query for one row.
type Row struct {
	tx   *Tx
	rows *sql.Rows
	err  error
}

// Scan copies the row's columns, and returns a fault of kind NotFound when there
// is no row.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.tx.closeRows()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return r.tx.fail(r.tx.session.clean(err))
		}
		return fault.New(fault.NotFound, "not-found")
	}
	if err := r.rows.Scan(dest...); err != nil {
		return redact(r.tx.session, err)
	}
	return nil
}

// portable turns arguments into the few types both engines take, and refuses
// text that only one of them would store.
func portable(args []any) ([]any, error) {
	for i, arg := range args {
		switch v := arg.(type) {
		case nil, int64, bool, []byte:
			continue
		case int:
			args[i] = int64(v)
			continue
		case string:
			if !storable(v) {
				return nil, fault.New(fault.Invalid, "text")
			}
			continue
		}
		v, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, "database", errArgument)
		}
		switch v := v.(type) {
		case nil, int64, bool, []byte:
		case string:
			if !storable(v) {
				return nil, fault.New(fault.Invalid, "text")
			}
		default: // floats and times have no column type of ours
			return nil, fault.Wrap(fault.Internal, "database", errArgument)
		}
		args[i] = v
	}
	return args, nil
}

var errArgument = errors.New("store: argument of a type no column has")

// storable reports whether PostgreSQL would take s too: valid UTF-8 without NUL.
func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
