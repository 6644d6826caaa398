package journal

import (
	"errors"
	"math"
	"unicode/utf8"
)

// The reader of headers knows the one shape a header has and accepts exactly
// the bytes that encoding the result gives again: deterministic CBOR (RFC 8949,
// section 4.2.1), keys of the schema only, in order and once, nothing empty that
// would be left out, nothing behind the end. It is written by hand because
// verification reads millions of headers.

var errHeader = errors.New("journal header: not in the strict form")

// Bounds of a header, far above what the program writes.
const (
	mostSubjects    = 4096
	mostRows        = 1024
	mostCommitments = 64
)

// The major types of CBOR that a header holds.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorOther = 7

	simpleFalse = 20
	simpleTrue  = 21
	simpleNull  = 22
)

// decoder walks through the bytes. Once bad it stays bad and returns zeros.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() { d.b, d.bad = nil, true }

// head reads the first bytes of an item: its major type and number, which must
// be in the shortest form.
func (d *decoder) head() (major byte, n uint64) {
	if len(d.b) == 0 {
		d.fail()
		return majorOther, 0
	}
	first := d.b[0]
	major, low := first>>5, first&31
	d.b = d.b[1:]
	if low < 24 {
		return major, uint64(low)
	}
	width := 1 << (low - 24)
	if low > 27 || len(d.b) < width {
		d.fail()
		return majorOther, 0
	}
	for _, c := range d.b[:width] {
		n = n<<8 | uint64(c)
	}
	d.b = d.b[width:]
	shortest := n >= 24
	if width > 1 {
		shortest = n>>(4*width) != 0
	}
	if !shortest {
		d.fail()
		return majorOther, 0
	}
	return major, n
}

