package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql/driver"
	"encoding/binary"
	"hash"
	"reflect"
	"sync"
	"time"

	"causeway/internal/clock"
)

// MACSize is the length of a row MAC.
const MACSize = 16

// place appends the canonical form of (table, row, version): what a sealed blob
// and a row MAC are bound to. Each part has its length in front, so that no two
// places look the same.
func place(dst []byte, table string, row []byte, version int64) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(table)))
	dst = append(dst, table...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(row)))
	dst = append(dst, row...)
	return binary.BigEndian.AppendUint64(dst, uint64(version))
}

// Tags of the columns in a row MAC. Integers, truth values and times share one,
// because the engines hand them back in different types.
const (
	tagNull   = 0
	tagNumber = 1
	tagBytes  = 2
	tagText   = 3
)

// column appends one column, or reports false for a type that no column has.
func column(dst []byte, col any) ([]byte, bool) {
	switch v := col.(type) {
	case nil:
		return append(dst, tagNull), true
	case int64:
		return number(dst, v), true
	case int:
		return number(dst, int64(v)), true
	case bool:
		if v {
			return number(dst, 1), true
		}
		return number(dst, 0), true
	case string:
		dst = binary.BigEndian.AppendUint64(append(dst, tagText), uint64(len(v)))
		return append(dst, v...), true
	case []byte:
		if v == nil {
			return append(dst, tagNull), true
		}
		dst = binary.BigEndian.AppendUint64(append(dst, tagBytes), uint64(len(v)))
		return append(dst, v...), true
	case time.Time:
		return number(dst, clock.Micros(v)), true
	}
	return unusualColumn(dst, col)
}

func number(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, tagNumber), uint64(n))
}

// unusualColumn handles identifiers and named types.
func unusualColumn(dst []byte, col any) ([]byte, bool) {
	rv := reflect.ValueOf(col)
	if rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return append(dst, tagNull), true
		}
		return column(dst, rv.Elem().Interface())
	}
	if v, ok := col.(driver.Valuer); ok {
		plain, err := v.Value()
		if err != nil || !driver.IsValue(plain) {
			return dst, false
		}
		return column(dst, plain)
	}
	switch rv.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return number(dst, rv.Int()), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return number(dst, int64(rv.Uint())), rv.Uint() < 1<<63
	case reflect.Bool:
		return column(dst, rv.Bool())
	case reflect.String:
		return column(dst, rv.String())
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			return column(dst, rv.Bytes())
		}
	}
	return dst, false
}

// rowMAC computes the MACs of one subject's rows.
type rowMAC struct {
	mu      sync.Mutex // a handle may serve several requests; guards the two below
	h       hash.Hash
	scratch []byte
}

func newRowMAC(key []byte) *rowMAC { return &rowMAC{h: hmac.New(sha256.New, key)} }

// sum returns the MAC over the place and every column, nil for a column of a
// type that no column has.
func (m *rowMAC) sum(table string, row []byte, version int64, cols []any) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	buf := place(m.scratch[:0], table, row, version)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(cols)))
	ok := true
	for _, col := range cols {
		if buf, ok = column(buf, col); !ok {
			break
		}
	}
	m.scratch = buf
	defer clear(buf)
	if !ok {
		return nil
	}
	m.h.Reset()
	_, _ = m.h.Write(buf) // a hash never fails
	return m.h.Sum(nil)[:MACSize:MACSize]
}

// equalMAC compares in constant time; nothing equals a missing MAC.
func equalMAC(a, b []byte) bool {
	return len(a) == MACSize && subtle.ConstantTimeCompare(a, b) == 1
}
