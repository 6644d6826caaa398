// Package sealed holds values about a person in types that cannot be printed by
// accident: every verb of fmt, the structured log, error texts and templates
// show "[sealed]", and JSON, XML, SQL arguments and plain text encodings are
// refused.
//
// It never shows a value unless Reveal is called, and the house test lists the
// packages that may call it. Encode and Decode exist for package keys alone,
// which seals what they make. Start at [Text]; [Date] and [Bytes] are its
// sisters.
//
// # Why a pointer
//
// fmt prints the contents of unexported fields without calling their methods. A
// type that wraps a string therefore leaks from inside another struct. A pointer
// is printed as an address, but a pointer to a struct, slice, array or map is
// followed when the verb does not fit a pointer (%s, %q). So these types hold a
// pointer to a pointer, of which fmt prints at most the address. The leak table
// in the tests keeps that promise.
//
// # Limits
//
// Wipe overwrites the copy held here. Copies made by Reveal, by the CBOR
// encoder's buffers, by the garbage collector when it moves stacks, or by the
// operating system when it swaps, are beyond reach. Run the node without core
// dumps and with encrypted swap or none.
package sealed

import (
	"crypto/subtle"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
)

// shown is what every printer gets to see instead of a value.
const shown = "[sealed]"

// errRefused is the answer to every encoder but our own.
var errRefused = errors.New("sealed: a sealed value does not go into this encoding")

// hidden is the copy of the value that a handle leads to.
type hidden struct {
	self *hidden // what handles point at, so that two pointers cost one allocation
	b    []byte
}

// handle is what Text, Date and Bytes have in common: a pointer, and methods
// that answer every way of printing. It is embedded so that the three types
// cannot drift apart.
type handle struct{ p **hidden }

func newHandle(b []byte) handle {
	h := &hidden{b: b}
	h.self = h
	return handle{&h.self}
}

// bytes returns the value itself, nil when there is none.
func (v handle) bytes() []byte {
	if v.p == nil {
		return nil
	}
	return (*v.p).b
}

// IsZero reports whether there is no value at all; an empty value is not zero.
func (v handle) IsZero() bool { return v.p == nil }

// Wipe overwrites the value, for every copy of this handle. Afterwards it reads
// as empty. It must not run beside another use of the same value.
func (v handle) Wipe() {
	if v.p != nil {
		h := *v.p
		clear(h.b)
		h.b = h.b[:0]
	}
}

// Format prints "[sealed]" for every verb and flag of package fmt.
func (handle) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(shown)) } // fmt keeps its own error

// String returns "[sealed]".
func (handle) String() string { return shown }

// GoString returns "[sealed]".
func (handle) GoString() string { return shown }

// LogValue logs "[sealed]".
func (handle) LogValue() slog.Value { return slog.StringValue(shown) }

// MarshalJSON refuses: showing a value needs Reveal.
func (handle) MarshalJSON() ([]byte, error) { return nil, errRefused }

// UnmarshalJSON refuses: a value is made by its constructor, which checks it.
func (handle) UnmarshalJSON([]byte) error { return errRefused }

// MarshalText refuses, and with it XML, map keys and flags.
func (handle) MarshalText() ([]byte, error) { return nil, errRefused }

// MarshalBinary refuses, and with it gob.
func (handle) MarshalBinary() ([]byte, error) { return nil, errRefused }

// Value refuses to become an argument of an SQL statement: what is stored is
// the sealed blob.
func (handle) Value() (driver.Value, error) { return nil, errRefused }

// equal compares two values without telling by its time where they differ.
func (v handle) equal(w handle) bool {
	return v.IsZero() == w.IsZero() && subtle.ConstantTimeCompare(v.bytes(), w.bytes()) == 1
}
