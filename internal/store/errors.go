package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"causeway/internal/fault"
)

// class is what a database failure means to us.
type class uint8

const (
	classOther     class = iota
	classExists          // unique violation
	classRule            // foreign key, check, not null
	classConflict        // a lost race: run the whole function again
	classLost            // the connection is gone: run the whole function again
	classBusy            // locked or too many connections: run again, then give up
	classFull            // disk full
	classIO              // the disk fails
	classKey             // the file cannot be read with this key
	classCancelled       // the caller has gone
)

// retry reports whether running the whole function again may help.
func (c class) retry() bool { return c == classConflict || c == classLost || c == classBusy }

// endsTransaction reports whether the engine has given up the transaction as a
// whole, so that a savepoint inside it is gone too.
func (c class) endsTransaction() bool { return c != classOther && c != classExists && c != classRule }

// dbError is a database failure stripped of everything that could hold a value:
// drivers quote arguments in their messages.
type dbError struct {
	engine Engine
	class  class
	state  string // SQLSTATE, or SQLite's code
	where  string // constraint, table or column; never a value
}

// Error names engine, state and place.
func (e *dbError) Error() string {
	s := string(e.engine) + " " + e.state
	if e.where != "" {
		s += ": " + e.where
	}
	return s
}

// Is says that a statement broken off for its caller is a cancelled one: the
// engine tells of the interruption, not of the context behind it.
func (e *dbError) Is(target error) bool {
	return e.class == classCancelled && errors.Is(target, context.Canceled)
}

// Failures for tests to return from Config.Fault.
var (
	ErrInjectedConflict error = &dbError{class: classConflict, state: "injected conflict"}
	ErrInjectedLost     error = &dbError{class: classLost, state: "injected loss of connection"}
	ErrInjectedFull     error = &dbError{class: classFull, state: "injected full disk"}
	ErrInjectedIO       error = &dbError{class: classIO, state: "injected disk failure"}
)

// asDB returns the database failure in err's chain, or nil.
func asDB(err error) *dbError {
	var e *dbError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// fault gives a database failure the kind and code that callers act on.
func (e *dbError) fault() error {
	switch e.class {
	case classExists:
		return fault.Wrap(fault.Conflict, "exists", e)
	case classRule:
		return fault.Wrap(fault.Invalid, "rule", e)
	case classConflict, classLost, classBusy, classCancelled:
		return fault.Wrap(fault.Unavailable, "try-again", e)
	case classFull:
		return fault.Wrap(fault.Unavailable, "disk-full", e)
	case classIO:
		return fault.Wrap(fault.Unavailable, "disk-failure", e)
	case classKey:
		return fault.Wrap(fault.Unavailable, "wrong-file-key", e)
	default:
		return fault.Wrap(fault.Internal, "database", e)
	}
}

// clean turns any error of a driver into one of ours; own recognises the
// engine's errors. What nobody recognises is reported by type alone.
func clean(engine Engine, err error, own func(error) *dbError) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled):
		return fault.Wrap(fault.Unavailable, "try-again", context.Canceled)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.Unavailable, "try-again", context.DeadlineExceeded)
	}
	if e := asDB(err); e != nil {
		return e.fault()
	}
	if e := own(err); e != nil {
		return e.fault()
	}
	e := &dbError{engine: engine, class: classOther}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		e.class, e.state = classLost, "connection lost"
	} else if place, ok := scanPlace(err); ok {
		e.state = place
	} else {
		e.state = fmt.Sprintf("unexpected %T", err)
	}
	return e.fault()
}

// redact is for errors that a function returns: a driver's error that slipped
// through, say from Rows.Err, is cleaned, everything else is left as it is.
func redact(s session, err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if _, ok := scanPlace(err); ok || driverError(err) {
		return s.clean(err)
	}
	return err
}

// driverError reports whether err comes from a database driver.
func driverError(err error) bool {
	return asDB(err) != nil || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		sqliteError(err) != nil || postgresError(err) != nil
}

const scanPrefix = "sql: Scan error on column index"

// scanPlace recognises the errors of Scan, which quote the value they could not
// convert, and returns the part before it: the column.
func scanPlace(err error) (string, bool) {
	for e := err; e != nil; e = errors.Unwrap(e) {
		text := e.Error()
		if !strings.HasPrefix(text, scanPrefix) {
			continue
		}
		if i := strings.Index(text, "\": "); i >= 0 { // the column's name is quoted
			text = text[:i+1]
		} else {
			text = scanPrefix
		}
		return text, true
	}
	return "", false
}