// length reads the head of an item of one major type, no larger than most.
func (d *decoder) length(want byte, most uint64) int {
	major, n := d.head()
	if major != want || n > most {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) integer() int64 {
	major, n := d.head()
	if n > math.MaxInt64 || major > majorNint {
		d.fail()
		return 0
	}
	if major == majorNint {
		return -1 - int64(n)
	}
	return int64(n)
}

// span reads a byte or text string; it shares the header's memory.
func (d *decoder) span(want byte) []byte {
	n := d.length(want, uint64(len(d.b)))
	if n > len(d.b) {
		d.fail()
		return nil
	}
	s := d.b[:n:n]
	d.b = d.b[n:]
	return s
}

func (d *decoder) bytes() []byte { return d.span(majorBytes) }

// bytesOrNull reads bytes that the encoder writes as null when they are nil.
func (d *decoder) bytesOrNull() []byte {
	if len(d.b) > 0 && d.b[0] == majorOther<<5|simpleNull {
		d.b = d.b[1:]
		return nil
	}
	return d.bytes()
}

func (d *decoder) text() string {
	s := d.span(majorText)
	if !utf8.Valid(s) {
		d.fail()
		return ""
	}
	return known(s)
}

// Fields that are left out when empty must not stand there empty.

func (d *decoder) someInteger() int64 {
	n := d.integer()
	if n == 0 {
		d.fail()
	}
	return n
}

func (d *decoder) someBytes() []byte {
	b := d.bytes()
	if len(b) == 0 {
		d.fail()
	}
	return b
}

func (d *decoder) someText() string {
	s := d.text()
	if s == "" {
		d.fail()
	}
	return s
}

func (d *decoder) isTrue() bool {
	major, n := d.head()
	if major != majorOther || n != simpleTrue {
		d.fail()
	}
	return true
}

// many reads a list of byte strings into the memory of old.
func (d *decoder) many(old [][]byte, most uint64) [][]byte {
	n := d.length(majorArray, most)
	if n == 0 {
		d.fail()
	}
	old = old[:0]
	for range n {
		if d.bad {
			return nil
		}
		old = append(old, d.bytesOrNull())
	}
	return old
}

// tableBefore returns the table of the last of some rows, "" for none.
func tableBefore(rows []RowState) string {
	if len(rows) == 0 {
		return ""
	}
	return rows[len(rows)-1].Table
}

func (d *decoder) rows(old []RowState) []RowState {
	n := d.length(majorArray, mostRows)
	if n == 0 {
		d.fail()
	}
	old = old[:0]
	for range n {
		if d.length(majorArray, 4) != 4 {
			d.fail()
		}
		if d.bad {
			return nil
		}
		r := RowState{Table: d.text(), Row: d.bytesOrNull(), Version: d.integer(), MAC: d.bytesOrNull()}
		switch before := tableBefore(old); {
		case r.Table == "" && before != "":
			r.Table = before
		case r.Table == before:
			d.fail()
			return nil
		}
		old = append(old, r)
	}
	return old
}

// header reads a whole header into h, whose lists are used again.
func (d *decoder) header(h *Header) error {
	*h = Header{Subjects: h.Subjects[:0], Rows: h.Rows[:0], Commitments: h.Commitments[:0]}
	n := d.length(majorMap, 64)
	before := int64(0)
	for range n {
		key := d.integer()
		if key <= before {
			d.fail()
		}
		if d.bad {
			return errHeader
		}
		before = key
		d.field(h, key)
	}
	if d.bad || len(d.b) > 0 {
		return errHeader
	}
	return nil
}

// field reads the value of one key; the numbers are those of [Header].
//
//lint:allow size one line for each field of the schema
func (d *decoder) field(h *Header, key int64) {
	switch key {
	case 1:
		h.Version = d.integer()
	case 2:
		h.ID = d.bytes()
	case 3:
		h.Salt = d.bytes()
	case 4:
		h.Node = d.text()
	case 5:
		h.Epoch = d.integer()
	case 6:
		h.At = d.integer()
	case 7:
		h.Clock = d.someInteger()
	case 8:
		h.Actor = d.someBytes()
	case 9:
		h.Strength = d.someText()
	case 10:
		h.Session = d.someBytes()
	case 11:
		h.OnBehalf = d.someBytes()
	case 12:
		h.Role = d.someText()
	case 13:
		h.Unit = d.someBytes()
	case 14:
		h.Via = d.someText()
	case 15:
		h.Zone = d.someText()
	case 16:
		h.Action = d.text()
	case 17:
		h.What = d.someText()
	case 18:
		h.Purpose = d.someText()
	case 19:
		h.Basis = d.someText()
	case 20:
		h.Subjects = d.many(h.Subjects, mostSubjects)
	case 21:
		h.Rows = d.rows(h.Rows)
	case 22:
		h.Outcome = d.text()
	case 23:
		h.Reason = d.someText()
	case 24:
		h.Cause = d.someBytes()
	case 25:
		h.Command = d.someBytes()
	case 26:
		h.Count = d.someInteger()
	case 27:
		h.Commitments = d.many(h.Commitments, mostCommitments)
	case 28:
		h.Payload = d.someBytes()
	case 29:
		h.Prev = d.someBytes()
	case 30:
		h.Chained = d.isTrue()
	default:
		d.fail()
	}
}

// codes are the words that headers repeat; reading one makes no new string.
var codes = func() map[string]string {
	m := map[string]string{}
	for _, s := range []string{
		Create, Read, List, Update, Decide, Export, Print, Grant, Revoke, Login, Logout, Review, Erase, Restore,
		KeyRotate, Configure, Upgrade, Clock, Start, Shutdown, Import, Backup, BreakGlass, OK, Denied, Failed,
		"passkey", "password", "totp", "job", "shell", "web", "cli", "demo", "import", "inside", "outside", "loopback",
		"case_worker", "first_responder", "supervisor", "node_operator", "auditor", "case-work", "supervision", "audit", "maintenance",
		"casework_case", "casework_event", "person_person",
		"case.register", "case.open", "case.note", "case.list", "case.update", "case.contact", "case.risk", "case.stage",
	} {
		m[s] = s
	}
	return m
}()

// known returns b as a string, without allocating where the word is common.
func known(b []byte) string {
	if s, ok := codes[string(b)]; ok {
		return s
	}
	return string(b)
}
