// Package ident makes typed random identifiers, so that a case cannot be passed
// where a person is asked for. Identifiers are never sequential and never
// derived from a person.
//
// Start at [ID] and the list of types below it; [CaseNumber] is the number that
// people read aloud.
package ident

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"causeway/internal/fault"
)

// ID is a 16-byte identifier of one kind of thing. The zero value means "none".
// It is stored as BYTEA and shown as 26 lower-case base-32 characters.
type ID[K any] [16]byte

// The kinds, so that the compiler tells identifiers apart.
type (
	caseKind     struct{}
	personKind   struct{}
	subjectKind  struct{}
	staffKind    struct{}
	unitKind     struct{}
	agencyKind   struct{}
	eventKind    struct{}
	sessionKind  struct{}
	entryKind    struct{}
	commandKind  struct{}
	inviteKind   struct{}
	credKind     struct{}
	viewKind     struct{}
	importKind   struct{}
	documentKind struct{}
	recordKind   struct{}
	needKind     struct{}
	revisionKind struct{}
	captureKind  struct{}
	strandKind   struct{}
	tieKind      struct{}
	approvalKind struct{}
	serviceKind  struct{}
	erasureKind  struct{}
	holdKind     struct{}
	requestKind  struct{}
	glassKind    struct{}
	alarmKind    struct{}

	complaintKind      struct{}
	inquiryKind        struct{}
	recommendationKind struct{}
	wordsKind          struct{}
	groupKind          struct{}
)

// The identifiers of the house.
type (
	Case       = ID[caseKind]     // one child's protection process
	Person     = ID[personKind]   // a child or an adult
	Subject    = ID[subjectKind]  // what one sealing key belongs to (a case, later a conversation, a suspect)
	Staff      = ID[staffKind]    // somebody with an account
	Unit       = ID[unitKind]     // a unit of an agency
	Agency     = ID[agencyKind]   // an organisation with a mandate whose people work on this node
	Group      = ID[groupKind]    // a named set of staff
	Event      = ID[eventKind]    // one thing that happened in a case, such as a note
	Session    = ID[sessionKind]  // one signed-in browser
	Entry      = ID[entryKind]    // a journal entry; begins with its time
	Command    = ID[commandKind]  // one form or API command, for safe replays
	Invitation = ID[inviteKind]   // an invitation to make a credential
	Credential = ID[credKind]     // a passkey, a password or an authenticator app
	View       = ID[viewKind]     // a saved list view
	Import     = ID[importKind]   // one import of cases from a file
	Record     = ID[recordKind]   // one filled form of a case
	Revision   = ID[revisionKind] // a record as it was saved once
	Capture    = ID[captureKind]  // one form filled in without a network
	Document   = ID[documentKind] // a photo, a recording or a paper of a case
	Need       = ID[needKind]     // what a child needs, until it is met or not
	Strand     = ID[strandKind]   // something in a case that goes on and changes, such as a person in the child's life
	Tie        = ID[tieKind]      // what strands of several cases have in common
	Approval   = ID[approvalKind] // something that waits, or waited, for a second person
	Service    = ID[serviceKind]  // an entry of the service directory
	Erasure    = ID[erasureKind]  // a wish that a case be erased, and what became of it
	Hold       = ID[holdKind]     // a legal hold on a case
	Request    = ID[requestKind]  // what somebody asked for by right about a child's data
	Glass      = ID[glassKind]    // one time that somebody opened a case by break-glass
	Alarm      = ID[alarmKind]    // one time that somebody went far beyond what is usual for them

	Complaint      = ID[complaintKind]      // what somebody complains about, until it is answered
	Inquiry        = ID[inquiryKind]        // a look of the oversight into how something was done
	Recommendation = ID[recommendationKind] // what the oversight asks a unit to change
	Words          = ID[wordsKind]          // what was written about one of these, once
)

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns a fresh random identifier. It panics when the machine has no
// randomness, because nothing is safe then.
func New[T ~[16]byte]() T {
	var id T
	b := [16]byte{}
	if _, err := rand.Read(b[:]); err != nil {
		panic("ident: no randomness: " + err.Error())
	}
	id = T(b)
	return id
}

// neighbours is how many identifiers in a row begin with the same random bytes.
const neighbours = 1024

var beside struct {
	sync.Mutex
	first [3]byte
	left  int
}

// Beside returns a fresh random identifier that begins with the same three
// bytes as some hundred made shortly before: the rows lie side by side in their
// table, and a change writes pages that were written a moment ago. It tells no
// time and no order; its other 104 bits are random. Not for secrets.
func Beside[T ~[16]byte]() T {
	b := New[[16]byte]()
	beside.Lock()
	defer beside.Unlock()
	if beside.left == 0 {
		copy(beside.first[:], b[:])
		beside.left = neighbours
	}
	beside.left--
	copy(b[:], beside.first[:])
	return T(b)
}

