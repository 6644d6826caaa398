package journal_test

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// general is a strict decoder made by others: it must agree with ours.
var general = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField, UTF8: cbor.UTF8RejectInvalid,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

var deterministic = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func bytesOf(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// fullHeader has every field.
func fullHeader() *journal.Header {
	id := ident.NewEntry(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	return &journal.Header{
		Version: 1, ID: id[:], Salt: bytesOf(16), Node: "XA-test", Epoch: 300, At: ident.EntryTime(id).UnixMicro(),
		Clock: journal.ClockStepped, Actor: bytesOf(16), Strength: "passkey", Session: bytesOf(16), OnBehalf: bytesOf(16),
		Role: "case_worker", Unit: bytesOf(16), Via: "web", Zone: "inside", Action: journal.Update, What: "case.note",
		Purpose: "case-work", Basis: "case-worker-works-on-own-case", Subjects: [][]byte{bytesOf(16)},
		Rows: []journal.RowState{
			{Table: "casework_case", Row: bytesOf(16), Version: 1 << 40, MAC: bytesOf(16)},
			{Table: "casework_event", Row: bytesOf(16), Version: -7, MAC: nil},
			{Table: "casework_event", Row: nil, Version: 0, MAC: []byte{}},
		},
		Outcome: journal.OK, Reason: "none", Cause: bytesOf(16), Command: bytesOf(16), Count: 70_000,
		Commitments: [][]byte{bytesOf(32), bytesOf(32)}, Payload: bytesOf(32), Prev: bytesOf(32), Chained: true,
	}
}

func bareHeader() *journal.Header {
	full := fullHeader()
	return &journal.Header{Version: 1, ID: full.ID, Salt: full.Salt, Node: "n", Epoch: 1, At: full.At, Action: "READ", Outcome: "ok"}
}

func mustEncode(t testing.TB, h *journal.Header) []byte {
	t.Helper()
	b, err := deterministic.Marshal(journal.Written(h))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHeaderIsReadBack(t *testing.T) {
	for name, want := range map[string]*journal.Header{"full": fullHeader(), "bare": bareHeader()} {
		t.Run(name, func(t *testing.T) {
			b := mustEncode(t, want)
			got, err := journal.ParseHeader(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(journal.RowState{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if again := mustEncode(t, got); !bytes.Equal(again, b) {
				t.Errorf("encoded again: %x, want %x", again, b)
			}
		})
	}
}

func TestHeaderReaderIsStrict(t *testing.T) {
	b := mustEncode(t, bareHeader())
	two := bareHeader()
	two.Rows = []journal.RowState{{Table: "t"}, {Table: "t"}}
	rows := mustEncode(t, two)
	replaced := func(old, new []byte) []byte { return bytes.Replace(b, old, new, 1) }
	id := append([]byte{2, 0x50}, bareHeader().ID[:0]...)
	tests := map[string][]byte{
		"empty":                  {},
		"cut":                    b[:len(b)-1],
		"trailing byte":          append(bytes.Clone(b), 0),
		"not a map":              {0x80},
		"version in two bytes":   replaced([]byte{1, 1, 2}, []byte{1, 0x18, 1, 2}),
		"indefinite map":         append(append([]byte{0xbf}, b[1:]...), 0xff),
		"tagged version":         replaced([]byte{1, 1, 2}, []byte{1, 0xc1, 1, 2}),
		"other version":          replaced([]byte{1, 1, 2}, []byte{1, 2, 2}),
		"unknown key":            append(append([]byte{b[0] + 1}, b[1:]...), 0x18, 31, 0),
		"key out of order":       append(append([]byte{b[0] + 1}, b[1:]...), 8, 0x41, 0),
		"key twice":              append(append([]byte{b[0] + 1}, b[1:]...), 22, 0x62, 'o', 'k'),
		"key as text":            append(append([]byte{b[0] + 1}, b[1:]...), 0x61, 'x', 0),
		"optional field empty":   append(append([]byte{b[0] + 1}, b[1:]...), 23, 0x60),
		"a table named again":    bytes.Replace(rows, []byte{0x84, 0x60}, []byte{0x84, 0x61, 't'}, 1),
		"rows of no table":       bytes.Replace(rows, []byte{0x84, 0x61, 't'}, []byte{0x84, 0x60}, 1),
		"false written out":      append(append([]byte{b[0] + 1}, b[1:]...), 0x18, 30, 0xf4),
		"empty list":             append(append([]byte{b[0] + 1}, b[1:]...), 0x18, 27, 0x80),
		"text that is not UTF-8": append(append([]byte{b[0] + 1}, b[1:]...), 23, 0x61, 0xff),
		"a float":                append(append([]byte{b[0] + 1}, b[1:]...), 0x18, 26, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0),
		"number too large":       append(append([]byte{b[0] + 1}, b[1:]...), 0x18, 26, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"string without an end":  append(append([]byte{b[0] + 1}, b[1:]...), 23, 0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"short identifier":       replaced(id, []byte{2, 0x4f}),
		"too long":               make([]byte, 1<<16),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			if h, err := journal.ParseHeader(b); err == nil {
				t.Errorf("accepted as %+v", h)
			}
		})
	}
}

// FuzzHeader: what our reader accepts, the general one reads alike, and encoding
// it gives the same bytes.
func FuzzHeader(f *testing.F) {
	f.Add(mustEncode(f, fullHeader()))
	f.Add(mustEncode(f, bareHeader()))
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := journal.ParseHeader(b)
		if err != nil {
			return
		}
		var other journal.Header
		if err := general.Unmarshal(b, &other); err != nil {
			t.Fatalf("the general reader refuses what ours accepts: %v", err)
		}
		if diff := cmp.Diff(&other, journal.Written(h), cmpopts.IgnoreUnexported(journal.RowState{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read differently (-general +ours):\n%s", diff)
		}
		if again := mustEncode(t, h); !bytes.Equal(again, b) {
			t.Errorf("encoded again: %x, want %x", again, b)
		}
	})
}

func BenchmarkParseHeader(b *testing.B) {
	header := mustEncode(b, fullHeader())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := journal.ParseHeader(header); err != nil {
			b.Fatal(err)
		}
	}
}
