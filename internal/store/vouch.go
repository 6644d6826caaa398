package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"causeway/internal/fault"
)

// Voucher vouches for the columns of rows, under a key of the room that owns them: a row
// that was changed behind the program's back, or put back, is found.
type Voucher [32]byte

// Digest returns what stands beside the columns of a row of a table. The columns are as
// fmt writes them; two that are written alike are alike.
func (v *Voucher) Digest(table string, cols ...any) []byte {
	m := hmac.New(sha256.New, v[:])
	for _, col := range append([]any{table}, cols...) {
		text := fmt.Append(nil, col)
		m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		m.Write(text)
	}
	return m.Sum(nil)[:16]
}

// Check refuses (Internal, "record-altered") a row that this program did not write as it is.
func (v *Voucher) Check(mac []byte, table string, cols ...any) error {
	if subtle.ConstantTimeCompare(mac, v.Digest(table, cols...)) != 1 {
		return fault.New(fault.Internal, "record-altered")
	}
	return nil
}
