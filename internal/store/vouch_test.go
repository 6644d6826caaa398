package store_test

import (
	"bytes"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/store"
)

// TestVoucher: the digest depends on the key, the table, every column and where each ends.
func TestVoucher(t *testing.T) {
	v, other := store.Voucher{1}, store.Voucher{2}
	want := v.Digest("a_row", "id", int64(7), true)
	if err := v.Check(want, "a_row", "id", int64(7), true); err != nil {
		t.Errorf("as it was written: %v", err)
	}
	for name, got := range map[string][]byte{
		"another key": other.Digest("a_row", "id", int64(7), true), "another table": v.Digest("b_row", "id", int64(7), true),
		"another column": v.Digest("a_row", "id", int64(8), true), "a column less": v.Digest("a_row", "id", int64(7)),
		"cut elsewhere": v.Digest("a_row", "id7", true),
	} {
		if bytes.Equal(got, want) {
			t.Errorf("%s has the same digest", name)
		}
		if err := v.Check(got, "a_row", "id", int64(7), true); fault.CodeOf(err) != "record-altered" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
