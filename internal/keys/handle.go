package keys

import (
	"crypto/cipher"
	"fmt"
	"sync/atomic"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// material is what one subject key is expanded to. It is reached only through an
// atomic pointer, which fmt prints as an address.
type material struct {
	subject    ident.Subject
	aead       cipher.AEAD
	mac        *rowMAC
	commitment []byte
}

// Labels under which a subject key is expanded, so that what seals, what
// authenticates rows and what is published say nothing about each other.
const (
	labelSeal   = "causeway/row-seal/1"
	labelMAC    = "causeway/row-mac/1"
	labelCommit = "causeway/commit/1"
)

// newMaterial expands the key of a subject, whose commitment is known already.
func newMaterial(s ident.Subject, ex expander, commitment []byte) *material {
	var seal, mac [keySize]byte
	defer clear(seal[:])
	defer clear(mac[:])
	return &material{
		subject:    s,
		aead:       newAEAD(ex.expand(seal[:0], labelSeal)),
		mac:        newRowMAC(ex.expand(mac[:0], labelMAC)),
		commitment: commitment,
	}
}

// seal encrypts plaintext, bound to its place.
func (m *material) seal(table string, row []byte, version int64, plaintext []byte) []byte {
	var space [96]byte
	return m.aead.Seal(nil, nil, plaintext, place(space[:0], table, row, version))
}

// check compares a stored row MAC with the right one.
func (m *material) check(mac []byte, table string, row []byte, version int64, cols []any) error {
	if !equalMAC(mac, m.mac.sum(table, row, version, cols)) {
		return errAltered
	}
	return nil
}

var (
	errNoKey  = fault.New(fault.Denied, "no-key")
	errClosed = fault.New(fault.Expired, "key-closed")
	// A record that was changed behind the program's back is told to whoever
	// wanted it, so it is not Internal.
	errAltered = fault.New(fault.Unavailable, "record-altered")
)

// Sealer seals and authenticates rows of one subject. It cannot open. Only
// [Custody] makes one; the zero value refuses with kind Denied. It is safe for
// concurrent use.
type Sealer struct{ m atomic.Pointer[material] }

func newSealer(m *material) *Sealer {
	s := &Sealer{}
	s.m.Store(m)
	return s
}

// Subject returns whose key this is.
func (s *Sealer) Subject() ident.Subject {
	if m := s.m.Load(); m != nil {
		return m.subject
	}
	return ident.Subject{}
}

// Commitment returns 32 bytes that bind the subject to this one key and reveal
// nothing of it. The journal entry that creates the subject carries them.
func (s *Sealer) Commitment() []byte {
	if m := s.m.Load(); m != nil {
		return append([]byte(nil), m.commitment...)
	}
	return nil
}

// Seal encrypts v, a struct that may hold sealed values, as the secret part of
// one version of one row.
func (s *Sealer) Seal(table string, row []byte, version int64, v any) ([]byte, error) {
	m := s.m.Load()
	if m == nil {
		return nil, errNoKey
	}
	plaintext, err := sealed.Encode(v)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal", err)
	}
	defer clear(plaintext)
	return m.seal(table, row, version, plaintext), nil
}

// SealRaw encrypts bytes that are already encoded.
func (s *Sealer) SealRaw(table string, row []byte, version int64, plaintext []byte) ([]byte, error) {
	m := s.m.Load()
	if m == nil {
		return nil, errNoKey
	}
	return m.seal(table, row, version, plaintext), nil
}

// MAC authenticates all stored columns of one version of one row, the sealed one
// as its bytes. Columns are integers, truth values, times, texts, bytes,
// identifiers and nil; nil bytes are NULL, empty bytes are not. For any other
// type, and from the zero value, the MAC is nil, which no check accepts.
func (s *Sealer) MAC(table string, row []byte, version int64, cols ...any) []byte {
	m := s.m.Load()
	if m == nil {
		return nil
	}
	return m.mac.sum(table, row, version, cols)
}

// CheckMAC checks what [Sealer.MAC] made over the columns as they are stored, for
// a command that reads a row it is about to write. It answers as
// [Opener.CheckMAC] does.
func (s *Sealer) CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error {
	m := s.m.Load()
	if m == nil {
		return errNoKey
	}
	return m.check(mac, table, row, version, cols)
}

// Close makes the sealer refuse from now on.
func (s *Sealer) Close() { s.m.Store(nil) }

// Format shows nothing, for every verb of fmt.
func (s *Sealer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[sealer]")) }

// Opener opens and checks rows of one subject until a time, for a committed
// journal entry. It cannot seal. Only [Custody] makes one; the zero value
// refuses with kind Denied. It is safe for concurrent use.
type Opener struct {
	m       atomic.Pointer[material]
	subject ident.Subject
	until   time.Time
	clk     clock.Clock
	err     error // why there is no key, for a subject in a list
}

func newOpener(m *material, until time.Time, clk clock.Clock) *Opener {
	o := &Opener{subject: m.subject, until: until, clk: clk}
	o.m.Store(m)
	return o
}

// Subject returns whose key this is.
func (o *Opener) Subject() ident.Subject { return o.subject }

// Until returns the time after which the opener refuses.
func (o *Opener) Until() time.Time { return o.until }

// key returns the key material while it may be used.
func (o *Opener) key() (*material, error) {
	m := o.m.Load()
	switch {
	case o.err != nil:
		return nil, o.err
	case o.clk == nil:
		return nil, errNoKey
	case m == nil:
		return nil, errClosed
	case o.clk.Now().After(o.until):
		o.Close()
		return nil, errClosed
	}
	return m, nil
}

// Open decrypts blob into v, a pointer to the type that was sealed. A blob that
// was edited, or that belongs to another row, version or subject, is
// "record-altered".
func (o *Opener) Open(table string, row []byte, version int64, blob []byte, v any) error {
	plaintext, err := o.OpenRaw(table, row, version, blob)
	if err != nil {
		return err
	}
	defer clear(plaintext)
	return fault.Wrap(fault.Internal, "record-unreadable", sealed.Decode(plaintext, v))
}

// OpenRaw decrypts what [Sealer.SealRaw] made. The caller wipes the result.
func (o *Opener) OpenRaw(table string, row []byte, version int64, blob []byte) ([]byte, error) {
	m, err := o.key()
	if err != nil {
		return nil, err
	}
	var space [96]byte
	plaintext, err := m.aead.Open(nil, nil, blob, place(space[:0], table, row, version))
	if err != nil {
		return nil, errAltered
	}
	return plaintext, nil
}

// CheckMAC checks what [Sealer.MAC] made over the columns as they are stored. A
// row that was edited, or put back from an older version, is "record-altered".
func (o *Opener) CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error {
	m, err := o.key()
	if err != nil {
		return err
	}
	return m.check(mac, table, row, version, cols)
}

// Close makes the opener refuse from now on.
func (o *Opener) Close() { o.m.Store(nil) }

// Format shows nothing, for every verb of fmt.
func (o *Opener) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[opener]")) }