// NewEntry returns an entry identifier that begins with t in microseconds, so
// that entries sort by time and are written side by side.
func NewEntry(t time.Time) Entry {
	id := New[Entry]()
	binary.BigEndian.PutUint64(id[:8], uint64(t.UnixMicro()))
	return id
}

// EntryTime returns the time an entry identifier begins with.
func EntryTime(e Entry) time.Time {
	return time.UnixMicro(int64(binary.BigEndian.Uint64(e[:8]))).UTC()
}

// SubjectOf returns the key subject of a case: the same random bytes.
func SubjectOf(c Case) Subject { return Subject(c) }

// CaseOf returns the case of a key subject that is a case.
func CaseOf(s Subject) Case { return Case(s) }

// Parse reads an identifier written by [ID.String].
func Parse[T ~[16]byte](s string) (T, error) {
	var id T
	if len(s) != 26 {
		return id, fault.New(fault.NotFound, "no-such-page")
	}
	var b [17]byte
	n, err := encoding.Decode(b[:], []byte(s))
	if err != nil || n != 16 {
		return id, fault.New(fault.NotFound, "no-such-page")
	}
	id = T(b[:16])
	if encoding.EncodeToString(b[:16]) != s { // one spelling per identifier
		var none T
		return none, fault.New(fault.NotFound, "no-such-page")
	}
	return id, nil
}

// String returns the identifier as 26 characters, or "" for none.
func (id ID[K]) String() string {
	if id.IsZero() {
		return ""
	}
	return encoding.EncodeToString(id[:])
}

// IsZero reports whether the identifier is none.
func (id ID[K]) IsZero() bool { return id == ID[K]{} }

// Value stores the identifier as bytes, none as NULL.
func (id ID[K]) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return append([]byte(nil), id[:]...), nil
}

// Scan reads the identifier from bytes, NULL as none.
func (id *ID[K]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID[K]{}
		return nil
	case []byte:
		if len(v) != 16 {
			return fmt.Errorf("identifier of %d bytes", len(v))
		}
		copy(id[:], v)
		return nil
	}
	return fmt.Errorf("identifier from %T", src)
}

// Short returns the first 8 characters of the random half of an identifier, for
// people to compare; it identifies nothing by itself.
func (id ID[K]) Short() string {
	if id.IsZero() {
		return ""
	}
	return encoding.EncodeToString(id[8:])[:8]
}

// numberAlphabet has 23 characters, none of which is easily taken for another
// when read aloud or by hand (no 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V). 23 is prime,
// so that the check character finds every single wrong character and every
// swapped pair of neighbours.
const numberAlphabet = "34679ACDEFGHJKMNPQRTWXY"

// CaseNumber is the number of a case as people write it: 8 random characters
// and a check character, such as "7KQM-T3XA-R" written without dashes.
type CaseNumber string

// NewCaseNumber returns a random case number (about 36 bits).
func NewCaseNumber() CaseNumber {
	var b [8]byte
	for i := range b {
		b[i] = numberAlphabet[randomBelow(len(numberAlphabet))]
	}
	return CaseNumber(string(b[:]) + string(checkCharacter(b[:])))
}

// randomBelow returns an unbiased random number below n, n at most 256.
func randomBelow(n int) int {
	limit := 256 - 256%n
	var b [1]byte
	for {
		if _, err := rand.Read(b[:]); err != nil {
			panic("ident: no randomness: " + err.Error())
		}
		if int(b[0]) < limit {
			return int(b[0]) % n
		}
	}
}

// checkCharacter weighs each place by its number; see numberAlphabet.
func checkCharacter(body []byte) byte {
	sum := 0
	for i, c := range body {
		sum += (i + 2) * strings.IndexByte(numberAlphabet, c)
	}
	return numberAlphabet[sum%len(numberAlphabet)]
}

// lookAlikes maps characters people write instead of one in the alphabet.
// Only spaces, dashes and case are forgiven; a character outside the alphabet
// is an error, never a guess.
var lookAlikes = strings.NewReplacer(" ", "", "-", "", "\u200e", "", "\u200f", "")

// ParseCaseNumber reads a number as a person typed it: any case, with or
// without blanks and dashes. A wrong check character is an Invalid fault.
func ParseCaseNumber(s string) (CaseNumber, error) {
	if len(s) > 64 {
		return "", fault.InvalidField("number", "case-number")
	}
	s = strings.ToUpper(lookAlikes.Replace(s))
	if len(s) != 9 {
		return "", fault.InvalidField("number", "case-number")
	}
	for i := range len(s) {
		if strings.IndexByte(numberAlphabet, s[i]) < 0 {
			return "", fault.InvalidField("number", "case-number")
		}
	}
	if checkCharacter([]byte(s[:8])) != s[8] {
		return "", fault.InvalidField("number", "case-number-check")
	}
	return CaseNumber(s), nil
}

// String returns the number in the groups people read aloud: ABCD-EFGH-J.
func (n CaseNumber) String() string {
	if len(n) != 9 {
		return string(n)
	}
	return string(n[:4]) + "-" + string(n[4:8]) + "-" + string(n[8:])
}
