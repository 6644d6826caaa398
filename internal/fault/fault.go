// Package fault gives errors a kind, so that a caller can tell apart the
// outcomes it must treat differently and a door can map them to a status in
// one place.
//
// It never carries a person's data or an input value: a fault names the field
// and a message code, the words come from package locale. Start at [Kind] and
// [New].
package fault

import (
	"errors"
	"fmt"
)

// Kind is the coarse outcome of a failed operation.
type Kind uint8

// The kinds. Internal is the zero value on purpose: an error nobody classified
// shows only a reference number outside.
const (
	Internal    Kind = iota // a programming or environment fault
	Invalid                 // the input breaks a rule; Fields says where
	NotFound                // no such record, or not for this caller
	Denied                  // the caller may not; outside it looks like NotFound
	Conflict                // a lost race: somebody changed the record first
	Expired                 // a session, invitation or proof is too old
	Unavailable             // disk full, database away, queue full: try later
)

var kindNames = [...]string{"internal", "invalid", "not-found", "denied", "conflict", "expired", "unavailable"}

// String returns the kind's name as used in logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Field is one rejected input field: its form name and a message code.
type Field struct {
	Name string // form field name, such as "birth_year"
	Code string // message code below "error.", such as "too-long"
}

// Error is a failure with a kind and a message code.
type Error struct {
	Kind   Kind
	Code   string  // message code below "error.", such as "disk-full"; never input
	Fields []Field // for Invalid: every rejected field
	Err    error   // the cause, for the log only
}

// New returns an error of a kind with a message code.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Wrap gives cause a kind and a message code. A nil cause stays nil.
func Wrap(kind Kind, code string, cause error) error {
	if cause == nil {
		return nil
	}
	return &Error{Kind: kind, Code: code, Err: cause}
}

// InvalidField returns an Invalid fault about one field.
func InvalidField(name, code string) *Error {
	return &Error{Kind: Invalid, Code: "check-fields", Fields: []Field{{name, code}}}
}

// Error returns kind and code, the rejected fields with their codes, and the
// cause where there is one.
func (e *Error) Error() string {
	if len(e.Fields) > 0 {
		return fmt.Sprintf("%s (%s) %v", e.Code, e.Kind, e.Fields)
	}
	if e.Err != nil {
		return fmt.Sprintf("%s (%s): %v", e.Code, e.Kind, e.Err)
	}
	return fmt.Sprintf("%s (%s)", e.Code, e.Kind)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the outermost fault in err's chain, Internal for
// any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the message code of the outermost fault in err's chain, or "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// FieldsOf returns the rejected fields of the outermost fault in err's chain.
func FieldsOf(err error) []Field {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Check collects rejected fields while an input is validated.
// The zero value is ready to use.
type Check struct{ fields []Field }

// Reject notes that field name breaks the rule with the given message code.
func (c *Check) Reject(name, code string) { c.fields = append(c.fields, Field{name, code}) }

// Require rejects field name with code unless ok.
func (c *Check) Require(ok bool, name, code string) {
	if !ok {
		c.Reject(name, code)
	}
}

// Err returns nil, or one Invalid fault with every rejected field.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "check-fields", Fields: c.fields}
}
